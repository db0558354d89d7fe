using Fairlead.Kubernetes.Connections;

namespace Fairlead.Clusters;

/// <summary>
/// One cluster as a source has described it: immutable input, compared by value, so that a reload keeps everything
/// (connection pools, running streams) of a cluster whose definition did not change.
/// </summary>
internal sealed record ClusterDefinition
{
    /// <summary>The name of the source, unique among sources (contract F11).</summary>
    public required string Locator { get; init; }

    /// <summary>
    /// What tells clusters of one source apart that share a name: the namespace of a catalog entity or a Secret, the location of a GKE cluster, a file. Null where the source
    /// itself keeps names apart.
    /// </summary>
    public string? Scope { get; init; }

    /// <summary>The cluster's own name; not necessarily unique.</summary>
    public required string Name { get; init; }

    /// <summary>How the API server is reached.</summary>
    public required ClusterConnection Connection { get; init; }

    /// <summary>The credential that requests carry to it.</summary>
    public required CredentialDefinition Credential { get; init; }

    /// <summary>What access rules may know it by besides its name.</summary>
    public ClusterLabels Labels { get; init; } = ClusterLabels.None;

    /// <summary>The display name for <c>/clusters</c>.</summary>
    public string? Title { get; init; }

    /// <summary>A link for <c>/clusters</c>.</summary>
    public string? DashboardUrl { get; init; }

    /// <summary>Whether the gateway runs in this cluster.</summary>
    public bool IsInCluster { get; init; }

    /// <summary>
    /// Whether the gateway is in this cluster's network (<c>inCluster</c>, or <c>network: direct</c>), so that Services are reached
    /// without the API server (decision 18).
    /// </summary>
    public bool IsDirect { get; init; }

    /// <summary>
    /// Why this cluster cannot be used although its configuration can be read, with the key to mend; null when it can.
    /// For the operator: it may name files and is never sent to a client.
    /// </summary>
    public string? Problem { get; init; }

    /// <summary>The name that no other cluster has: <c>locator/name</c>, or <c>locator/scope/name</c> (contract F10, F11).</summary>
    public string QualifiedName => Scope is null ? ShortName : $"{Locator}/{Scope}/{Name}";

    /// <summary><c>locator/name</c>: other clusters of the same source may go by it too, where it has scopes.</summary>
    public string ShortName => $"{Locator}/{Name}";
}
