using Fairlead.Configuration;

namespace Fairlead.Clusters.Sources;

/// <summary>Asks sources over the network. Bounded in time by who calls.</summary>
/// <param name="clusters">The clusters of the gateway, for sources that one of them holds.</param>
internal sealed class RemoteSourceReader(ClusterFinder clusters)
{
    /// <summary>Asks a source for its clusters.</summary>
    /// <exception cref="ClusterSourceException">It cannot be asked, or what it says makes no sense.</exception>
    public Task<ClusterSourceResult> ReadAsync(ClusterLocator.Remote locator, CancellationToken cancellationToken) => locator switch
    {
        ClusterLocator.ClusterSecrets { Cluster: var cluster } when clusters.Find(cluster) is null => throw new ClusterSourceException("names a cluster that does not exist"),
        _ => throw new ClusterSourceException($"sources of type {locator.GetType().Name} have no reader"),
    };
}
