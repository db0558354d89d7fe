using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials.Impersonation;
using Fairlead.Doors;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Credentials;

/// <summary>Whose credential a request will travel on; known before the decision, without touching a secret of the gateway's.</summary>
internal abstract record CredentialPlan
{
    private CredentialPlan()
    {
    }

    /// <summary>The caller's own cluster token: the cluster's RBAC decides (contract F19).</summary>
    /// <param name="Authorization">The whole header value.</param>
    /// <param name="As">Whom the caller asks to be there: the cluster decides that too (decision 5).</param>
    public sealed record Own(Secret Authorization, ImpersonatedUser? As = null) : CredentialPlan
    {
        private TokenHash? _key;

        /// <inheritdoc/>
        public override TokenHash? Key => _key ??= As is null ? TokenHash.Of(Authorization.Reveal()) : TokenHash.Of(TokenHash.Of(Authorization.Reveal()), As.Key);
    }

    /// <summary>The caller, impersonated: the cluster's RBAC decides (decision 13).</summary>
    /// <param name="User">The caller as the cluster is to see them.</param>
    public sealed record Impersonated(ImpersonatedUser User) : CredentialPlan
    {
        /// <inheritdoc/>
        public override TokenHash? Key => User.Key;
    }

    /// <summary>What the gateway holds: an access rule decides (contract F17).</summary>
    public sealed record Held : CredentialPlan
    {
        /// <summary>The only instance.</summary>
        public static Held Instance { get; } = new();
    }

    /// <summary>Whom the cluster itself judges, as a hash; null where it is the gateway that does.</summary>
    public virtual TokenHash? Key => null;

    /// <summary>Plans the credential of <paramref name="request"/> to <paramref name="cluster"/>.</summary>
    public static CredentialPlan? For(InboundRequest request, Identified identified, Cluster cluster, GatewaySnapshot snapshot, out Refusal? refusal)
    {
        refusal = RefuseUnusable(identified, cluster.Definition);
        if (refusal is not null)
        {
            return null;
        }

        if (identified.OwnAuthorization is { } own)
        {
            return new Own(own, request.Impersonation?.User);
        }

        return cluster.Definition.Credential switch
        {
            CredentialDefinition.ClientSide provider => FromProviderHeader(request, provider, identified, snapshot, out refusal),
            CredentialDefinition.Impersonate => Impersonate(identified.Caller, cluster, out refusal),
            _ => Held.Instance,
        };
    }

    private static Impersonated? Impersonate(Caller caller, Cluster cluster, out Refusal? refusal)
    {
        string? problem = null;
        var plan = caller is Caller.Portal portal ? cluster.Impersonated!.PlanFor(portal, out problem) : null;
        refusal = plan is not null ? null : new Refusal(
            RefusalReason.NotAllowed,
            $"Unauthorized to reach cluster '{cluster.Definition.Name}' as '{caller.Name}': {problem ?? "the cluster takes callers that the gateway itself knows, or a cluster token of their own"}");
        return plan;
    }

    /// <summary>A cluster with a problem is out of use. Where only the gateway's credential has one, callers' own tokens reach it.</summary>
    private static Refusal? RefuseUnusable(Identified identified, ClusterDefinition definition) =>
        definition.Problem is null && (identified.OwnAuthorization is not null || definition.Credential is not CredentialDefinition.Unavailable { Problem: not null })
            ? null
            : new Refusal(RefusalReason.ClusterUnusable, $"Cluster '{definition.Name}' request error: its configuration cannot be used; the gateway's log and 'fairlead check' say why");

    private static Own? FromProviderHeader(
        InboundRequest request, CredentialDefinition.ClientSide cluster, Identified identified, GatewaySnapshot snapshot, out Refusal? refusal)
    {
        refusal = null;
        foreach (var token in request.ProviderTokens)
        {
            if (!string.Equals(token.Provider, cluster.Provider, StringComparison.OrdinalIgnoreCase)
                || !string.Equals(token.Sub, cluster.OidcTokenProvider, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var value = token.Values.Count == 1 ? token.Values[0]! : "";
            if (token.Values.Count > 1)
            {
                refusal = new Refusal(RefusalReason.InvalidRequest, $"{ProviderToken.HeaderName(token.Provider, token.Sub)} was sent more than once");
            }
            else if (value.Length > 0)
            {
                refusal = PortalTokens.RefuseIn(value, snapshot);
                return refusal is null ? new Own(new Secret(BearerCredential.Of(value).IsEmpty ? "Bearer " + value : value), request.Impersonation?.User) : null;
            }
        }

        // What the caller's identity provider issued is their own token to a cluster that trusts the same provider (decision 8).
        if (refusal is null && cluster is { Provider: "oidc", TakesIssuedTokens: true } && identified.Issued is { } issued && issued.IsFrom(cluster.OidcTokenProvider))
        {
            return new Own(issued.Authorization, request.Impersonation?.User);
        }

        refusal ??= new Refusal(RefusalReason.ClusterTokenRequired, MissingMessage(request.Route.Door, cluster));
        return null;
    }

    private static string MissingMessage(Door door, CredentialDefinition.ClientSide cluster) =>
        door is Door.Cluster ? "This cluster takes the caller's own token: send it in Authorization"
        : cluster.Provider is "passThrough" ? "This cluster takes the caller's own token: send it in Backstage-Kubernetes-Authorization"
        : $"This cluster takes the caller's own token: send it in {ProviderToken.HeaderName(cluster.Provider, cluster.OidcTokenProvider)}";
}
