using System.Text.Json;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Services;
using Fairlead.Sessions;

namespace Fairlead.Doors;

/// <summary>
/// Takes a caller from the gateway's origin to the host name of a Service (decision 21): a code that is good once and for seconds crosses, the
/// caller's credential never does.
/// </summary>
internal static class Handover
{
    private const int LargestBody = 16 * 1024;

    /// <summary>Makes a code: <c>POST /auth/handover {"host": "...", "path": "/..."}</c> gives <c>{"url": "..."}</c> for the browser to open.</summary>
    public static async Task<Refusal?> AnswerAsync(HttpContext http, InboundRequest request, GatewaySnapshot snapshot, ServiceSessions sessions, AuditRecord record)
    {
        if (request.Method is not "POST")
        {
            http.Response.Headers.Allow = "POST";
            return new Refusal(RefusalReason.MethodNotAllowed, "The method is not served here; use POST");
        }

        if (CallerStage.Identify(request, snapshot.Directory, sessions, out var refusal) is not { } identified)
        {
            return refusal;
        }

        record.Caller = identified.Caller;
        if (await ReadAsync(http) is not { Host: { } host } asked)
        {
            return Invalid("""The body has to be JSON: {"host": "grafana.example.com", "path": "/"}""");
        }

        // Judged as a request would be: a code for somebody who may not use it is a place taken from others, and says which hosts there are.
        if (snapshot.Options.ServiceProxy.FindHost(host) is not { } service || await RefuseAsync(request, service, identified, snapshot, http.RequestAborted) is not null)
        {
            return new Refusal(RefusalReason.ServiceNotFound, "No Service that you may use has that host name; serviceProxy.services gives one to a Service");
        }

        if ((snapshot.Options.PublicUrl ?? (Uri.TryCreate(request.Authority, UriKind.Absolute, out var named) ? named : null)) is not { } own)
        {
            return Invalid("The request has no Host, and publicUrl is not configured");
        }

        var path = asked.Path ?? "/";
        if (RequestTarget.Parse(path, snapshot.Options.Limits.RequestLine, out refusal) is null || path.StartsWith("//", StringComparison.Ordinal))
        {
            return Invalid("path has to be a path on the Service's own host, such as /d/home");
        }

        if (sessions.Issue(service.Host!, identified, HashOf(request), path) is not { } code)
        {
            http.Response.Headers.RetryAfter = "30";
            return new Refusal(RefusalReason.TooManySessions, "Too many codes wait to be used; try again later");
        }

        await WriteAsync(http, JsonSerializer.SerializeToUtf8Bytes(
            new HandoverAnswer($"{OriginOf(own, service.Host!)}{ServiceOrigin.SignInPath}?code={code}", (int)ServiceSessions.CodeLifetime.TotalSeconds), DoorJson.Relaxed.HandoverAnswer));
        return null;
    }

    /// <summary>Exchanges a code for the cookie, or ends the session.</summary>
    public static Refusal? SignIn(HttpContext http, InboundRequest request, DoorRoute.ServiceSignIn route, ServiceSessions sessions)
    {
        // An image on a foreign page signs nobody in, and nobody out.
        if (request.FetchSite is not null && !request.IsNavigation && !OriginRule.Allows(request, request.Authority, mayNavigate: false))
        {
            return new Refusal(RefusalReason.ForeignOrigin, "Open this address as a page");
        }

        var path = "/";
        var key = "";
        if (route.Code.Length > 0)
        {
            var redeemed = sessions.Redeem(route.Host, route.Code);
            if (redeemed.Refusal is not null)
            {
                return redeemed.Refusal;
            }

            (key, path) = (redeemed.Key!, redeemed.Path!);
        }

        if (ServiceCookie.KeyIn(request.Cookies, request.IsHttps) is { } ended)
        {
            sessions.End(ended);
        }

        http.Response.Headers.SetCookie = key.Length == 0 ? ServiceCookie.Clear(request.IsHttps) : ServiceCookie.Set(key, request.IsHttps);

        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = path;
        // The code is spent, but nobody has to know where it was.
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        CacheHeaders.Forbid(http.Response.Headers);
        return null;
    }

    private static async ValueTask<Refusal?> RefuseAsync(
        InboundRequest request, Configuration.ServiceOptions service, Identified identified, GatewaySnapshot snapshot, CancellationToken cancellationToken)
    {
        if (ClusterStage.Choose(service.Cluster, Door.Service, identified, snapshot.Catalog, snapshot.Policy, out var refusal) is not { } cluster
            || CredentialPlan.For(request, identified, cluster, snapshot.Directory, out refusal) is not { } plan)
        {
            return refusal;
        }

        var target = new ServiceTarget(service.Namespace, service.Name, null, null, "/", IsRequestForm: false);
        var action = ServiceStage.ActionOf(request, target) with { Verb = "get" };
        var route = new DoorRoute.Service(0, service.Cluster, target);
        return Decision.Refuse(request, route, identified.Caller, cluster, action, plan, snapshot.Policy)
            ?? (plan is CredentialPlan.Own own && ClusterStage.JudgesTokens(cluster) ? await cluster.Reviews.RefuseAsync(own.Authorization, action, cancellationToken) : null);
    }

    /// <summary>What the caller is known by from now on: their token's hash, so that a token that is taken back ends the session.</summary>
    private static TokenHash HashOf(InboundRequest request) =>
        TokenHash.Of(request.WebSocketProtocols.BearerToken ?? ServiceDoorToken.Of(request.Authorization[0]!, out _));

    /// <summary>The Service's origin: the gateway's own scheme and port.</summary>
    private static string OriginOf(Uri own, string host) =>
        own.IsDefaultPort ? $"{own.Scheme}://{host}" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{own.Scheme}://{host}:{own.Port}");

    private static async Task<HandoverRequest?> ReadAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        var buffer = new byte[4096];
        while (await http.Request.Body.ReadAsync(buffer, http.RequestAborted) is > 0 and var read)
        {
            if (body.Length + read > LargestBody)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        try
        {
            return JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), DoorJson.Relaxed.HandoverRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task WriteAsync(HttpContext http, byte[] body)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        CacheHeaders.Forbid(http.Response.Headers);
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private static Refusal Invalid(string message) => new(RefusalReason.InvalidRequest, message);
}

/// <summary>What <c>POST /auth/handover</c> takes.</summary>
internal sealed record HandoverRequest(string? Host = null, string? Path = null);

/// <summary>What it gives.</summary>
/// <param name="Url">Where the browser goes, once.</param>
/// <param name="ExpiresIn">For how long, in seconds.</param>
internal sealed record HandoverAnswer(string Url, int ExpiresIn)
{
    /// <summary>Without the code.</summary>
    public override string ToString() => nameof(HandoverAnswer);
}
