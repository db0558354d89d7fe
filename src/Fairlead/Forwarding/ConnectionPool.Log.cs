namespace Fairlead.Forwarding;

internal sealed partial class ConnectionPool
{
    [LoggerMessage(EventId = 301, Level = LogLevel.Information, Message = "Cluster '{Cluster}': certificates were exchanged; new connections use the new ones")]
    private partial void LogReloaded(string cluster);

    [LoggerMessage(EventId = 302, Level = LogLevel.Warning, Message = "Cluster '{Cluster}': changed certificates cannot be used, the last good ones serve on")]
    private partial void LogKept(Exception exception, string cluster);

    [LoggerMessage(EventId = 303, Level = LogLevel.Warning, Message = "Cluster '{Cluster}': the client certificate has expired at {NotAfter:u}; the cluster will refuse it. Renew the certificate and the key")]
    private partial void LogExpired(string cluster, DateTime notAfter);
}
