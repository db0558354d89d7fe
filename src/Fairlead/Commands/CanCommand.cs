using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;

namespace Fairlead.Commands;

/// <summary>What <c>fairlead can</c> is asked.</summary>
/// <param name="User">The caller's name, as the gateway knows them (<c>--as</c>).</param>
/// <param name="Groups">Their groups (<c>--groups</c>).</param>
/// <param name="Claims">Their claims, <c>name=value</c> (<c>--claim</c>).</param>
/// <param name="Cluster">The cluster; null where there is only one (<c>--cluster</c>).</param>
/// <param name="Namespace">The namespace; empty for all of them, or none (<c>-n</c>).</param>
/// <param name="Verb">The verb.</param>
/// <param name="Resource">The resource, or a path.</param>
/// <param name="Name">The object's name; empty for none.</param>
internal sealed record CanArguments(
    string User, IReadOnlyList<string> Groups, IReadOnlyList<string> Claims, string? Cluster, string Namespace, string Verb, string Resource, string Name);

/// <summary><c>fairlead can</c>: whether somebody may do something by the configured rules, and why. It reads the configuration and asks nobody.</summary>
internal static class CanCommand
{
    /// <summary>They may.</summary>
    public const int Yes = 0;

    /// <summary>They may not.</summary>
    public const int No = 1;

    /// <summary>The question cannot be answered.</summary>
    public const int Unanswered = 2;

    /// <summary>Answers.</summary>
    /// <returns><see cref="Yes"/>, <see cref="No"/> or <see cref="Unanswered"/>.</returns>
    public static async Task<int> RunAsync(ConfigurationReader read, ClusterSources sources, CanArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken = default)
    {
        if (await ConfiguredClusters.ReadAsync(read, sources, errors, cancellationToken) is not var (options, catalog))
        {
            return Unanswered;
        }

        var cluster = Choose(arguments.Cluster, catalog, out var problem);
        var claims = ClaimsOf(arguments.Claims, ref problem);
        var action = ActionArguments.Read(arguments.Verb, arguments.Resource, arguments.Name, arguments.Namespace, out var wrong);
        problem ??= wrong;
        if (problem is not null)
        {
            await errors.WriteLineAsync(problem);
            return Unanswered;
        }

        var caller = new Caller.Portal(arguments.User, arguments.Groups) { Claims = claims };
        var explanation = AccessExplainer.Explain(caller, cluster!, action!, new AccessPolicy(options.AccessRules));
        await output.WriteLineAsync($"{(explanation.IsAllowed ? "yes" : "no")}: {explanation.Reason}");
        if (explanation.IsAllowed && options.Auth?.Backstage is { Permissions: true })
        {
            await output.WriteLineAsync("note: at the Backstage door the portal has to give its users kubernetes.proxy besides (auth.backstage.permissions)");
        }

        return explanation.IsAllowed ? Yes : No;
    }

    private static Cluster? Choose(string? name, ClusterCatalog catalog, out string? problem)
    {
        problem = null;
        if (name is null && catalog.Clusters.Count == 1)
        {
            return catalog.Clusters[0];
        }

        var names = string.Join(", ", catalog.Clusters.Select(static cluster => cluster.Definition.QualifiedName));
        if (name is not null && catalog.Find(name) is ClusterLookup.Found found)
        {
            return found.Cluster;
        }

        problem = catalog.Clusters.Count == 0 ? "no clusters; add a source to kubernetes.clusterLocatorMethods, or give --kubeconfig"
            : name is null ? $"--cluster is missing; the clusters are {names}"
            : $"no single cluster is called '{name}'; the clusters are {names}";
        return null;
    }

    private static Dictionary<string, IReadOnlyList<string>> ClaimsOf(IReadOnlyList<string> texts, ref string? problem)
    {
        var claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                problem ??= $"--claim has to be name=value, not '{text}'";
                continue;
            }

            var name = text[..equals];
            claims[name] = [.. claims.GetValueOrDefault(name, []), text[(equals + 1)..]];
        }

        return claims;
    }
}
