using Fairlead.Configuration;

namespace Fairlead.Clusters.Sources;

/// <summary>What one source of clusters gave.</summary>
/// <param name="Clusters">The clusters, those with a <see cref="ClusterDefinition.Problem"/> included.</param>
/// <param name="Problems">What is wrong with the source as a whole, for the operator; other sources are not touched (contract F49).</param>
internal sealed record ClusterSourceResult(IReadOnlyList<ClusterDefinition> Clusters, IReadOnlyList<string> Problems);

/// <summary>Asks a source for its clusters. Reads files, never the network.</summary>
internal static class ClusterSourceReader
{
    /// <summary>Reads <paramref name="locator"/>'s clusters. Never throws for what the files hold.</summary>
    /// <param name="locator">The source.</param>
    /// <param name="environment">The environment, for <c>KUBERNETES_SERVICE_HOST</c> and <c>_PORT</c>.</param>
    /// <param name="serviceAccountDirectory">Where a pod's service account is mounted.</param>
    public static ClusterSourceResult Read(
        ClusterLocator locator,
        IReadOnlyDictionary<string, string> environment,
        string serviceAccountDirectory = InClusterAccount.DefaultDirectory) =>
        throw new NotSupportedException();
}
