using Yarp.ReverseProxy.Forwarder;

namespace Fairlead.Forwarding;

internal sealed partial class ForwardStage
{
    [LoggerMessage(EventId = 310, Level = LogLevel.Warning, Message = "Cluster '{Cluster}' cannot be used: {Problem}")]
    private partial void LogUnusable(string cluster, string problem);

    [LoggerMessage(EventId = 311, Level = LogLevel.Debug, Message = "Cluster '{Cluster}': the client went away ({Error})")]
    private partial void LogClientGone(string cluster, ForwarderError error);

    [LoggerMessage(EventId = 312, Level = LogLevel.Warning, Message = "Cluster '{Cluster}': an answer was cut in the middle ({Error}): {Detail}")]
    private partial void LogCut(string cluster, ForwarderError error, string detail);

    [LoggerMessage(EventId = 313, Level = LogLevel.Warning, Message = "Cluster '{Cluster}': no answer ({Reason}): {Detail}")]
    private partial void LogFailed(string cluster, RefusalReason reason, string detail);
}
