using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Testing.Upstreams;

/// <summary>How a <see cref="RawUpstream"/> listens.</summary>
public sealed record RawUpstreamOptions
{
    /// <summary>The address, one of the loopback network.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The server certificate; null for plain TCP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Asks for a client certificate; one is recorded, not demanded, and never checked.</summary>
    public bool RequestClientCertificate { get; init; }

    /// <summary>Ends the handshake of whoever shows no client certificate.</summary>
    public bool DemandClientCertificate { get; init; }

    /// <summary>The versions of TLS that are spoken; the system's choice unless said otherwise.</summary>
    public SslProtocols Versions { get; init; }

    /// <summary>The ALPN protocols the server agrees to.</summary>
    public IReadOnlyList<string> Protocols { get; init; } = ["http/1.1"];

    /// <summary>Keeps the bodies of requests. Switch off for bodies so big that their copy would disturb a measurement.</summary>
    public bool KeepBodies { get; init; } = true;
}
