using System.Collections.Concurrent;
using System.Net;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Credentials.Minting;
using Fairlead.Kubernetes.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Clusters;

/// <summary>Builds the catalogue from the sources. A source or a cluster that fails, fails alone (contract F49).</summary>
internal sealed partial class CatalogFactory(
    ClusterSources sources, RemoteSources remote, Minters minters, NameResolver resolve, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<CatalogFactory>();
    private readonly ConcurrentQueue<Cluster> _unseen = new();
    private readonly Dictionary<ClusterLocator, ClusterSourceResult> _lastRead = [];
    private HashSet<string> _said = [];

    /// <summary>Builds the catalogue of <paramref name="options"/>.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="previous">The catalogue in force: clusters whose definition did not change are taken over as they are.</param>
    public ClusterCatalog Build(GatewayOptions options, ClusterCatalog? previous)
    {
        var kept = previous?.Clusters.ToDictionary(static cluster => cluster.Definition) ?? [];
        var found = FoundClusters.By(options, sources, remote, _lastRead);
        Say(found.Problems);
        var opened = new List<Cluster>();
        var clusters = found.Definitions
            .Select(definition => options.InsecureSkipTlsVerify ? definition with { Connection = definition.Connection with { InsecureSkipTlsVerify = true } } : definition)
            .Select(definition => kept.GetValueOrDefault(definition) ?? Open(definition, options, opened))
            .ToList();
        var catalog = new ClusterCatalog(clusters, found.Files, found.Problems, found.FullNameOnly);
        foreach (var unknown in UnknownIn(options.ServiceProxy, catalog))
        {
            LogUnknown(unknown);
        }

        foreach (var cluster in opened.Where(cluster => !string.Equals(catalog.AddressableName(cluster), cluster.Definition.Name, StringComparison.Ordinal)))
        {
            LogAmbiguous(cluster.Definition.Name, cluster.Definition.QualifiedName, ClusterNames.ForUrl(cluster.Definition.QualifiedName));
        }

        opened.ForEach(_unseen.Enqueue);
        return catalog;
    }

    /// <summary>Says what is wrong with clusters that are new. Apart from building them: hundreds of clusters have hundreds of certificates and keys to read, and nobody should wait for that.</summary>
    public void LookAtNew()
    {
        while (_unseen.TryDequeue(out var cluster))
        {
            if (FindProblem(cluster.Definition, time) is { } problem)
            {
                LogClusterProblem(cluster.Definition.QualifiedName, problem);
            }

            if (FindRisk(cluster.Definition) is { } risk)
            {
                LogClusterRisk(cluster.Definition.QualifiedName, risk);
            }
        }
    }

    /// <summary>The catalogue for a command that ends with its answer: every source is asked once, and waited for.</summary>
    public static async Task<(ClusterCatalog Catalog, IReadOnlyList<SourceState> Sources)> BuildOnceAsync(GatewayOptions options, ClusterSources sources, CancellationToken cancellationToken)
    {
        var (time, loggers, finder) = (TimeProvider.System, NullLoggerFactory.Instance, new ClusterFinder());
        NameResolver resolve = Dns.GetHostAddressesAsync;
        var remote = new RemoteSources(new RemoteSourceReader(finder, resolve, RemoteSourceReader.GoogleAsync), time);
        var factory = new CatalogFactory(sources, remote, new Minters(finder, time, loggers), resolve, time, loggers);
        var catalog = factory.Build(options, previous: null);
        finder.Use(catalog);

        // Secrets that describe clusters may be held by a cluster that another source gives.
        var locators = options.ClusterLocators.OfType<ClusterLocator.Remote>().ToLookup(static locator => locator is ClusterLocator.ClusterSecrets);
        foreach (var next in new[] { locators[false], locators[true] }.Where(static next => next.Any()))
        {
            await Task.WhenAll(next.Select(locator => remote.AskAsync(locator, cancellationToken)));
            catalog = factory.Build(options, catalog);
            finder.Use(catalog);
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
        if ((definition.Problem ?? (definition.Credential as CredentialDefinition.Unavailable)?.Problem) is { } problem)
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

    /// <summary>What makes a cluster less safe than it could be; null for nothing.</summary>
    public static string? FindRisk(ClusterDefinition definition) =>
        definition.Connection.InsecureSkipTlsVerify ? "its certificate is not checked (skipTLSVerify), so anybody on the way can pretend to be this cluster, and gets the tokens that are sent there" : null;

    private Cluster Open(ClusterDefinition definition, GatewayOptions options, List<Cluster> opened)
    {
        var cluster = new Cluster(definition, options, minters, resolve, time, loggers);
        opened.Add(cluster);
        return cluster;
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
