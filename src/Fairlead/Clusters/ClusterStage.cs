using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Credentials.Impersonation;
using Fairlead.Doors;

namespace Fairlead.Clusters;

/// <summary>
/// Turns a look-up into a cluster or a refusal, by what the caller may know of (contract F8, F10, F13; decision 16). A hidden
/// cluster and an unknown one answer in exactly the same way.
/// </summary>
internal static class ClusterStage
{
    /// <summary>The name that <paramref name="request"/> gives, or a refusal.</summary>
    public static string? NameIn(InboundRequest request, DoorRoute.Forwarded route, Identified identified, GatewaySnapshot snapshot, out Refusal? refusal)
    {
        refusal = route.Door is Door.Backstage && request.ClusterHeader.Count > 1
            ? new Refusal(RefusalReason.InvalidRequest, "Backstage-Kubernetes-Cluster was sent more than once")
            : null;
        return route.ClusterName ?? (route.Door is Door.Service ? snapshot.Options.ServiceProxy.DefaultCluster ?? snapshot.Catalog.OwnCluster
            : request.ClusterHeader.Count == 1 ? request.ClusterHeader[0] : identified.TicketCluster);
    }

    /// <summary>The cluster that the caller gets.</summary>
    /// <param name="requested">The name that the request gives; null or empty where it gives none.</param>
    /// <param name="door">Where it gives it: names to use instead are spelled as they have to stand there.</param>
    /// <param name="identified">The caller.</param>
    /// <param name="catalog">All clusters.</param>
    /// <param name="policy">The access rules.</param>
    /// <param name="refusal">The refusal, when the result is null.</param>
    public static Cluster? Choose(string? requested, Door door, Identified identified, ClusterCatalog catalog, AccessPolicy policy, out Refusal? refusal)
    {
        refusal = null;
        var lookup = catalog.Find(requested);
        if (lookup is ClusterLookup.Found { Cluster: var cluster }
            && (identified.TicketCluster is null || string.Equals(identified.TicketCluster, cluster.Definition.QualifiedName, StringComparison.Ordinal))
            && (identified.OwnAuthorization is not null && JudgesTokens(cluster) ? !policy.Hides(identified.Caller, cluster.Definition) : MayKnow(identified.Caller, cluster, policy)))
        {
            return cluster;
        }

        refusal = identified.TicketCluster is not null ? new Refusal(RefusalReason.IllegalToken, "The ticket is for another cluster") : Refuse(requested, door, lookup, identified, catalog, policy);
        return null;
    }

    /// <summary>Whether the caller may know of <paramref name="cluster"/>: by a rule, or because its credential is the caller's own or they are impersonated there; and no rule denies them everything there.</summary>
    public static bool MayKnow(Caller caller, Cluster cluster, AccessPolicy policy) =>
        cluster.Definition.Credential switch
        {
            CredentialDefinition.ClientSide => !policy.Hides(caller, cluster.Definition),
            CredentialDefinition.Impersonate impersonate => Impersonator.Knows(caller, impersonate.Rules) && !policy.Hides(caller, cluster.Definition),
            _ => caller is Caller.Portal portal && policy.Knows(portal, cluster.Definition),
        };

    /// <summary>
    /// Whether the cluster itself judges a caller's token. One that is reached without a credential lets everybody in (a
    /// <c>kubectl proxy</c> acts as its owner, whatever it is sent), so there a caller's token proves nothing.
    /// </summary>
    public static bool JudgesTokens(Cluster cluster) => cluster.Definition.Credential is not CredentialDefinition.None;

    private static Refusal Refuse(string? requested, Door door, ClusterLookup lookup, Identified identified, ClusterCatalog catalog, AccessPolicy policy)
    {
        if (catalog.Clusters.Count == 0)
        {
            return NotFound("No Clusters configured");
        }

        var visible = catalog.Clusters.Where(cluster => MayKnow(identified.Caller, cluster, policy)).ToArray();
        var bringsOwn = identified.OwnAuthorization is not null || identified.Caller is Caller.ClusterTokenHolder;
        if (visible.Length == 0 && !bringsOwn)
        {
            return new Refusal(
                RefusalReason.NotAllowed,
                $"Unauthorized to reach cluster '{requested}': no access rule names any cluster for '{identified.Caller.Name}'; a rule has to list the caller and the cluster");
        }

        return string.IsNullOrEmpty(requested) ? NotFound(door is Door.Service
                ? "There are several clusters and no serviceProxy.defaultCluster: name one, as in /clusters/{cluster}/serviceproxy/{namespace}/{service}/{path}"
                : "Cluster not found: name one in the header Backstage-Kubernetes-Cluster")
            : lookup is ClusterLookup.Ambiguous ambiguous ? RefuseAmbiguous(ambiguous, door, visible, bringsOwn)
            : door is Door.Service && identified.Caller is Caller.ClusterTokenHolder
                ? new Refusal(RefusalReason.IllegalToken, $"Cluster '{requested}' not found, and nobody else could say whose token this is")
            : NotFound($"Cluster '{requested}' not found");
    }

    private static Refusal RefuseAmbiguous(ClusterLookup.Ambiguous ambiguous, Door door, Cluster[] visible, bool bringsOwn)
    {
        var known = ambiguous.Candidates
            .Where(visible.Contains)
            .Select(static cluster => cluster.Definition.QualifiedName)
            .Order(StringComparer.Ordinal)
            .Select(name => door is not Door.Backstage ? ClusterNames.ForUrl(name) : name)
            .ToArray();
        var start = $"Cluster name '{ambiguous.Name}' is ambiguous, use ";
        return known.Length > 0 ? new Refusal(RefusalReason.ClusterAmbiguous, $"{start}one of: {string.Join(", ", known)}")
            : bringsOwn ? new Refusal(RefusalReason.ClusterAmbiguous, $"{start}its qualified name: locator/name, in a URL locator--name")
            : NotFound($"Cluster '{ambiguous.Name}' not found");
    }

    private static Refusal NotFound(string message) => new(RefusalReason.ClusterNotFound, message);
}
