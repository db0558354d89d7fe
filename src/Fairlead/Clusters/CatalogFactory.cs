using System.Net;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Clusters;

/// <summary>Builds the catalogue from the sources. A source or a cluster that fails, fails alone (contract F49).</summary>
internal sealed partial class CatalogFactory(ClusterSources sources, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<CatalogFactory>();

    /// <summary>Builds the catalogue of <paramref name="options"/>.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="previous">The catalogue in force: clusters whose definition did not change are taken over as they are.</param>
    public ClusterCatalog Build(GatewayOptions options, ClusterCatalog? previous)
    {
        var kept = previous?.Clusters.ToDictionary(static cluster => cluster.Definition) ?? [];
        var clusters = new List<Cluster>();
        foreach (var locator in options.ClusterLocators)
        {
            var read = sources(locator);
            foreach (var problem in read.Problems)
            {
                LogSourceProblem(locator.Name, problem);
            }

            clusters.AddRange(read.Clusters
                .Select(definition => options.InsecureSkipTlsVerify ? definition with { Connection = definition.Connection with { InsecureSkipTlsVerify = true } } : definition)
                .Select(definition => kept.GetValueOrDefault(definition) ?? Open(definition, options.Timeouts)));
        }

        var catalog = new ClusterCatalog(clusters);
        foreach (var unknown in UnknownIn(options.ServiceProxy, catalog))
        {
            LogUnknown(unknown);
        }

        foreach (var cluster in clusters.Where(cluster => !string.Equals(catalog.AddressableName(cluster), cluster.Definition.Name, StringComparison.Ordinal)))
        {
            LogAmbiguous(cluster.Definition.Name, cluster.Definition.QualifiedName, ClusterNames.ForUrl(cluster.Definition.QualifiedName));
        }

        return catalog;
    }

    /// <summary>What <c>serviceProxy</c> says of clusters that no source knows: a misspelt name would otherwise protect nothing, in silence.</summary>
    public static IEnumerable<string> UnknownIn(ServiceProxyOptions options, ClusterCatalog catalog)
    {
        if (options.DefaultCluster is { } own && catalog.Find(own) is not ClusterLookup.Found)
        {
            yield return $"serviceProxy.defaultCluster: no single cluster is called '{own}'";
        }

        foreach (var service in options.Services.Where(service => catalog.Find(service.Cluster) is ClusterLookup.Unknown))
        {
            yield return $"serviceProxy.services: no cluster is called '{service.Cluster}', so nothing of what is said of {service.Namespace}/{service.Name} is in force";
        }
    }

    private Cluster Open(ClusterDefinition definition, TimeoutOptions timeouts)
    {
        if (FindProblem(definition, time) is { } problem)
        {
            LogClusterProblem(definition.QualifiedName, problem);
        }

        return new Cluster(definition, timeouts, static (host, cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken), time, loggers);
    }

    /// <summary>What keeps a cluster from working, as far as it can be told without the network; null when nothing does.</summary>
    public static string? FindProblem(ClusterDefinition definition, TimeProvider time)
    {
        if (definition.Problem is { } problem)
        {
            return problem;
        }

        try
        {
            var material = TlsMaterial.Load(definition.Connection, definition.Credential.Certificate);
            return material.ClientNotAfter is { } end && end <= time.GetUtcNow().UtcDateTime
                ? $"the client certificate has expired at {end:u}; renew clientCertFile and clientKeyFile"
                : null;
        }
        catch (TlsMaterialException exception)
        {
            return exception.Message;
        }
    }
}
