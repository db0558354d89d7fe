namespace Fairlead.Configuration;

internal sealed partial class ConfigurationReloader
{
    [LoggerMessage(EventId = 601, Level = LogLevel.Information, Message = "The configuration was reloaded: {Clusters} clusters")]
    private partial void LogReloaded(int clusters);

    [LoggerMessage(EventId = 602, Level = LogLevel.Error, Message = "The changed configuration is refused, the last good one serves on: {Error}")]
    private partial void LogRefused(string error);

    [LoggerMessage(EventId = 604, Level = LogLevel.Error, Message = "The changed configuration could not be put into force, the last good one serves on")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(EventId = 603, Level = LogLevel.Warning, Message = "Changed, and in force after a restart only: {Keys}")]
    private partial void LogNeedsRestart(string keys);
}
