using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Doors;

namespace Fairlead.Access;

/// <summary>May they. A request on the caller's own credential is judged by the cluster; one on the gateway's needs a rule.</summary>
internal static class Decision
{
    /// <summary>The refusal, or null when the request may go on.</summary>
    public static Refusal? Refuse(
        InboundRequest request, DoorRoute.Forwarded route, Caller caller, Cluster cluster, KubernetesAction action, CredentialPlan plan, AccessPolicy policy)
    {
        if (request.HasImpersonation && RefuseImpersonation(request, route, cluster, plan) is { } refusal)
        {
            return refusal;
        }

        return (plan is CredentialPlan.Own && ClusterStage.JudgesTokens(cluster)) || (caller is Caller.Portal portal && policy.Allows(portal, cluster.Definition, action))
            ? null
            : new Refusal(
                RefusalReason.NotAllowed,
                $"Unauthorized to {action} on cluster '{cluster.Definition.Name}' as '{caller.Name}': an access rule has to grant it, or send a cluster token of your own");
    }

    private static Refusal? RefuseImpersonation(InboundRequest request, DoorRoute.Forwarded route, Cluster cluster, CredentialPlan plan) =>
        route.Door is not Door.Cluster || plan is not CredentialPlan.Own || !ClusterStage.JudgesTokens(cluster)
            ? new Refusal(
                RefusalReason.ImpersonationNotAllowed,
                "Unauthorized to impersonate: Impersonate-* headers are passed on only at the cluster door with a cluster token of the caller's own")
            : request.RepeatedImpersonation is { } name
                ? new Refusal(
                    RefusalReason.NotImplemented,
                    $"{name} was sent on several lines; this version passes on one value of each Impersonate-* header only")
                : null;
}
