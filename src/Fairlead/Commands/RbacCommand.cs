using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;

namespace Fairlead.Commands;

/// <summary>What <c>fairlead rbac</c> is asked.</summary>
/// <param name="Cluster">The cluster; null where only one is impersonated to (<c>--cluster</c>).</param>
/// <param name="Name">The account's name (<c>--name</c>).</param>
/// <param name="Namespace">The account's namespace (<c>-n</c>).</param>
/// <param name="User">The user of a client certificate instead; null for none (<c>--user</c>).</param>
internal sealed record RbacArguments(string? Cluster, string Name, string Namespace, string? User);

/// <summary><c>fairlead rbac</c>: prints the smallest role for the account that impersonates, from the configuration alone.</summary>
internal static class RbacCommand
{
    /// <summary>Prints.</summary>
    /// <returns>0, or 2 where there is nothing to print.</returns>
    public static async Task<int> RunAsync(ConfigurationReader read, ClusterSources sources, RbacArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken = default)
    {
        if (await ConfiguredClusters.ReadAsync(read, sources, errors, cancellationToken) is not var (_, catalog))
        {
            return CanCommand.Unanswered;
        }

        var impersonated = catalog.Clusters.Where(static cluster => cluster.Definition.Credential is CredentialDefinition.Impersonate).ToArray();
        var cluster = arguments.Cluster is null && impersonated.Length == 1 ? impersonated[0]
            : arguments.Cluster is { } name && catalog.Find(name) is ClusterLookup.Found found ? found.Cluster : null;
        if (cluster?.Definition.Credential is not CredentialDefinition.Impersonate impersonate)
        {
            await errors.WriteLineAsync(
                impersonated.Length == 0 ? "no cluster has authProvider: impersonate"
                : $"{(arguments.Cluster is null ? "--cluster is missing" : $"cluster '{arguments.Cluster}' has no authProvider: impersonate")}; those that have are {string.Join(", ", impersonated.Select(static item => item.Definition.QualifiedName))}");
            return CanCommand.Unanswered;
        }

        await output.WriteLineAsync($"# For impersonation.serviceAccountToken, tokenFile or clientCert... of cluster {cluster.Definition.QualifiedName}; nothing else may be granted to this account.");
        new RbacManifest(arguments.Name, arguments.Namespace, arguments.User).Write(output, impersonate.Rules);
        return 0;
    }
}
