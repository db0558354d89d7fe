using System.Globalization;
using Fairlead.Configuration;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Doors;

/// <summary>Captures an <see cref="InboundRequest"/>: the only code that reads the headers of the HTTP request for a decision.</summary>
internal static class RequestCapture
{
    private const string AllowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    /// <summary>Reads <paramref name="http"/>.</summary>
    /// <returns>The request, or null with the refusal and the door in whose shape to answer.</returns>
    public static InboundRequest? Read(HttpContext http, Router router, GatewayOptions options, out Refusal? refusal, out Door door)
    {
        var limits = options.Limits;
        var raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var own = options.ServiceProxy is { Enabled: true, Services.Count: > 0 } ? options.ServiceProxy.FindHost(http.Request.Host.Host) : null;
        door = own is null ? router.DoorOf(raw) : Door.Service;
        var upgrade = UpgradeOf(http, out refusal);
        var method = upgrade is UpgradeKind.WebSocket ? "GET" : Canonical(http.Request.Method);
        if (method is null)
        {
            http.Response.Headers.Allow = AllowedMethods;
            refusal = new Refusal(RefusalReason.MethodNotAllowed, $"The method is not served; use one of {AllowedMethods}");
        }

        if (refusal is null && limits.RequestBody is { } limit && http.Request.ContentLength > limit)
        {
            refusal = new Refusal(RefusalReason.BodyTooLarge, $"The request body is larger than the configured limit of {limit} bytes");
        }

        refusal ??= CheckFraming(http) ?? CheckHost(http.Request.Host.Value) ?? CheckOwn(http.Request, own, options);
        var sent = refusal is null ? SentHeaders.Read(http.Request.Headers) : default;
        refusal ??= sent.Refusal;
        if (refusal is not null || RequestTarget.Parse(raw, limits.RequestLine, out refusal) is not { } target)
        {
            return null;
        }

        var route = own is null ? router.Find(target) : ServiceOrigin.Find(target, own);
        door = route.Door;
        return Collect(http, target, route, method!, upgrade, sent, OriginOf(http.Request, own, options.PublicUrl));
    }

    /// <summary>
    /// A body that two readers could end at two places: with a length beside its chunks (which the server moves to another name), with other encodings, or
    /// from a client of HTTP/1.0, which knows none. RFC 9112 6.1 and 6.3 let a server refuse it, and have it close the connection.
    /// </summary>
    private static Refusal? CheckFraming(HttpContext http)
    {
        var headers = http.Request.Headers;
        var encoding = headers.TransferEncoding;
        if (encoding.Count == 0
            || (encoding is [var only] && string.Equals(only, "chunked", StringComparison.OrdinalIgnoreCase)
                && headers.ContentLength is null && !headers.ContainsKey("X-Content-Length") && HttpProtocol.IsHttp11(http.Request.Protocol)))
        {
            return null;
        }

        http.Response.Headers.Connection = "close";
        return new Refusal(RefusalReason.InvalidRequest, "The body's end can be read in two ways: send either Content-Length or 'Transfer-Encoding: chunked', the latter over HTTP/1.1 only");
    }

    /// <summary>The server has seen to it that a port is made of digits; how many is left to us.</summary>
    private static Refusal? CheckHost(string? host)
    {
        var colon = host is null ? -1 : host.LastIndexOf(':');
        return colon > 0 && host![^1] != ']' && !ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? new Refusal(RefusalReason.InvalidRequest, "The port in Host is not one; ports end at 65535")
            : null;
    }

