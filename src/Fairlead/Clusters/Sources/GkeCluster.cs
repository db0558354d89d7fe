using System.Text.Json;

namespace Fairlead.Clusters.Sources;

/// <summary>The answer of GKE's <c>projects.locations.clusters.list</c>.</summary>
/// <param name="Clusters">The clusters.</param>
/// <param name="MissingZones">Zones that could not be asked.</param>
internal sealed record GkeClusterList(IReadOnlyList<JsonElement>? Clusters = null, IReadOnlyList<string>? MissingZones = null);

/// <summary>A cluster of GKE, as far as it is read.</summary>
/// <param name="Name">The name, unique in its location.</param>
/// <param name="Location">The region or zone.</param>
/// <param name="Endpoint">The address of the API server.</param>
/// <param name="MasterAuth">The authority of its certificate.</param>
/// <param name="ResourceLabels">The labels.</param>
/// <param name="ControlPlaneEndpointsConfig">Its other endpoints.</param>
internal sealed record GkeCluster(
    string? Name = null,
    string? Location = null,
    string? Endpoint = null,
    GkeMasterAuth? MasterAuth = null,
    IReadOnlyDictionary<string, string?>? ResourceLabels = null,
    GkeEndpoints? ControlPlaneEndpointsConfig = null);

/// <summary>The authority of a cluster's certificate.</summary>
/// <param name="ClusterCaCertificate">PEM in base64.</param>
internal sealed record GkeMasterAuth(string? ClusterCaCertificate = null);

/// <summary>Endpoints of a control plane.</summary>
/// <param name="DnsEndpointConfig">The one by name.</param>
internal sealed record GkeEndpoints(GkeDnsEndpoint? DnsEndpointConfig = null);

/// <summary>An endpoint by name, whose certificate is one of a public authority.</summary>
/// <param name="Endpoint">The name.</param>
internal sealed record GkeDnsEndpoint(string? Endpoint = null);
