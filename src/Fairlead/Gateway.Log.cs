using Fairlead.Doors;

namespace Fairlead;

internal sealed partial class Gateway
{
    [LoggerMessage(EventId = 101, Level = LogLevel.Debug, Message = "Refused at the {Door} door: {Reason} (cluster '{Cluster}')")]
    private partial void LogRefused(RefusalReason reason, Door door, string? cluster);

    [LoggerMessage(EventId = 102, Level = LogLevel.Error, Message = "A request failed in the gateway")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 103, Level = LogLevel.Warning, Message = "Cluster '{Cluster}': no credential: {Problem}")]
    private partial void LogNoCredential(string cluster, string? problem);
}
