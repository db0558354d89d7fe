using Yarp.ReverseProxy.Forwarder;

namespace Fairlead.Forwarding;

internal sealed partial class ForwardStage
{
    [LoggerMessage(EventId = 310, Level = LogLevel.Warning, Message = "{Upstream} cannot be used: {Problem}")]
    private partial void LogUnusable(string upstream, string problem);

    [LoggerMessage(EventId = 311, Level = LogLevel.Debug, Message = "{Upstream}: the client went away ({Error})")]
    private partial void LogClientGone(string upstream, ForwarderError error);

    [LoggerMessage(EventId = 312, Level = LogLevel.Warning, Message = "{Upstream}: an answer was cut in the middle ({Error}): {Detail}")]
    private partial void LogCut(string upstream, ForwarderError error, string detail);

    [LoggerMessage(EventId = 313, Level = LogLevel.Warning, Message = "{Upstream}: no answer ({Reason}): {Detail}")]
    private partial void LogFailed(string upstream, RefusalReason reason, string detail);
}
