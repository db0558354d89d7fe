using Fairlead.Configuration;

namespace Fairlead.Clusters;

internal sealed record ClusterSourceResult(IReadOnlyList<ClusterDefinition> Clusters, IReadOnlyList<string> Problems);

internal sealed class ClusterSourceReader
{
    public ClusterSourceResult Read(ClusterLocator locator) => locator is ClusterLocator.Config config ? new(config.Clusters, []) : new([], ["temporary"]);
}
