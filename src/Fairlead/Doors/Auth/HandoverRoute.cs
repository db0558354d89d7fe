using System.Globalization;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Services;
using Fairlead.Sessions;

namespace Fairlead.Doors.Auth;

/// <summary>
/// Takes a caller from the gateway's origin to the host name of a Service (decision 21): a code that is good once and for seconds crosses, the
/// caller's credential never does.
/// </summary>
internal sealed class HandoverRoute(CallerStage callers, ServiceSessions sessions)
{
    private const int LargestBody = 16 * 1024;

    /// <summary>Where a browser that is not known on a Service's host name goes for a code.</summary>
    /// <param name="publicUrl">The gateway's origin.</param>
    /// <param name="baseUrl">The base URL.</param>
    /// <param name="host">The Service's host name.</param>
    /// <param name="path">Where it wanted to.</param>
    public static string AddressFor(Uri publicUrl, string baseUrl, string host, string path) =>
        $"{publicUrl.GetLeftPart(UriPartial.Authority)}{baseUrl}{AuthDoor.HandoverPath}?host={Uri.EscapeDataString(host)}&path={Uri.EscapeDataString(path)}";

    /// <summary>
    /// Makes a code. <c>POST {"host": "...", "path": "/..."}</c> gives <c>{"url": "..."}</c> for the browser to open; a browser that comes itself, with
    /// <c>GET ?host=...&amp;path=...</c>, is sent there, and before that to the login where it has to.
    /// </summary>
    public async Task<Refusal?> AnswerAsync(HttpContext http, InboundRequest request, GatewaySnapshot snapshot, AuditRecord record)
    {
        var isPage = request.Method is "GET" && request.IsNavigation;
        if (!isPage && request.Method is not "POST")
        {
            return OwnAnswer.WrongMethod(http, "POST");
        }

        var (identified, refusal) = await callers.IdentifyAsync(isPage ? AsOwnPage(request) : request, snapshot, http.RequestAborted);
        if (identified is null)
        {
            if (isPage && snapshot.Oidc.Any && refusal!.Reason is RefusalReason.MissingCredentials or RefusalReason.IllegalToken && request.Authorization.Count == 0)
            {
                OwnAnswer.Redirect(http, $"{snapshot.Options.BaseUrl}{AuthDoor.LoginPath}?return={Uri.EscapeDataString(request.Target.Raw)}");
                return null;
            }

            return refusal;
        }

        record.CalledBy(identified);
        var asked = isPage
            ? new HandoverRequest(ActionQuery.First(request.Target.Query, "host"), ActionQuery.First(request.Target.Query, "path"))
            : await OwnAnswer.ReadAsync(http, LargestBody, AuthJson.Relaxed.HandoverRequest);
        if (asked is not { Host: { } host })
        {
            return OwnAnswer.Invalid("""The body has to be JSON: {"host": "grafana.example.com", "path": "/"}""");
        }

        // Judged as a request would be: a code for somebody who may not use it is a place taken from others, and says which hosts there are.
        if (snapshot.Options.ServiceProxy.FindHost(host) is not { } service || await RefuseAsync(request, service, identified, snapshot, http.RequestAborted) is not null)
        {
            return new Refusal(RefusalReason.ServiceNotFound, "No Service that you may use has that host name; serviceProxy.services gives one to a Service");
        }

        var path = asked.Path ?? "/";
        if (RequestTarget.Parse(path, snapshot.Options.Limits.RequestLine, out refusal) is null || path.StartsWith("//", StringComparison.Ordinal))
        {
            return OwnAnswer.Invalid("path has to be a path on the Service's own host, such as /d/home");
        }

        if (!Uri.TryCreate(request.OwnOrigin, UriKind.Absolute, out var own))
        {
            return OwnAnswer.Invalid("The request has no Host, and publicUrl is not configured");
        }

        if (sessions.Issue(service.Host!, identified, path) is not { } code)
        {
            return new Refusal(RefusalReason.TooManySessions, "Too many codes wait to be used; try again later") { RetryAfter = 30 };
        }

        var url = $"{OriginOf(own, service.Host!)}{ServiceOrigin.SignInPath}?code={code}";
        if (isPage)
        {
            OwnAnswer.Redirect(http, url);
            return null;
        }

        await OwnAnswer.WriteAsync(http, new HandoverAnswer(url, (int)ServiceSessions.CodeLifetime.TotalSeconds), AuthJson.Relaxed.HandoverAnswer);
        return null;
    }

    /// <summary>Exchanges a code for the cookie, or ends the session.</summary>
    public static Refusal? SignIn(HttpContext http, InboundRequest request, DoorRoute.ServiceSignIn route, ServiceSessions sessions)
    {
        // An image on a foreign page signs nobody in, and nobody out.
        if (request.FetchSite is not null && !request.IsNavigation && !OriginRule.Allows(request, [], mayNavigate: false))
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

        if (GatewayCookie.Service.Find(request.Cookies, request.IsSecure) is { } ended)
        {
            sessions.End(ended);
        }

        http.Response.Headers.SetCookie = key.Length == 0 ? GatewayCookie.Service.Clear(request.IsSecure) : GatewayCookie.Service.Set(key, request.IsSecure);
        OwnAnswer.Redirect(http, path);
        return null;
    }

    /// <summary>
    /// A link or a redirect on another page may lead here with the session's cookie: what it gives goes to the Service's own host alone, and
    /// changes nothing but that the browser is known there.
    /// </summary>
    private static InboundRequest AsOwnPage(InboundRequest request) => request.WithFetchSite("same-origin");

    private static async ValueTask<Refusal?> RefuseAsync(
        InboundRequest request, ServiceOptions service, Identified identified, GatewaySnapshot snapshot, CancellationToken cancellationToken)
    {
        if (ClusterStage.Choose(service.Cluster, Door.Service, identified, snapshot.Catalog, snapshot.Policy, out var refusal) is not { } cluster
            || CredentialPlan.For(request, identified, cluster, snapshot, out refusal) is not { } plan)
        {
            return refusal;
        }

        var target = new ServiceTarget(service.Namespace, service.Name, null, null, "/", IsRequestForm: false);
        var action = ServiceStage.ActionOf(request, target) with { Verb = "get" };
        var route = new DoorRoute.Service(0, service.Cluster, target);
        return Decision.Refuse(request, route, identified.Caller, cluster, action, plan, snapshot.Policy, out _)
            ?? (Decision.IsJudgedByCluster(plan, cluster) ? await cluster.Reviews.RefuseAsync(plan, action, isRepeated: false, identified.Stranger(request.RemoteAddress), cancellationToken) : null);
    }

    /// <summary>The Service's origin: the gateway's own scheme and port.</summary>
    private static string OriginOf(Uri own, string host) =>
        own.IsDefaultPort ? $"{own.Scheme}://{host}" : string.Create(CultureInfo.InvariantCulture, $"{own.Scheme}://{host}:{own.Port}");
}
