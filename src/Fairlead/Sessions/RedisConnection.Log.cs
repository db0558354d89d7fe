namespace Fairlead.Sessions;

internal sealed partial class RedisConnection
{
    [LoggerMessage(EventId = 721, Level = LogLevel.Warning, Message = "The session store {Address} is not connected ({Kind}); until it is, nobody can sign in, and requests with a session are refused")]
    private partial void LogLost(RedisAddress address, string kind);

    [LoggerMessage(EventId = 722, Level = LogLevel.Information, Message = "The session store {Address} is connected again")]
    private partial void LogFound(RedisAddress address);

    [LoggerMessage(EventId = 723, Level = LogLevel.Debug, Message = "The session store {Address} did not answer: {Kind}")]
    private partial void LogFailed(RedisAddress address, string kind);
}
