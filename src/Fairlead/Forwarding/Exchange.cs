using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Fairlead.Callers;
using Fairlead.Doors;
using Fairlead.Management.Metrics;
using Fairlead.Management.Tracing;
using Fairlead.Services;
using Fairlead.Sessions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Fairlead.Forwarding;

/// <summary>
/// One request on its way: what earlier stages have decided, written onto the upstream request, and the upstream's answer
/// written back. It may run twice for one request, so it only reads.
/// </summary>
/// <param name="upstream">What is sent where.</param>
internal sealed class Exchange(UpstreamRequest upstream) : HttpTransformer
{
    private static readonly UriCreationOptions _verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Bounds the wait for response headers; stopped when they are there.</summary>
    public HeaderTimer? Timer { get; set; }

    /// <summary>Measures how long the answer takes.</summary>
    public RequestMetrics.SentRequest Sent { get; init; }

    /// <summary>The span of this one request upstream; null where nobody traces, or not this one.</summary>
    public Activity? Span { get; init; }

    /// <summary>The status that the upstream gave; null while it has not.</summary>
    public int? Status { get; private set; }

    /// <summary>Where the gateway goes on by itself; null for nowhere.</summary>
    public (int Port, string PathAndQuery)? FollowsTo { get; private set; }

    /// <summary>Whether the cluster has refused the gateway's credential, and another one may be better. Nothing of that answer reaches the client.</summary>
    public bool IsCredentialRefused { get; private set; }

    /// <summary>Why the upstream's answer to an upgrade goes nowhere; null where it does.</summary>
    public RefusalReason? RefusedUpgrade { get; private set; }

    private InboundRequest Request => upstream.Inbound;

    private ServiceDestination? Service => upstream.Service;

    private string? OwnHost => (upstream.Route as DoorRoute.Service)?.OwnHost;

    /// <inheritdoc/>
    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        CopyHeaders(httpContext, proxyRequest);
        if ((Span ?? upstream.Span) is { } span)
        {
            TraceHeaders.Write(proxyRequest.Headers, span);
        }

        // System.Uri would otherwise re-encode and resolve the path; the target was checked by RequestTarget.
        proxyRequest.RequestUri = new Uri(upstream.Url, _verbatim);
        // The forwarder turns every upgrade into a GET, which RBAC would judge by another verb.
        proxyRequest.Method = HttpMethod.Parse(Request.Method);
        proxyRequest.Headers.Host = upstream.HostName;
        upstream.Credential.WriteTo(proxyRequest);
        if (Request.RemoteAddress is { } address)
        {
            proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-For", Addresses.Text(address));
        }

        if (Service is not null)
        {
            AddForServices(httpContext.Request, proxyRequest.Headers);
        }

        if (Request.WebSocketProtocols.Offered is { } offered)
        {
            proxyRequest.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", offered);
        }

