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
        InboundRequest request, DoorRoute.Forwarded route, Caller caller, Cluster cluster, KubernetesAction action, CredentialPlan plan, AccessPolicy policy)
    {
        if (request.Impersonation is { } asked && RefuseImpersonation(asked, route, cluster, plan) is { } refusal)
        {
            return refusal;
        }

        if (policy.Denying(caller, cluster.Definition, action) is { } denying)
        {
            return new Refusal(RefusalReason.NotAllowed, $"{Attempt(caller, cluster, action)}: access rule '{denying.Label}' denies it");
        }

        if (IsJudgedByCluster(plan, cluster) || (caller is Caller.Portal known && policy.Allowing(known, cluster.Definition, action) is not null))
        {
            return null;
        }

        var rule = caller is Caller.Portal portal ? $"; a rule that does: {RuleText.Allowing(portal, cluster.Definition.Name, action)}" : "";
        return new Refusal(RefusalReason.NotAllowed, $"{Attempt(caller, cluster, action)}: an access rule has to grant it, or send a cluster token of your own{rule}");
    }

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
