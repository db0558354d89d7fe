namespace Fairlead.Clusters.Sources;

internal sealed partial class SourceRefresher
{
    [LoggerMessage(EventId = 211, Level = LogLevel.Information, Message = "The clusters have changed: {Clusters} in all")]
    private partial void LogChanged(int clusters);

    [LoggerMessage(EventId = 212, Level = LogLevel.Warning, Message = "Cluster source '{Source}' {Problem}; what it said last stands, and it is asked again")]
    private partial void LogFailed(string source, string problem);

    [LoggerMessage(EventId = 213, Level = LogLevel.Information, Message = "Cluster source '{Source}' answers again")]
    private partial void LogAnswers(string source);

    [LoggerMessage(EventId = 214, Level = LogLevel.Error, Message = "The changed clusters could not be put into force, the last ones serve on")]
    private partial void LogBroken(Exception exception);
}
