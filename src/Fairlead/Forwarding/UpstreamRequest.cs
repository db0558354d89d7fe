using System.Diagnostics;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Doors;
using Fairlead.Limits;
using Fairlead.Recording;
using Fairlead.Services;

namespace Fairlead.Forwarding;

/// <summary>What earlier stages have decided: which request, to whom, as whom.</summary>
internal sealed record UpstreamRequest : IDisposable
{
    /// <summary>The request as it came.</summary>
    public InboundRequest Inbound => Question.Request;

    /// <summary>The door.</summary>
    public DoorRoute.Forwarded Route => Question.Route;

    /// <summary>What is said of it afterwards; null where nobody asks.</summary>
    public AuditRecord? Record { get; init; }

    /// <summary>Where it has a place among what is open; null for nowhere.</summary>
    public OpenPlaces? Places { get; init; }

    /// <summary>The recording of the session that it may become; null for none.</summary>
    public SessionRecording? Recording { get; init; }

    /// <summary>The cluster.</summary>
    public required Cluster Cluster { get; init; }

    /// <summary>What is asked for.</summary>
    public KubernetesAction Action => Question.Action;

    /// <summary>How long it may be silent, and over which protocol it travels.</summary>
    public required StreamClass StreamClass { get; init; }

    /// <summary>What was asked for, for as long as the stream lives.</summary>
    public required AuthorityQuestion Question { get; init; }

    /// <summary>What the answer was.</summary>
    public required Authority Authority { get; init; }

    /// <summary>As whom it arrives.</summary>
    public required UpstreamCredential Credential { get; init; }

    /// <summary>The Service; null for a request to the API server itself.</summary>
    public ServiceDestination? Service { get; init; }

    /// <summary>A header that carries a credential for the Service past the API server; null for none.</summary>
    public ServiceHeader? ServiceHeader { get; init; }

    /// <summary>The span of the request; null where nobody traces.</summary>
    public Activity? Span { get; init; }

    /// <summary>The URL that is asked for.</summary>
    public string Url => Service is { } service ? Prefix + service.Target.PathAndQuery : Inbound.Target.Below(Route.PrefixLength, Prefix);

    /// <summary>Whether a redirect from http to https of the same host is followed (contract <c>headlamp.md</c> F32).</summary>
    public bool MayFollow { get; init; } = true;

    /// <summary>Whether the request is sent once more with a new credential where the cluster refuses this one.</summary>
    public bool MayRenew { get; init; }

    /// <summary>What the URL begins with, before the path that was asked for.</summary>
    public string Prefix => Service?.Prefix ?? Cluster.Upstream.Prefix;

    /// <summary>What the Service's paths begin with at the door: with the port, where the query named it, so that what leads back leads to the same port.</summary>
    public string DoorPrefix
    {
        get
        {
            var prefix = Inbound.Target.Raw[..Route.PrefixLength];
            return Service is { Target: { PortInQuery: { } port, IsRequestForm: false } } ? $"{prefix}:{Uri.EscapeDataString(port)}" : prefix;
        }
    }

    /// <summary>Whether it goes past the API server, to a Service.</summary>
    public bool IsDirect => Service is { IsDirect: true };

    /// <summary>The name in <c>Host</c>; null for the URL's own.</summary>
    public string? HostName => Service is { IsDirect: true } ? null : Cluster.Upstream.HostName;

    /// <summary>Who is asked, in messages.</summary>
    public string Subject => Service is { } service ? ServiceStage.Subject(service) : $"Cluster '{Cluster.Definition.Name}'";

    /// <summary>Who is asked, in logs.</summary>
    public string QualifiedSubject => Service is { } service
        ? $"{ServiceStage.Subject(service)} of cluster '{Cluster.Definition.QualifiedName}'"
        : $"Cluster '{Cluster.Definition.QualifiedName}'";

    /// <summary>It has ended, and takes no place any more. Only the first of its copies is disposed.</summary>
    public void Dispose()
    {
        try
        {
            Recording?.Dispose();
        }
        finally
        {
            Places?.Leave(PlaceKey.Of(Authority, Inbound.RemoteAddress, Action));
        }
    }

    /// <summary>Without what it holds.</summary>
    public override string ToString() => nameof(UpstreamRequest);

    /// <summary>Lends the connections.</summary>
    /// <exception cref="Kubernetes.Connections.TlsMaterialException">The certificates cannot be used.</exception>
    /// <exception cref="ObjectDisposedException">A reload has taken the connections away.</exception>
    public PooledHandler Rent() => Service is { Pool: { } pool } service
        ? pool.TryRent() ?? service.Reopen!().Rent()
        : Cluster.Upstream.Rent(Credential.Certificate);
}
