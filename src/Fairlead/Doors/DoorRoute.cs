namespace Fairlead.Doors;

/// <summary>The doors: they differ in how a cluster is named and how an error looks.</summary>
internal enum Door
{
    /// <summary>Backstage's plugin base, <c>/api/kubernetes</c>; also answers where no door is.</summary>
    Backstage,

    /// <summary><c>/clusters/{c}/...</c>, for kubectl, helm and client libraries.</summary>
    Cluster,

    /// <summary><c>/serviceproxy/...</c> and <c>/clusters/{c}/serviceproxy/...</c>, for Services.</summary>
    Service,
}

/// <summary>The routes of the session door: who somebody is, and proofs of it for browsers.</summary>
internal enum AuthRoute
{
    /// <summary><c>/auth/login</c>, <c>/oidc</c>: to the identity provider.</summary>
    Login,

    /// <summary><c>/auth/callback</c>, <c>/oidc-callback</c>: back from it.</summary>
    Callback,

    /// <summary><c>/auth/logout</c>.</summary>
    Logout,

    /// <summary><c>/auth/backchannel-logout</c>: the provider says that somebody has left.</summary>
    BackchannelLogout,

    /// <summary><c>/auth/me</c>.</summary>
    Me,

    /// <summary><c>/auth/ticket</c> (contract F35).</summary>
    Ticket,

    /// <summary><c>/auth/cli</c>: how people sign in on their own machines.</summary>
    CommandLine,

    /// <summary><c>/auth/handover</c>: a code for a Service's own host name (decision 21).</summary>
    Handover,

    /// <summary><c>/clusters/{c}/set-token</c> (contract <c>headlamp.md</c> F41).</summary>
    SetToken,

    /// <summary><c>/clusters/{c}/me</c> (contract <c>headlamp.md</c> F42).</summary>
    ClusterMe,
}

/// <summary>Where a request goes, decided from the raw target alone.</summary>
/// <param name="Door">The door.</param>
internal abstract record DoorRoute(Door Door)
{
    /// <summary>To a cluster.</summary>
    /// <param name="Door">The door.</param>
    /// <param name="PrefixLength">How many characters of the raw target belong to the door.</param>
    /// <param name="ClusterName">The cluster's name in the path; null where the path names none.</param>
    public abstract record Forwarded(Door Door, int PrefixLength, string? ClusterName) : DoorRoute(Door);

    /// <summary>To an API server: the rest of the target goes upstream as it stands.</summary>
    /// <param name="Door">The door.</param>
    /// <param name="PrefixLength">How many characters of the raw target belong to the door.</param>
    /// <param name="ClusterName">The cluster's name in the path; null at the Backstage door, where a header names it.</param>
    public sealed record Proxy(Door Door, int PrefixLength, string? ClusterName) : Forwarded(Door, PrefixLength, ClusterName);

    /// <summary>To a Service.</summary>
    /// <param name="PrefixLength">How many characters of the raw target belong to the door: everything up to the Service's own path.</param>
    /// <param name="ClusterName">The cluster's name in the path; null for the default cluster.</param>
    /// <param name="Target">What the target names.</param>
    public sealed record Service(int PrefixLength, string? ClusterName, ServiceTarget Target) : Forwarded(Door.Service, PrefixLength, ClusterName)
    {
        /// <summary>The host name, where the Service has one of its own and the request came to it; null at the gateway's (decision 21).</summary>
        public string? OwnHost { get; init; }
    }

    /// <summary>A route of the session door.</summary>
    /// <param name="Kind">Which one.</param>
    /// <param name="Door">The door whose callers and error shape it has.</param>
    /// <param name="Cluster">The cluster's name in the path; null where the path names none.</param>
    public sealed record Auth(AuthRoute Kind, Door Door, string? Cluster = null) : DoorRoute(Door);

    /// <summary>Exchanges a code for a cookie, on a Service's own host name.</summary>
    /// <param name="Host">The host name.</param>
    /// <param name="Code">The code; empty to end the session.</param>
    public sealed record ServiceSignIn(string Host, string Code) : DoorRoute(Door.Service)
    {
        /// <summary>Without the code.</summary>
        public override string ToString() => $"{nameof(ServiceSignIn)} {{ Host = {Host} }}";
    }

    /// <summary><c>GET /api/kubernetes/clusters</c> (contract F45); <c>GET /clusters</c> at the cluster door.</summary>
    /// <param name="Door">The door.</param>
    public sealed record ListClusters(Door Door) : DoorRoute(Door);

    /// <summary><c>/api/kubernetes/services/...</c> and <c>/resources/...</c>: queries by catalog entity, which the portal's own backend answers (contract F46, decision 26).</summary>
    /// <param name="PrefixLength">How many characters of the raw target stand before the plugin's own path.</param>
    public sealed record PortalQuery(int PrefixLength) : DoorRoute(Door.Backstage);

    /// <summary><c>GET /api/kubernetes/.well-known/backstage/permissions/metadata</c> (contract F47).</summary>
    public sealed record PermissionMetadata() : DoorRoute(Door.Backstage);

    /// <summary><c>GET /.well-known/jwks.json</c>: the keys of identity tokens (contract <c>headlamp.md</c> F24).</summary>
    public sealed record IdentityKeys() : DoorRoute(Door.Cluster);

    /// <summary>The landing page (decision 23).</summary>
    public sealed record Landing() : DoorRoute(Door.Cluster);

    /// <summary>A known path that is not served.</summary>
    /// <param name="Door">The door.</param>
    /// <param name="Refusal">Why.</param>
    public sealed record Refused(Door Door, Refusal Refusal) : DoorRoute(Door);
}
