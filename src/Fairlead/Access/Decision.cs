using System.Runtime.InteropServices;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Doors;

namespace Fairlead.Access;

/// <summary>
/// May they. A rule that denies is the end of every request; besides, one on the caller's own credential is judged by the cluster, and one on the gateway's
/// needs a rule that allows it (decision 13).
/// </summary>
internal static class Decision
{
    /// <summary>The refusal, or null when the request may go on.</summary>
    public static Refusal? Refuse(
        InboundRequest request, DoorRoute.Forwarded route, Caller caller, Cluster cluster, KubernetesAction action, CredentialPlan plan, AccessPolicy policy, out Judgement? judgement)
    {
        judgement = null;
        if (request.Impersonation is { } asked && RefuseImpersonation(asked, route, cluster, plan) is { } refusal)
        {
            return refusal;
        }

        var verdict = Judge(caller, cluster, action, IsJudgedByCluster(plan, cluster), policy);
        judgement = verdict switch
        {
            { Rule: { } rule } => rule.Judgement,
            { Kind: VerdictKind.ForCluster } => Judgement.Cluster,
            _ => Judgement.NoRule,
        };
        return verdict.Kind switch
        {
            VerdictKind.Allowed or VerdictKind.ForCluster => null,
            VerdictKind.Denied => new Refusal(RefusalReason.NotAllowed, $"{Attempt(caller, cluster, action)}: access rule '{verdict.Rule!.Label}' denies it"),
            _ => new Refusal(
                RefusalReason.NotAllowed,
                $"{Attempt(caller, cluster, action)}: an access rule has to grant it, or send a cluster token of your own{RuleText.Hint(caller, cluster.Definition.Name, action)}"),
        };
    }

    /// <summary>What the rules say.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="cluster">Where.</param>
    /// <param name="action">What.</param>
    /// <param name="isJudgedByCluster">Whether the cluster decides, as far as no rule denies it.</param>
    /// <param name="policy">The rules.</param>
    public static Verdict Judge(Caller caller, Cluster cluster, KubernetesAction action, bool isJudgedByCluster, AccessPolicy policy) =>
        policy.Denying(caller, cluster.Definition, action) is { } denying ? new Verdict(VerdictKind.Denied, denying)
        : isJudgedByCluster ? new Verdict(VerdictKind.ForCluster, null)
        : caller is Caller.Portal known && policy.Allowing(known, cluster.Definition, action) is { } allowing ? new Verdict(VerdictKind.Allowed, allowing)
        : new Verdict(VerdictKind.NotAllowed, null);

    private static string Attempt(Caller caller, Cluster cluster, KubernetesAction action) =>
        $"Unauthorized to {action} on cluster '{cluster.Definition.Name}' as '{caller.Name}'";

    /// <summary>Whether it is the cluster's own RBAC that decides.</summary>
    public static bool IsJudgedByCluster(CredentialPlan plan, Cluster cluster) => plan.Key is not null && ClusterStage.JudgesTokens(cluster);

    private static Refusal? RefuseImpersonation(RequestedImpersonation asked, DoorRoute.Forwarded route, Cluster cluster, CredentialPlan plan) =>
        route.Door is not Door.Cluster || plan is not CredentialPlan.Own || !ClusterStage.JudgesTokens(cluster)
            ? new Refusal(
                RefusalReason.ImpersonationNotAllowed,
                "Unauthorized to impersonate: Impersonate-* headers are passed on only at the cluster door with a cluster token of the caller's own")
            : asked.Problem is { } problem ? new Refusal(RefusalReason.InvalidRequest, problem)
            : null;
}

/// <summary>What the rules say of an action.</summary>
/// <param name="Kind">Whether it is allowed.</param>
/// <param name="Rule">The rule that decides; null where none does.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Verdict(VerdictKind Kind, CompiledRule? Rule);

/// <summary>How the rules decide.</summary>
internal enum VerdictKind
{
    /// <summary>No rule allows it.</summary>
    NotAllowed,

    /// <summary>A rule denies it.</summary>
    Denied,

    /// <summary>A rule allows it.</summary>
    Allowed,

    /// <summary>No rule denies it, and the cluster decides.</summary>
    ForCluster,
}
