namespace Fairlead.Kubernetes.Resources;

/// <summary>An EndpointSlice (<c>discovery.k8s.io/v1</c>), as far as it says where a Service's requests go.</summary>
/// <param name="Metadata">The metadata.</param>
/// <param name="AddressType"><c>IPv4</c>, <c>IPv6</c> or <c>FQDN</c>.</param>
/// <param name="Ports">The ports, named as the Service's.</param>
/// <param name="Endpoints">The endpoints.</param>
public sealed record EndpointSlice(
    ObjectMeta Metadata, string AddressType = "", IReadOnlyList<EndpointPort>? Ports = null, IReadOnlyList<SliceEndpoint>? Endpoints = null) : IApiObject
{
    /// <summary>The label that names the Service.</summary>
    public const string ServiceNameLabel = "kubernetes.io/service-name";

    /// <summary>The Service that this belongs to; empty for none.</summary>
    public string ServiceName { get; private init; } = Metadata.Labels?.GetValueOrDefault(ServiceNameLabel) ?? "";

    /// <summary>The same without labels and annotations.</summary>
    public EndpointSlice Slim() => this with { Metadata = Metadata with { Labels = null, Annotations = null }, ServiceName = ServiceName };
}

/// <summary>A port of every endpoint of a slice.</summary>
/// <param name="Name">The name of the Service's port.</param>
/// <param name="Port">The number; null means all ports, which nothing can be sent to.</param>
public sealed record EndpointPort(string Name = "", int? Port = null);

/// <summary>One endpoint.</summary>
/// <param name="Addresses">Its addresses; all lead to the same place, the first is used.</param>
/// <param name="Conditions">Its conditions.</param>
public sealed record SliceEndpoint(IReadOnlyList<string>? Addresses = null, EndpointConditions? Conditions = null)
{
    /// <summary>Whether it takes requests. Unknown counts as ready, as the API says.</summary>
    public bool IsReady => Conditions?.Ready != false;
}

/// <summary>The conditions of an endpoint.</summary>
/// <param name="Ready">Whether it is ready; null for unknown.</param>
public sealed record EndpointConditions(bool? Ready = null);
