namespace Fairlead.Clusters;

/// <summary>Finds a cluster of the gateway for what one cluster keeps about another: Secrets with certificates, Secrets that describe clusters.</summary>
internal sealed class ClusterFinder
{
    private volatile ClusterCatalog? _catalog;

    /// <summary>Puts a catalogue in force.</summary>
    public void Use(ClusterCatalog catalog) => _catalog = catalog;

    /// <summary>The cluster of that name, or with none the one that the gateway runs in; null where there is no such cluster, or more than one.</summary>
    public Cluster? Find(string? name) =>
        (name ?? _catalog?.OwnCluster) is { } wanted && _catalog?.Find(wanted) is ClusterLookup.Found { Cluster: var cluster } ? cluster : null;
}
