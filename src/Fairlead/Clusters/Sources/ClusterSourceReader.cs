using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Clusters.Sources;

/// <summary>What one source of clusters gave.</summary>
/// <param name="Clusters">The clusters, those with a <see cref="ClusterDefinition.Problem"/> included.</param>
/// <param name="Problems">What is wrong with the source as a whole, for the operator; other sources are not touched (contract F49).</param>
internal sealed record ClusterSourceResult(IReadOnlyList<ClusterDefinition> Clusters, IReadOnlyList<string> Problems)
{
    /// <summary>
    /// The scopes whose files are there and cannot be read, half-written ones for example: what they gave before stands (contract F49). Null stands for clusters without a scope.
    /// </summary>
    public IReadOnlyList<string?> Unread { get; init; } = [];

    /// <summary>The folders that are not there or cannot be listed for the moment: all scopes that they gave before stand.</summary>
    public IReadOnlyList<string> UnreadFolders { get; init; } = [];

    /// <summary>Which scope comes of which folder.</summary>
    public IReadOnlyList<(string Folder, string Scope)> FolderScopes { get; init; } = [];

    /// <summary>This result, with what <paramref name="before"/> had of what cannot be read now; not what has a namesake that could be read.</summary>
    public ClusterSourceResult WithUnreadOf(ClusterSourceResult? before)
    {
        if (before is null || Unread.Count + UnreadFolders.Count == 0)
        {
            return this;
        }

        var lost = before.FolderScopes.Where(one => UnreadFolders.Contains(one.Folder, StringComparer.Ordinal)).ToArray();
        var unread = Unread.Concat(lost.Select(static one => one.Scope)).ToHashSet(StringComparer.Ordinal);
        var fresh = Clusters.Select(static cluster => (cluster.Scope, cluster.Name)).ToHashSet();
        var unsaid = lost.Select(static one => one.Folder).Distinct(StringComparer.Ordinal).Where(folder => !Problems.Any(problem => problem.Contains(folder, StringComparison.Ordinal)));
        return this with
        {
            Clusters = [.. Clusters, .. before.Clusters.Where(cluster => unread.Contains(cluster.Scope) && !fresh.Contains((cluster.Scope, cluster.Name)))],
            Problems = [.. Problems, .. unsaid.Select(static folder => $"{folder}: the folder is not there; its clusters stand as they were")],
            FolderScopes = [.. FolderScopes, .. lost],
        };
    }

    /// <summary>The files and folders that it was read from, as they were before; a change of one calls for another reading.</summary>
    public IReadOnlyList<SourceFile> Files { get; init; } = [];
}

/// <summary>Reads the sources on this machine: files, never the network.</summary>
internal static class ClusterSourceReader
{
    private static readonly Uri KubectlProxy = new("http://127.0.0.1:8001");

    /// <summary>Reads <paramref name="locator"/>'s clusters. Never throws for what the files hold.</summary>
    /// <param name="locator">The source.</param>
    /// <param name="environment">The environment, for <c>KUBERNETES_SERVICE_HOST</c> and <c>_PORT</c>.</param>
    /// <param name="serviceAccountDirectory">Where a pod's service account is mounted.</param>
    public static ClusterSourceResult Read(
        ClusterLocator locator,
        IReadOnlyDictionary<string, string> environment,
        string serviceAccountDirectory = InClusterAccount.DefaultDirectory) => locator switch
    {
        ClusterLocator.Config config => new ClusterSourceResult(config.Clusters, []),
        ClusterLocator.Kubeconfig kubeconfig => KubeconfigClusters.Read(kubeconfig),
        ClusterLocator.InCluster inCluster => InCluster(inCluster, InClusterAccount.Find(environment, serviceAccountDirectory)),
        ClusterLocator.LocalKubectlProxy => new ClusterSourceResult([LocalProxy(locator.Name)], []),
        _ => throw new ArgumentOutOfRangeException(nameof(locator), locator.GetType().Name, "This kind of source has no reader."),
    };

    private static ClusterSourceResult InCluster(ClusterLocator.InCluster locator, InClusterAccount? account)
    {
        if (account is null)
        {
            return new ClusterSourceResult(
                [],
                [$"source '{locator.Name}': this process does not run in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not name a server"]);
        }

        var cluster = new ClusterDefinition
        {
            Locator = locator.Name,
            Name = locator.ClusterName,
            Connection = account.Connection,
            Credential = new CredentialDefinition.TokenFile(account.TokenFile),
            IsInCluster = true,
            IsDirect = true,
        };
        return new ClusterSourceResult([cluster], []);
    }

    private static ClusterDefinition LocalProxy(string locator) => new()
    {
        Locator = locator,
        Name = "local",
        Connection = new ClusterConnection { Server = KubectlProxy },
        Credential = new CredentialDefinition.None("localKubectlProxy"),
    };
}
