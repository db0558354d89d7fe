using Yarp.ReverseProxy.Forwarder;

namespace Fairlead.Forwarding;

internal sealed partial class ForwardStage
{
    [LoggerMessage(EventId = 310, Level = LogLevel.Warning, Message = "Cluster '{Cluster}': its certificates cannot be used")]
    private partial void LogUnusable(Exception exception, string cluster);

    [LoggerMessage(EventId = 311, Level = LogLevel.Debug, Message = "Cluster '{Cluster}': the client went away ({Error})")]
    private partial void LogClientGone(string cluster, ForwarderError error);

    [LoggerMessage(EventId = 312, Level = LogLevel.Warning, Message = "Cluster '{Cluster}': an answer was cut in the middle ({Error})")]
    private partial void LogCut(Exception? exception, string cluster, ForwarderError error);

    [LoggerMessage(EventId = 313, Level = LogLevel.Warning, Message = "Cluster '{Cluster}': no answer ({Reason})")]
    private partial void LogFailed(Exception? exception, string cluster, RefusalReason reason);
}
