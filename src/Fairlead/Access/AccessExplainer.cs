using System.Buffers;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials.Impersonation;

namespace Fairlead.Access;

/// <summary>Why somebody may do something, or may not: the same judgement that a request meets, in words (<c>fairlead can</c>).</summary>
internal static class AccessExplainer
{
    private static readonly SearchValues<char> _plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+:,./@%");

    /// <summary>Explains.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="cluster">Where.</param>
    /// <param name="action">What.</param>
    /// <param name="policy">The rules.</param>
    public static Explanation Explain(Caller.Portal caller, Cluster cluster, KubernetesAction action, AccessPolicy policy)
    {
        var definition = cluster.Definition;
        var verdict = Decision.Judge(caller, cluster, action, definition.Credential is CredentialDefinition.ClientSide or CredentialDefinition.Impersonate, policy);
        return verdict switch
        {
            { Kind: VerdictKind.Denied, Rule: { } rule } => new Explanation(false, $"access rule '{rule.Label}' denies it"),
            { Kind: VerdictKind.Allowed, Rule: { } rule } => new Explanation(true, $"access rule '{rule.Label}' allows it"),
            { Kind: VerdictKind.ForCluster } when definition.Credential is CredentialDefinition.Impersonate impersonate => Impersonated(caller, impersonate, action),
            { Kind: VerdictKind.ForCluster } => new Explanation(true, "no access rule denies it; the cluster judges the token that the caller brings"),
            _ => new Explanation(
                false,
                (ClusterStage.MayKnow(caller, cluster, policy) ? "no access rule allows it" : "no access rule names this cluster for the caller, for whom it does not exist")
                    + RuleText.Hint(caller, definition.Name, action)),
        };
    }

    private static Explanation Impersonated(Caller.Portal caller, CredentialDefinition.Impersonate definition, KubernetesAction action)
    {
        if (Impersonator.For(caller, definition.Rules, out var problem) is not { } user)
        {
            return new Explanation(false, $"the caller cannot be impersonated: {problem}");
        }

        string[] words =
        [
            "kubectl", "auth", "can-i", action.Verb, action.IsResourceRequest ? action.QualifiedResource + (action.Name.Length == 0 ? "" : "/" + action.Name) : action.Path,
            .. action.Namespace.Length == 0 ? Array.Empty<string>() : ["-n", action.Namespace],
            "--as=" + user.Name, .. user.Groups.Select(static group => "--as-group=" + group),
        ];
        return new Explanation(true, $"no access rule denies it; the cluster judges the impersonated user: {string.Join(' ', words.Select(Quoted))}");
    }

    /// <summary>A word for a shell.</summary>
    private static string Quoted(string word) => word.AsSpan().ContainsAnyExcept(_plain) ? $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'" : word;
}

/// <summary>Why somebody may, or may not.</summary>
/// <param name="IsAllowed">Whether the gateway lets it through.</param>
/// <param name="Reason">Why.</param>
internal sealed record Explanation(bool IsAllowed, string Reason);
