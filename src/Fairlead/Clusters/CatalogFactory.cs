using System.Net;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Credentials.Minting;
using Fairlead.Kubernetes.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Clusters;

/// <summary>Builds the catalogue from the sources. A source or a cluster that fails, fails alone (contract F49).</summary>
internal sealed partial class CatalogFactory(
    ClusterSources sources, RemoteSources remote, ClusterFinder finder, Minters minters, NameResolver resolve, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<CatalogFactory>();
    private HashSet<string> _said = [];

    /// <summary>Builds the catalogue of <paramref name="options"/>.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="previous">The catalogue in force: clusters whose definition did not change are taken over as they are.</param>
    public ClusterCatalog Build(GatewayOptions options, ClusterCatalog? previous)
    {
        var kept = previous?.Clusters.ToDictionary(static cluster => cluster.Definition) ?? [];
        var found = FoundClusters.By(options, sources, remote);
        Say(found.Problems);
        var opened = new List<Cluster>();
        var clusters = found.Definitions
            .Select(definition => options.InsecureSkipTlsVerify ? definition with { Connection = definition.Connection with { InsecureSkipTlsVerify = true } } : definition)
            .Select(definition => kept.GetValueOrDefault(definition) ?? Open(definition, options.Timeouts, opened))
            .ToList();
        var catalog = new ClusterCatalog(clusters, found.Files, found.Problems);
        finder.Use(catalog);
        foreach (var unknown in UnknownIn(options.ServiceProxy, catalog))
        {
            LogUnknown(unknown);
        }

        foreach (var cluster in opened.Where(cluster => !string.Equals(catalog.AddressableName(cluster), cluster.Definition.Name, StringComparison.Ordinal)))
        {
            LogAmbiguous(cluster.Definition.Name, cluster.Definition.QualifiedName, ClusterNames.ForUrl(cluster.Definition.QualifiedName));
        }

        // Hundreds of clusters have hundreds of keys to read, and nobody waits for that.
        _ = Task.Run(() => LookAt(opened));
        return catalog;
    }

    /// <summary>The catalogue for a command that ends with its answer: every source is asked once, and waited for.</summary>
    public static async Task<(ClusterCatalog Catalog, IReadOnlyList<SourceState> Sources)> BuildOnceAsync(GatewayOptions options, ClusterSources sources, CancellationToken cancellationToken)
    {
        var (time, loggers, finder) = (TimeProvider.System, NullLoggerFactory.Instance, new ClusterFinder());
        NameResolver resolve = Dns.GetHostAddressesAsync;
        var remote = new RemoteSources(new RemoteSourceReader(finder, resolve, RemoteSourceReader.GoogleAsync), time);
        var factory = new CatalogFactory(sources, remote, finder, new Minters(finder, time, loggers), resolve, time, loggers);
        var catalog = factory.Build(options, previous: null);
        ClusterLocator.Remote[] locators = [.. options.ClusterLocators.OfType<ClusterLocator.Remote>()];
        if (locators.Length > 0)
        {
            await Task.WhenAll(locators.Select(locator => remote.AskAsync(locator, cancellationToken)));
            catalog = factory.Build(options, catalog);
        }

        return (catalog, SourceState.All(options, catalog, remote));
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

    private Cluster Open(ClusterDefinition definition, TimeoutOptions timeouts, List<Cluster> opened)
    {
        var cluster = new Cluster(definition, timeouts, minters, resolve, time, loggers);
        opened.Add(cluster);
        return cluster;
    }

    private void LookAt(List<Cluster> opened)
    {
        foreach (var cluster in opened)
        {
            if (FindProblem(cluster.Definition, time) is { } problem)
            {
                LogClusterProblem(cluster.Definition.QualifiedName, problem);
            }
        }
    }

    /// <summary>Each problem once, and again when it comes back.</summary>
    private void Say(IReadOnlyList<(string Source, string Problem)> problems)
    {
        var said = _said;
        _said = [.. problems.Select(static one => one.Problem)];
        foreach (var (source, problem) in problems.Where(one => !said.Contains(one.Problem)))
        {
            LogSourceProblem(source, problem);
        }
    }
}
