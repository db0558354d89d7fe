using System.Net;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Services;

/// <summary>A Service as it is at one moment, with its endpoints. Two views of the same state are the same object, so that what was worked out of one is kept.</summary>
/// <param name="Service">The Service.</param>
/// <param name="Slices">Its EndpointSlices; null where they were not looked at.</param>
internal sealed record ServiceView(Service Service, IReadOnlyList<EndpointSlice>? Slices)
{
    /// <summary>The annotation by which a Service asks for less than the caller's token (contract <c>headlamp.md</c> F24).</summary>
    public const string AuthorizationAnnotation = "fairlead.dev/authorization";

    /// <summary>Whether it stands for a host outside the cluster.</summary>
    public bool IsExternal => string.Equals(Service.Spec.Type, "ExternalName", StringComparison.Ordinal) || Service.Spec.ExternalName.Length > 0;

    /// <summary>Whether it has no address of its own.</summary>
    public bool IsHeadless => Service.Spec.ClusterIP is "" or "None";

    /// <summary>The ready endpoints of a port, by the port's name.</summary>
    public IEnumerable<IPEndPoint> ReadyEndpoints(string portName) =>
        from slice in Slices ?? []
        where slice.AddressType is "IPv4" or "IPv6"
        from port in slice.Ports ?? []
        where port.Port is > 0 and <= ushort.MaxValue && string.Equals(port.Name, portName, StringComparison.Ordinal)
        from endpoint in slice.Endpoints ?? []
        where endpoint.IsReady && endpoint.Addresses is { Count: > 0 } && IPAddress.TryParse(endpoint.Addresses[0], out _)
        select new IPEndPoint(IPAddress.Parse(endpoint.Addresses![0]), port.Port!.Value);

    /// <summary>Equal to itself only: a view is compared by what it was made of, not by what it says.</summary>
    public bool Equals(ServiceView? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
