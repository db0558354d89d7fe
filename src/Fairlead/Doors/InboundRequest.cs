using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Doors;

/// <summary>
/// Everything about a request that decides something, captured once by its door. Later stages read this and never the HTTP
/// request, so that no two of them can see different data (decision 35).
/// </summary>
internal sealed class InboundRequest
{
    private string? _fetchSite;

    /// <summary>The checked target.</summary>
    public required RequestTarget Target { get; init; }

    /// <summary>Where the request goes.</summary>
    public required DoorRoute Route { get; init; }

    /// <summary>The canonical method; <c>GET</c> for a WebSocket over HTTP/2, whose own method is CONNECT.</summary>
    public required string Method { get; init; }

    /// <summary>Which upgrade the client asks for.</summary>
    public required UpgradeKind Upgrade { get; init; }

    /// <summary>The lines of <c>Authorization</c>.</summary>
    public required StringValues Authorization { get; init; }

    /// <summary>The lines of <c>Backstage-Kubernetes-Cluster</c>.</summary>
    public required StringValues ClusterHeader { get; init; }

    /// <summary>The lines of <c>Backstage-Kubernetes-Authorization</c>.</summary>
    public required StringValues ClusterAuthorization { get; init; }

    /// <summary>The <c>Backstage-Kubernetes-Authorization-{provider}[-{sub}]</c> headers.</summary>
    public required IReadOnlyList<ProviderToken> ProviderTokens { get; init; }

    /// <summary>What <c>Sec-WebSocket-Protocol</c> offers.</summary>
    public required WebSocketProtocols WebSocketProtocols { get; init; }

    /// <summary>The lines of <c>Connection</c>.</summary>
    public required StringValues Connection { get; init; }

    /// <summary>The <c>Impersonate-*</c> headers, read before nominated ones are taken off (decision 5); null where none was sent.</summary>
    public RequestedImpersonation? Impersonation { get; init; }

    /// <summary>The lines of <c>Cookie</c>.</summary>
    public StringValues Cookies { get; init; }

    /// <summary>
    /// The origin that the browser sees, such as <c>https://fairlead.example.com:8443</c>: <c>publicUrl</c>, else the scheme and host of the request;
    /// on a Service's own host name that name.
    /// </summary>
    public string OwnOrigin => field ??= Own.PublicUrl?.GetLeftPart(UriPartial.Authority) ?? $"{Own.Scheme}://{Own.Host}";

    /// <summary>What <see cref="OwnOrigin"/> is made of, where somebody asks for it.</summary>
    public required OriginParts Own { get; init; }

    /// <summary>Whether the browser sees https: cookies are Secure then.</summary>
    public bool IsSecure => Own.Scheme is "https";

    /// <summary><c>Origin</c>; null where none was sent, and a word that is no origin where several were.</summary>
    public string? Origin { get; init; }

    /// <summary><c>Sec-Fetch-Site</c>; null where none was sent, and a word that means nothing where several were.</summary>
    public string? FetchSite { get => _fetchSite; init => _fetchSite = value; }

    /// <summary>Whether a browser says that a whole page is asked for.</summary>
    public bool IsNavigation { get; init; }

    /// <summary>The same request with another word on where the browser came from.</summary>
    public InboundRequest WithFetchSite(string site)
    {
        var copy = (InboundRequest)MemberwiseClone();
        copy._fetchSite = site;
        return copy;
    }

    /// <summary>The address of the peer.</summary>
    public required IPAddress? RemoteAddress { get; init; }
}

/// <summary>What an origin is made of.</summary>
/// <param name="Scheme">The scheme.</param>
/// <param name="Host">The host, with its port where that is another one than the scheme's.</param>
/// <param name="PublicUrl"><c>publicUrl</c>, where that is the origin; null otherwise.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OriginParts(string Scheme, string? Host, Uri? PublicUrl = null);

/// <summary>A token for one auth provider (contract S7).</summary>
/// <param name="Provider">The provider, in lower case.</param>
/// <param name="Sub">Everything after the fourth dash, in lower case; null where there is no fourth dash.</param>
/// <param name="Values">The header's lines.</param>
internal sealed record ProviderToken(string Provider, string? Sub, StringValues Values)
{
    /// <summary>What every such header's name begins with.</summary>
    public const string HeaderPrefix = "Backstage-Kubernetes-Authorization-";

    /// <summary>Without the token.</summary>
    public override string ToString() => HeaderName(Provider, Sub);

    /// <summary>Reads the header <paramref name="name"/>.</summary>
    public static ProviderToken Parse(string name, StringValues values)
    {
        var rest = name[HeaderPrefix.Length..].ToLowerInvariant();
        var dash = rest.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? new ProviderToken(rest, null, values) : new ProviderToken(rest[..dash], rest[(dash + 1)..], values);
    }

    /// <summary>The header that carries the token of a provider, for messages.</summary>
    public static string HeaderName(string provider, string? sub) =>
        HeaderPrefix + provider + (sub is null ? "" : "-" + sub.ToLowerInvariant());
}

/// <summary>The upgrades that are tunnelled; any other <c>Upgrade</c> token is ignored (RFC 9110 7.8, contract F34).</summary>
internal enum UpgradeKind
{
    /// <summary>An ordinary request.</summary>
    None,

    /// <summary>A WebSocket handshake, over HTTP/1.1 or HTTP/2 (RFC 6455, RFC 8441).</summary>
    WebSocket,

    /// <summary>SPDY/3.1, what kubectl used for exec, attach and port-forward before WebSockets.</summary>
    Spdy,
}
