namespace Fairlead.Clusters;

/// <summary>Finds a cluster of the gateway for what one cluster keeps about another: Secrets with certificates, Secrets that describe clusters.</summary>
internal sealed class ClusterFinder
{
    private volatile ClusterCatalog? _catalog;

    /// <summary>Puts a catalogue in force.</summary>
    public void Use(ClusterCatalog catalog) => _catalog = catalog;

    /// <summary>The cluster of that name, or with none the one that the gateway runs in; null where there is no such cluster, or more than one.</summary>
    /// <param name="name">The name.</param>
    /// <param name="exceptOf">A source whose clusters are not meant; null for none.</param>
    public Cluster? Find(string? name, string? exceptOf = null)
    {
        var found = (name ?? _catalog?.OwnCluster) is { } wanted ? _catalog?.Find(wanted) : null;
        Cluster[] candidates = found switch
        {
            ClusterLookup.Found one => [one.Cluster],
            ClusterLookup.Ambiguous several when exceptOf is not null => [.. several.Candidates],
            _ => [],
        };
        return candidates.Where(cluster => !string.Equals(cluster.Definition.Locator, exceptOf, StringComparison.Ordinal)).ToArray() is [var only] ? only : null;
    }
}
