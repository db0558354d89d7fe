namespace Fairlead.Audit;

internal sealed partial class AuditTrail
{
    [LoggerMessage(EventId = 501, Level = LogLevel.Error, Message = "The audit file cannot be written; requests that change something are refused when the queue is full")]
    private partial void LogFailing(Exception exception);

    [LoggerMessage(EventId = 502, Level = LogLevel.Warning, Message = "The audit queue is full; the record of a read was dropped")]
    private partial void LogDropped();

    [LoggerMessage(EventId = 503, Level = LogLevel.Error, Message = "The process ends, and {Count} audit records could not be written")]
    private partial void LogLost(int count);
}
