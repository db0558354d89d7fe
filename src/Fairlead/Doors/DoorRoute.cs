namespace Fairlead.Doors;

/// <summary>The doors: they differ in how a cluster is named and how an error looks.</summary>
internal enum Door
{
    /// <summary>Backstage's plugin base, <c>/api/kubernetes</c>; also answers where no door is.</summary>
    Backstage,

    /// <summary><c>/clusters/{c}/...</c>, for kubectl, helm and client libraries.</summary>
    Cluster,
}

/// <summary>Where a request goes, decided from the raw target alone.</summary>
/// <param name="Door">The door.</param>
internal abstract record DoorRoute(Door Door)
{
    /// <summary>To an API server.</summary>
    /// <param name="Door">The door.</param>
    /// <param name="PrefixLength">How many characters of the raw target belong to the door; the rest goes upstream.</param>
    /// <param name="ClusterName">The cluster's name in the path; null at the Backstage door, where a header names it.</param>
    public sealed record Proxy(Door Door, int PrefixLength, string? ClusterName) : DoorRoute(Door);

    /// <summary><c>GET /api/kubernetes/clusters</c> (contract F45).</summary>
    public sealed record ListClusters() : DoorRoute(Door.Backstage);

    /// <summary><c>GET /api/kubernetes/.well-known/backstage/permissions/metadata</c> (contract F47).</summary>
    public sealed record PermissionMetadata() : DoorRoute(Door.Backstage);

    /// <summary>A known path that is not served.</summary>
    /// <param name="Door">The door.</param>
    /// <param name="Refusal">Why.</param>
    public sealed record Refused(Door Door, Refusal Refusal) : DoorRoute(Door);
}
