using System.Diagnostics.Metrics;
using Fairlead.Access;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Credentials.Minting;

namespace Fairlead.Management.Metrics;

/// <summary>What is known of clusters, their sources and their credentials when somebody asks. Series of a cluster that is gone are gone too.</summary>
internal sealed class ClusterMetrics
{
    private const string Upstream = "fairlead.upstream";
    private static readonly string[] _reviews = MetricTags.NamesOf<ReviewResult>();

    private readonly GatewayState _state;
    private readonly RemoteSources _remote;
    private readonly ClusterSeries _series;

    /// <summary>Makes the instruments.</summary>
    public ClusterMetrics(GatewayMeter gateway, GatewayState state, RemoteSources remote, Minters minters, ClusterSeries series, TimeProvider time)
    {
        (_state, _remote, _series) = (state, remote, series);
        var meter = gateway.Meter;
        meter.CreateObservableUpDownCounter("fairlead.upstream.connections.open", () => Connections(static counts => counts.Open), "{connection}", "Connections to API servers and Services that are open.");
        meter.CreateObservableCounter("fairlead.upstream.connections.attempts", () => Connections(static counts => counts.Attempts), "{connection}", "Connections to API servers and Services that were tried.");
        meter.CreateObservableCounter("fairlead.upstream.connections.failures", () => Connections(static counts => counts.Failures), "{connection}", "Connections that came to nothing before TLS.");
        meter.CreateObservableCounter("fairlead.access.reviews", Reviews, "{review}", "Questions what callers may do, by how they ended; remembered ones were not asked.");
        meter.CreateObservableGauge("fairlead.cluster.failing", () => OfClusters(static cluster => cluster.Contact.IsFailing ? 1 : 0), "{cluster}", "1 while a cluster has not answered since it could not be reached.");
        meter.CreateObservableGauge("fairlead.cluster.last_contact.time", () => OfClusters(static cluster => cluster.Contact.ReachedAt?.ToUnixTimeSeconds()), "s", "When a cluster has answered last, as Unix time.");
        meter.CreateObservableGauge(
            "fairlead.credential.time_to_expiry", () => OfClusters(cluster => cluster.Credentials is MintingSource { ExpiresAt: { } end } && end > time.GetUtcNow() ? (long)(end - time.GetUtcNow()).TotalSeconds : null),
            "s", "How long the credential that was obtained for a cluster is good for; nothing where none is held.");
        meter.CreateObservableCounter("fairlead.credential.mints", () => Mints(minters), "{credential}", "Credentials that were obtained, or were to be.");
        meter.CreateObservableGauge("fairlead.cluster_source.failing", () => OfSources(static source => source.Failure is null ? 0 : 1), "{source}", "1 while a source of clusters gives none, or none but those it gave before.");
        meter.CreateObservableGauge("fairlead.cluster_source.clusters", () => OfSources(static source => source.Clusters), "{cluster}", "Clusters of a source that are served.");
        meter.CreateObservableGauge("fairlead.cluster_source.problems", () => OfSources(static source => source.Problems.Count), "{problem}", "What is wrong with single clusters of a source.");
    }

    private List<Measurement<long>> Connections(Func<Kubernetes.Connections.ConnectionCounts, long> count)
    {
        var sums = new Dictionary<(string Cluster, string Upstream), long>();
        foreach (var cluster in _state.Current.Catalog.Clusters)
        {
            Add(sums, (LabelOf(cluster), "api_server"), count(cluster.Upstream.Connections));
            if (cluster.Definition.IsDirect)
            {
                Add(sums, (LabelOf(cluster), "service"), count(cluster.ServiceUpstreams.Connections));
            }
        }

        return [.. sums.Select(static pair => new Measurement<long>(pair.Value, new(MetricTags.Cluster, pair.Key.Cluster), new(Upstream, pair.Key.Upstream)))];
    }

    private List<Measurement<long>> Reviews()
    {
        var sums = new Dictionary<(string Cluster, string Result), long>();
        foreach (var cluster in _state.Current.Catalog.Clusters)
        {
            foreach (var result in Enum.GetValues<ReviewResult>())
            {
                // Most clusters are never asked.
                if (cluster.Reviews.Counts[result] is > 0 and var count)
                {
                    Add(sums, (LabelOf(cluster), _reviews[(int)result]), count);
                }
            }
        }

        return [.. sums.Select(static pair => new Measurement<long>(pair.Value, new(MetricTags.Cluster, pair.Key.Cluster), new(MetricTags.Result, pair.Key.Result)))];
    }

    /// <summary>One value for each cluster that has series of its own.</summary>
    private IEnumerable<Measurement<long>> OfClusters(Func<Cluster, long?> value)
    {
        foreach (var cluster in _state.Current.Catalog.Clusters)
        {
            if (LabelOf(cluster) is not ClusterSeries.Other and var label && value(cluster) is { } measured)
            {
                yield return new Measurement<long>(measured, new KeyValuePair<string, object?>(MetricTags.Cluster, label));
            }
        }
    }

    private IEnumerable<Measurement<long>> OfSources(Func<SourceState, long> value) =>
        SourceState.All(_state.Current.Options, _state.Current.Catalog, _remote).Select(source => new Measurement<long>(value(source), new KeyValuePair<string, object?>("fairlead.source", source.Name)));

    private static IEnumerable<Measurement<long>> Mints(Minters minters)
    {
        foreach (var (kind, counts) in minters.Counts)
        {
            yield return new Measurement<long>(counts.Obtained, new("fairlead.credential", kind), new(MetricTags.Result, "obtained"));
            yield return new Measurement<long>(counts.Failed, new("fairlead.credential", kind), new(MetricTags.Result, "failed"));
        }
    }

    private string LabelOf(Cluster cluster) => _series.Of(cluster.QualifiedName);

    private static void Add<TKey>(Dictionary<TKey, long> sums, TKey key, long value)
        where TKey : notnull => sums[key] = sums.GetValueOrDefault(key) + value;
}