    /// <summary>With <c>publicUrl</c> there is one name, and those of loopback, which no page elsewhere can point to itself (decision 10).</summary>
    private static Refusal? CheckOwn(HttpRequest request, ServiceOptions? own, GatewayOptions options) =>
        own is not null || options.PublicUrl is not { } publicUrl || publicUrl.IsLoopback || IsHost(request, publicUrl) || LoopbackName.Is(request.Host.Host)
            || options.Hosts.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase) ? null
        : new Refusal(RefusalReason.MisdirectedRequest, "This gateway has another name: it is served at the address of publicUrl, and under those of hosts");

    private static bool IsHost(HttpRequest request, Uri publicUrl) =>
        string.Equals(request.Host.Host, publicUrl.Host, StringComparison.OrdinalIgnoreCase)
        && (request.Host.Port is not { } port || port == publicUrl.Port || port == DefaultPort(publicUrl.Scheme));

    private static int DefaultPort(string scheme) => scheme is "https" ? 443 : 80;

    private static OriginParts OriginOf(HttpRequest request, ServiceOptions? own, Uri? publicUrl) =>
        publicUrl is null || (own is null && !IsHost(request, publicUrl)) ? new(request.Scheme, request.Host.Value)
        : new(publicUrl.Scheme, request.Host.Value, own is null ? publicUrl : null);

    private static InboundRequest Collect(HttpContext http, RequestTarget target, DoorRoute route, string method, UpgradeKind upgrade, in SentHeaders sent, OriginParts own)
    {
        var headers = http.Request.Headers;
        return new InboundRequest
        {
            Target = target,
            Route = route,
            Method = method,
            Upgrade = upgrade,
            Authorization = headers.Authorization,
            ClusterHeader = sent.Cluster,
            ClusterAuthorization = sent.ClusterAuthorization,
            ProviderTokens = sent.ProviderTokens,
            WebSocketProtocols = upgrade is UpgradeKind.WebSocket ? WebSocketProtocols.Parse(headers.SecWebSocketProtocol) : WebSocketProtocols.Untouched,
            Connection = headers.Connection,
            Cookies = headers.Cookie,
            Own = own,
            Origin = headers.Origin.Count > 1 ? "several" : headers.Origin.Count == 1 ? headers.Origin[0] : null,
            FetchSite = headers["Sec-Fetch-Site"] is { Count: > 0 } site ? site.Count == 1 ? site[0] : "several" : null,
            IsNavigation = headers["Sec-Fetch-Mode"] is ["navigate"] && headers["Sec-Fetch-Dest"] is ["document"],
            Impersonation = sent.Impersonates ? RequestedImpersonation.Read(headers) : null,
            RemoteAddress = http.Connection.RemoteIpAddress,
        };
    }

    /// <summary>The method in its canonical form; null for one that is not served (contract F3).</summary>
    private static string? Canonical(string method) =>
        HttpMethods.IsGet(method) ? HttpMethods.Get
        : HttpMethods.IsPost(method) ? HttpMethods.Post
        : HttpMethods.IsPatch(method) ? HttpMethods.Patch
        : HttpMethods.IsPut(method) ? HttpMethods.Put
        : HttpMethods.IsDelete(method) ? HttpMethods.Delete
        : HttpMethods.IsHead(method) ? HttpMethods.Head
        : HttpMethods.IsOptions(method) ? HttpMethods.Options
        : null;

    private static UpgradeKind UpgradeOf(HttpContext http, out Refusal? refusal)
    {
        refusal = null;
        if (http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            return string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase) ? UpgradeKind.WebSocket : UpgradeKind.None;
        }

        var headers = http.Request.Headers;
        if (StringValues.IsNullOrEmpty(headers.Upgrade))
        {
            return UpgradeKind.None;
        }

        var kind = http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } || headers.Upgrade.Count != 1 ? UpgradeKind.None
            : string.Equals(headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase) ? UpgradeKind.WebSocket
            : string.Equals(headers.Upgrade, "SPDY/3.1", StringComparison.OrdinalIgnoreCase) ? UpgradeKind.Spdy
            : UpgradeKind.None;
        if (kind is UpgradeKind.None)
        {
            // The forwarder would tunnel other SPDY versions; what is not an upgrade here must not be one there.
            headers.Remove("Upgrade");
        }
        else if (kind is UpgradeKind.WebSocket && !HttpMethods.IsGet(http.Request.Method))
        {
            refusal = new Refusal(RefusalReason.InvalidRequest, "A WebSocket handshake has to be a GET (RFC 6455 4.1)");
        }

        return kind;
    }
}
