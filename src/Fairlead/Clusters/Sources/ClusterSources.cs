using Fairlead.Configuration;

namespace Fairlead.Clusters.Sources;

/// <summary>Asks a source for its clusters; what the process's environment says is already bound in.</summary>
/// <param name="locator">The source.</param>
internal delegate ClusterSourceResult ClusterSources(ClusterLocator locator);
