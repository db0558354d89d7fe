using System.Collections.Frozen;
using Fairlead.Configuration;

namespace Fairlead.Clusters;

/// <summary>What looking up a name gave. It answers nobody: whether the caller may know comes later (decision 35).</summary>
internal abstract record ClusterLookup
{
    private ClusterLookup()
    {
    }

    /// <summary>One cluster.</summary>
    /// <param name="Cluster">The cluster.</param>
    public sealed record Found(Cluster Cluster) : ClusterLookup;

    /// <summary>Several clusters go by that name.</summary>
    /// <param name="Name">The name.</param>
    /// <param name="Candidates">The clusters.</param>
    public sealed record Ambiguous(string Name, IReadOnlyList<Cluster> Candidates) : ClusterLookup;

    /// <summary>No cluster goes by that name.</summary>
    /// <param name="Name">The name.</param>
    public sealed record Unknown(string Name) : ClusterLookup;

    /// <summary>No name was given and there is not exactly one cluster.</summary>
    /// <param name="Count">How many clusters there are.</param>
    public sealed record Unnamed(int Count) : ClusterLookup;
}

/// <summary>All clusters at one moment. Nothing depends on the order of sources (contract F10).</summary>
internal sealed class ClusterCatalog
{
    private readonly FrozenDictionary<string, Cluster[]> _byName;

    private readonly bool _hasDefault;

    /// <summary>Indexes <paramref name="clusters"/> under every name that each goes by.</summary>
    /// <param name="clusters">The clusters.</param>
    /// <param name="files">The files that they were read from.</param>
    /// <param name="problems">What is wrong with their sources.</param>
    /// <param name="fullNameOnly">Those that go by their qualified name alone, by that name.</param>
    public ClusterCatalog(
        IReadOnlyList<Cluster> clusters, IReadOnlyList<SourceFile>? files = null, IReadOnlyList<(string Source, string Problem)>? problems = null, FrozenSet<string>? fullNameOnly = null)
    {
        var restricted = fullNameOnly ?? FrozenSet<string>.Empty;
        _hasDefault = clusters.Count == 1 && !restricted.Contains(clusters[0].Definition.QualifiedName);
        Clusters = clusters;
        Files = files ?? [];
        OwnCluster = clusters.Where(static cluster => cluster.Definition.IsInCluster).ToArray() is [var own] ? own.Definition.QualifiedName : null;
        Problems = problems ?? [];
        _byName = clusters
            .SelectMany(cluster => NamesOf(cluster.Definition, restricted.Contains(cluster.Definition.QualifiedName)).Select(name => (name, cluster)))
            .GroupBy(static pair => pair.name, static pair => pair.cluster, StringComparer.Ordinal)
            .ToFrozenDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>All clusters, in the order of their sources.</summary>
    public IReadOnlyList<Cluster> Clusters { get; }

    /// <summary>The files that they were read from.</summary>
    public IReadOnlyList<SourceFile> Files { get; }

    /// <summary>What is wrong with sources, and with single clusters of theirs.</summary>
    public IReadOnlyList<(string Source, string Problem)> Problems { get; }

    /// <summary>The qualified name of the cluster that the gateway runs in; null when there is none, or several say so.</summary>
    public string? OwnCluster { get; }

    /// <summary>Looks up a name: exact and case-sensitive. Null or empty means the only cluster there is (contract F8).</summary>
    public ClusterLookup Find(string? name) =>
        string.IsNullOrEmpty(name) ? (_hasDefault ? Clusters[0].Lookup : new ClusterLookup.Unnamed(Clusters.Count))
        : !_byName.TryGetValue(name, out var found) ? new ClusterLookup.Unknown(name)
        : found.Length == 1 ? found[0].Lookup
        : new ClusterLookup.Ambiguous(name, found);

    /// <summary>The name under which a cluster can be addressed for certain: its plain name where nothing else goes by it.</summary>
    public string AddressableName(Cluster cluster) =>
        _byName.TryGetValue(cluster.Definition.Name, out var found) && found is [var only] && ReferenceEquals(only, cluster) ? cluster.Definition.Name : cluster.Definition.QualifiedName;

    private static IEnumerable<string> NamesOf(ClusterDefinition definition, bool isFullOnly) =>
        (isFullOnly ? [definition.QualifiedName] : new[] { definition.Name, definition.QualifiedName, definition.ShortName })
            .SelectMany(static name => new[] { name, ClusterNames.ForUrl(name) }).Distinct(StringComparer.Ordinal);
}
