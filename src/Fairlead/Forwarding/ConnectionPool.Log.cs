namespace Fairlead.Forwarding;

internal sealed partial class ConnectionPool
{
    [LoggerMessage(EventId = 301, Level = LogLevel.Information, Message = "{Owner}: certificates were exchanged; new connections use the new ones")]
    private partial void LogReloaded(string owner);

    [LoggerMessage(EventId = 302, Level = LogLevel.Warning, Message = "{Owner}: changed certificates cannot be used, the last good ones serve on")]
    private partial void LogKept(Exception exception, string owner);
}
