using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Doors;
using Fairlead.Services;

namespace Fairlead.Access;

/// <summary>Where a cluster's own judgement has to be asked for, because the request alone would not bring it (decision 15, contract F34).</summary>
internal static class ReviewRules
{
    /// <summary>What the cluster is asked; null where its API server asks itself, or the gateway's rules have decided.</summary>
    /// <param name="question">What is asked for.</param>
    /// <param name="cluster">Where.</param>
    /// <param name="plan">On whose credential.</param>
    /// <param name="options">How Services are reached.</param>
    /// <param name="isRepeated">Whether it is asked for a stream that goes on.</param>
    public static KubernetesAction? Asks(AuthorityQuestion question, Cluster cluster, CredentialPlan plan, ServiceProxyOptions options, bool isRepeated)
    {
        var (request, route, action) = question;
        return !Decision.IsJudgedByCluster(plan, cluster) ? null
            : route is DoorRoute.Service ? ServiceStage.Reviewed(request, action, options)
            // Before 1.35 an API server takes the method's verb for a WebSocket: a shell for somebody who may only read. And for ever for what is proxied.
            : isRepeated || (request.Upgrade is not UpgradeKind.None && action is { IsResourceRequest: true, Verb: "create" } && request.Method is not "POST") ? action
            : null;
    }
}
