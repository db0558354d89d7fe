namespace Fairlead.Draining;

internal sealed partial class Drain
{
    [LoggerMessage(EventId = 1011, Level = LogLevel.Information, Message = "The gateway was told to stop: {Connections} connections; new ones are taken for {Delay} more, then open requests and streams have {Budget}; another signal cuts this short")]
    private partial void LogBegun(int connections, TimeSpan delay, TimeSpan budget);

    [LoggerMessage(EventId = 1012, Level = LogLevel.Information, Message = "No more connections are taken; {Connections} are open")]
    private partial void LogClosed(int connections);

    [LoggerMessage(EventId = 1013, Level = LogLevel.Warning, Message = "The time to stop is over: {Connections} connections are cut")]
    private partial void LogCut(int connections);

    [LoggerMessage(EventId = 1014, Level = LogLevel.Information, Message = "All requests have ended, after {Time}")]
    private partial void LogOver(TimeSpan time);

    [LoggerMessage(EventId = 1015, Level = LogLevel.Error, Message = "What is open could not be ended in order; the gateway stops all the same")]
    private partial void LogFailed(Exception exception);
}
