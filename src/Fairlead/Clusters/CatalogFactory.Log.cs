namespace Fairlead.Clusters;

internal sealed partial class CatalogFactory
{
    [LoggerMessage(EventId = 204, Level = LogLevel.Warning, Message = "{Problem}")]
    private partial void LogUnknown(string problem);

    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "Cluster source '{Source}': {Problem}")]
    private partial void LogSourceProblem(string source, string problem);

    [LoggerMessage(EventId = 202, Level = LogLevel.Warning, Message = "Cluster '{Cluster}' cannot be used: {Problem}")]
    private partial void LogClusterProblem(string cluster, string problem);

    [LoggerMessage(EventId = 205, Level = LogLevel.Warning, Message = "Cluster '{Cluster}': {Risk}")]
    private partial void LogClusterRisk(string cluster, string risk);

    [LoggerMessage(EventId = 203, Level = LogLevel.Warning, Message = "Several clusters go by the name '{Name}': address this one as '{Qualified}', in a URL as '{InUrl}'")]
    private partial void LogAmbiguous(string name, string qualified, string inUrl);
}