        return default;
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return false;
        }

        Timer?.Stop();
        Sent.Answered();
        Status = (int)proxyResponse.StatusCode;
        if (!upstream.IsDirect)
        {
            upstream.Cluster.Contact.Reached();
        }

        if (upstream.StreamClass is StreamClass.Upgrade && (int)proxyResponse.StatusCode is >= 300 and < 400)
        {
            // Clients that follow it would offer their credentials to a host of a node's choice (CVE-2020-8559).
            RefusedUpgrade = RefusalReason.UpgradeRedirected;
            return false;
        }

        if (upstream.StreamClass is StreamClass.Upgrade && (int)proxyResponse.StatusCode is >= 200 and < 300 && !HttpProtocol.IsHttp11(httpContext.Request.Protocol))
        {
            // Over HTTP/2 it is success that says that the tunnel stands (RFC 8441 5), and what follows would be taken for frames.
            RefusedUpgrade = RefusalReason.UpgradeIgnored;
            return Discard(httpContext.Response);
        }

        if (upstream.Recording is { } recording && proxyResponse.StatusCode is HttpStatusCode.SwitchingProtocols && !recording.TryUse(HeaderOf(proxyResponse, "Sec-WebSocket-Protocol"), HeaderOf(proxyResponse, "Sec-WebSocket-Extensions")))
        {
            RefusedUpgrade = RefusalReason.RecordingUnavailable;
            return Discard(httpContext.Response);
        }

        if (upstream.MayRenew && proxyResponse.StatusCode is HttpStatusCode.Unauthorized && !CanHaveBody(httpContext) && upstream.Cluster.Planned.MayRenew(upstream.Credential))
        {
            IsCredentialRefused = true;
            return Discard(httpContext.Response);
        }

        if (upstream.MayFollow && Service is { IsDirect: true, Target.IsRequestForm: true } && Request.Method is "GET" or "HEAD"
            // A body that was sent once cannot be sent again.
            && !CanHaveBody(httpContext)
            && (int)proxyResponse.StatusCode is 301 or 302 or 303 or 307 or 308
            && proxyResponse.Headers.NonValidated.TryGetValues("Location", out var target) && ServiceLocation.FollowsTo(target.ToString(), Service) is { } next && ServiceStage.MayFollowTo(Service, next.Port))
        {
            FollowsTo = next;
            return Discard(httpContext.Response);
        }

        var response = httpContext.Response;
        var nominated = proxyResponse.Headers.NonValidated.TryGetValues("Connection", out var connection)
            ? RequestHeaderRules.Nominated(new StringValues([.. connection]))
            : null;
        Copy(proxyResponse.Headers, response.Headers, nominated);
        Copy(proxyResponse.Content.Headers, response.Headers, nominated);
        if (OwnHost is not null && proxyResponse.Headers.NonValidated.TryGetValues("Set-Cookie", out var cookies))
        {
            response.Headers.SetCookie = new StringValues([.. cookies.Select(ServiceCookie.Confined).OfType<string>()]);
        }

        if (response.Headers.WWWAuthenticate is { Count: > 0 } challenges && challenges.Any(static line => BearerCredential.BindsConnection(line)))
        {
            // Nobody can answer it: credentials for connections are refused (Callers/CallerStage).
            response.Headers.WWWAuthenticate = new StringValues([.. challenges.Where(static line => !BearerCredential.BindsConnection(line))]);
        }

        MendFraming(httpContext, proxyResponse);
        if (upstream.StreamClass is StreamClass.Upgrade && proxyResponse.StatusCode is not HttpStatusCode.SwitchingProtocols && HttpProtocol.IsHttp11(httpContext.Request.Protocol))
        {
            // What a client sent in the hope of an upgrade is no next request.
            response.Headers.Connection = "close";
        }

        Protect(response.Headers);
        if (response.Headers.Location is [{ } location])
        {
            response.Headers.Location = Service is null
                ? LocationRewriter.Rewrite(location, upstream.Cluster.Upstream, Request.Target.Raw.AsSpan(0, upstream.Route.PrefixLength))
                : ServiceLocation.Rewrite(location, Service, upstream.DoorPrefix);
        }

        upstream.Record?.Answered((int)proxyResponse.StatusCode, Service is null ? HeaderOf(proxyResponse, "Audit-Id") : null);
        if (upstream.StreamClass is StreamClass.Stream && MayHaveBody(proxyResponse) && (Service is null || proxyResponse.Content.Headers.ContentLength is null))
        {
            // The headers of a watch would otherwise wait for its first event.
            await response.Body.FlushAsync(cancellationToken);
        }

        return true;
    }

    /// <inheritdoc/>
    public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
    {
        if (httpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } trailers)
        {
            Copy(proxyResponse.TrailingHeaders, trailers, null);
        }

        return default;
    }

    private void Protect(IHeaderDictionary headers)
    {
        if (Service is not null)
        {
            ServiceHeaderRules.Protect(headers, Service.Target.IsRequestForm, Service.Transport, hasOwnOrigin: OwnHost is not null);
            return;
        }

        headers.XContentTypeOptions = "nosniff";
        if (upstream.Action.IsProxied)
        {
            headers.Append("Content-Security-Policy", "sandbox");
        }
    }

    private void AddForServices(HttpRequest inbound, HttpRequestHeaders headers)
    {
        headers.TryAddWithoutValidation("X-Forwarded-Proto", inbound.Scheme);
        headers.TryAddWithoutValidation("X-Forwarded-Host", inbound.Host.Value);
        if (OwnHost is null)
        {
            headers.TryAddWithoutValidation("X-Forwarded-Prefix", upstream.DoorPrefix);
        }
        else if (ServiceCookie.WithoutOurs(Request.Cookies) is { } cookies)
        {
            headers.TryAddWithoutValidation("Cookie", cookies);
        }

        if (upstream.ServiceHeader is { } header)
        {
            headers.TryAddWithoutValidation(header.Name, header.Value.Reveal());
        }
    }

    private void CopyHeaders(HttpContext httpContext, HttpRequestMessage proxyRequest)
    {
        var nominated = RequestHeaderRules.Nominated(Request.Connection);
        foreach (var (name, values) in httpContext.Request.Headers)
        {
            if (RequestHeaderRules.Drops(name)
                || (OwnHost is null && RequestHeaderRules.BelongsToPages(name))
                || (Service is not null && ServiceHeaderRules.DropsRequest(name))
                // Compressed frames are none that a recording can read.
                || (upstream.Recording is not null && name.Equals("Sec-WebSocket-Extensions", StringComparison.OrdinalIgnoreCase))
                // Part of a handshake, and read for tokens, only where there is one.
                || (Request.Upgrade is not UpgradeKind.WebSocket && name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase))
                || (nominated is not null && nominated.Contains(name))
                || (Request.WebSocketProtocols.Offered is not null && name.Equals("Sec-WebSocket-Protocol", StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            // A header about content stays behind where there is no content for it to describe (RFC 9110 8.3).
            if (!Add(proxyRequest.Headers, name, values) && proxyRequest.Content is { } content)
            {
                Add(content.Headers, name, values);
            }
        }
    }

    private static bool Add(HttpHeaders headers, string name, StringValues values) =>
        values.Count == 1
            ? headers.TryAddWithoutValidation(name, values[0])
            : headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);

    private void Copy(HttpHeaders source, IHeaderDictionary target, HashSet<string>? nominated)
    {
        foreach (var (name, values) in source.NonValidated)
        {
            if (ResponseHeaderRules.Drops(name) || (Service is not null && ServiceHeaderRules.DropsResponse(name, hasOwnOrigin: OwnHost is not null)) || (nominated is not null && nominated.Contains(name)))
            {
                continue;
            }

            target[name] = values.Count == 1 ? new StringValues(values.ToString()) : new StringValues([.. values]);
        }
    }

    private void MendFraming(HttpContext httpContext, HttpResponseMessage proxyResponse)
    {
        var headers = httpContext.Response.Headers;
        if (proxyResponse.Headers.NonValidated.Contains("Transfer-Encoding")
            || (!MayHaveContentLength(proxyResponse.StatusCode) && proxyResponse.Content.Headers.ContentLength == 0)
            || (Request.Method is "HEAD" && !HeadRequest.Is(httpContext)))
        {
            headers.ContentLength = null;
        }

        if (HttpProtocol.IsHttp11(httpContext.Request.Protocol))
        {
            // Kestrel has no trailers on HTTP/1.1, so none may be announced.
            headers.Remove("Trailer");
        }
    }

    private static string? HeaderOf(HttpResponseMessage response, string name) => response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static bool CanHaveBody(HttpContext http) => http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;

    /// <summary>Puts the response back to where it was before this answer.</summary>
    private static bool Discard(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.HttpContext.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = null;
        return false;
    }

    private static bool MayHaveContentLength(HttpStatusCode status) =>
        (int)status >= 200 && status is not (HttpStatusCode.NoContent or HttpStatusCode.ResetContent);

    private bool MayHaveBody(HttpResponseMessage proxyResponse) =>
        Request.Method is not "HEAD"
        && proxyResponse.Content.Headers.ContentLength != 0
        && proxyResponse.StatusCode is not (HttpStatusCode.SwitchingProtocols or HttpStatusCode.NoContent or HttpStatusCode.ResetContent or HttpStatusCode.NotModified);
}
