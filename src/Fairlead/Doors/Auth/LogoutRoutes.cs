using System.Text;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Sessions;
using Fairlead.Sessions.Oidc;

namespace Fairlead.Doors.Auth;

/// <summary>The end of a session: by the person, here and at the provider (RP-Initiated Logout 1.0), or by the provider (Back-Channel Logout 1.0).</summary>
internal sealed class LogoutRoutes(ISessionStore store, BrowserSessions sessions)
{
    private const int LargestBody = 64 * 1024;

    /// <summary><c>/auth/logout</c>: a page or a fetch of the gateway's own origin, or an address that somebody typed.</summary>
    public async Task<Refusal?> SignOutAsync(HttpContext http, InboundRequest request, GatewaySnapshot snapshot, AuditRecord record)
    {
        if (request.Method is not ("GET" or "POST"))
        {
            return OwnAnswer.WrongMethod(http, "GET, POST");
        }

        // A link or an image on a foreign page signs nobody out.
        if (request.Method is "GET" ? request.FetchSite is not ("same-origin" or "none") : !OriginRule.Allows(request, snapshot.Options.CorsOrigins, mayNavigate: false))
        {
            return new Refusal(RefusalReason.ForeignOrigin, "Sign out on a page of this gateway, or with POST from one of its own or configured origins");
        }

        Uri? atProvider = null;
        if (GatewayCookie.Session.Find(request.Cookies, request.IsSecure) is { } value && OpaqueKey.TryRead(value, out var key))
        {
            var session = await sessions.LookAsync(key, http.RequestAborted);
            if (await store.EndAsync(key, http.RequestAborted) is StoreStatus.Unavailable)
            {
                return new Refusal(RefusalReason.LoginUnavailable, "The store of sessions cannot be reached, so you are still signed in; try again");
            }

            if (session is not null)
            {
                record.CalledBy(new Caller.Portal(session.Name, session.Groups));
                atProvider = snapshot.Oidc.Find(session.Provider) is { } provider
                    ? await provider.EndSessionUrlAsync(session, new Uri($"{request.OwnOrigin}{snapshot.Options.BaseUrl}/"), http.RequestAborted)
                    : null;
            }
        }

        http.Response.Headers.Append("Set-Cookie", GatewayCookie.Session.Clear(request.IsSecure));
        if (request.Method is "GET" || request.IsNavigation)
        {
            OwnAnswer.Redirect(http, atProvider?.AbsoluteUri ?? snapshot.Options.BaseUrl + "/");
            return null;
        }

        await OwnAnswer.WriteAsync(http, new LogoutAnswer(atProvider?.AbsoluteUri), AuthJson.Relaxed.LogoutAnswer);
        return null;
    }

    /// <summary><c>POST /auth/backchannel-logout</c>, from the provider: no cookie, a signed token in a form.</summary>
    public async Task<Refusal?> ByProviderAsync(HttpContext http, InboundRequest request, GatewaySnapshot snapshot)
    {
        if (request.Method is not "POST")
        {
            return OwnAnswer.WrongMethod(http, "POST");
        }

        if (!(http.Request.ContentType ?? "").StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
            || await OwnAnswer.ReadAsync(http, LargestBody) is not { } body
            || ActionQuery.First("?" + Encoding.UTF8.GetString(body), "logout_token") is not { Length: > 0 } token)
        {
            return OwnAnswer.Invalid("The body has to be a form with logout_token");
        }

        OidcAnswer<LogoutNotice> answer = new OidcAnswer<LogoutNotice>.Refused("auth.oidc is not configured");
        foreach (var provider in snapshot.Oidc.All)
        {
            answer = await provider.ReadLogoutTokenAsync(token, store, http.RequestAborted);
            if (answer is not OidcAnswer<LogoutNotice>.Refused)
            {
                break;
            }
        }

        if (answer is not OidcAnswer<LogoutNotice>.Done { Value: var notice })
        {
            return answer is OidcAnswer<LogoutNotice>.Refused refused ? OwnAnswer.Invalid(refused.Message)
                : new Refusal(RefusalReason.LoginUnavailable, "The logout cannot be carried out now; try again");
        }

        // A session at the provider is the narrower of the two; without one all of the person's sessions end.
        var ended = notice.ProviderSession is { } session ? await store.EndByProviderSessionAsync(notice.Issuer, session, http.RequestAborted)
            : await store.EndBySubjectAsync(notice.Issuer, notice.Subject!, http.RequestAborted);
        if (ended.Status is StoreStatus.Unavailable)
        {
            return new Refusal(RefusalReason.LoginUnavailable, "The store of sessions cannot be reached; try again");
        }

        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentLength = 0;
        return null;
    }
}
