namespace Fairlead.Kubernetes.Resources;

/// <summary>A Service (<c>v1</c>), as far as it says where requests go.</summary>
/// <param name="Metadata">The metadata.</param>
/// <param name="Spec">The specification; a bookmark has none.</param>
public sealed record Service(ObjectMeta Metadata, ServiceSpec? Spec = null) : IApiObject
{
    /// <summary>The specification.</summary>
    public ServiceSpec Spec { get; } = Spec ?? new ServiceSpec();

    /// <summary>The same without labels, and without annotations but this one: anybody who may create a Service may write megabytes there.</summary>
    /// <param name="annotation">The annotation that is kept.</param>
    public Service Slim(string annotation) => this with
    {
        Metadata = Metadata with
        {
            Labels = null,
            Annotations = Metadata.Annotations?.GetValueOrDefault(annotation) is { Length: <= 256 } value ? new Dictionary<string, string>(StringComparer.Ordinal) { [annotation] = value } : null,
        },
    };
}

/// <summary>What of a Service's specification is kept.</summary>
/// <param name="Type"><c>ClusterIP</c>, <c>NodePort</c>, <c>LoadBalancer</c> or <c>ExternalName</c>.</param>
/// <param name="ClusterIP">The virtual address; <c>None</c> or empty for a headless Service.</param>
/// <param name="ExternalName">The name of a host outside; empty unless <paramref name="Type"/> is <c>ExternalName</c>.</param>
/// <param name="Ports">The declared ports; null for none.</param>
public sealed record ServiceSpec(string Type = "ClusterIP", string ClusterIP = "", string ExternalName = "", IReadOnlyList<ServicePort>? Ports = null);

/// <summary>A declared port.</summary>
/// <param name="Port">The number.</param>
/// <param name="Name">The name; empty where there is only one port.</param>
/// <param name="Protocol"><c>TCP</c>, <c>UDP</c> or <c>SCTP</c>.</param>
/// <param name="AppProtocol">The application protocol, such as <c>https</c>; empty for none.</param>
public sealed record ServicePort(int Port, string Name = "", string Protocol = "TCP", string AppProtocol = "");
