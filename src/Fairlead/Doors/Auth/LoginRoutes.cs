using System.Text.Json;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Sessions;
using Fairlead.Sessions.Oidc;

namespace Fairlead.Doors.Auth;

/// <summary>
/// The way to the identity provider and back (OpenID Connect Core 3.1). What belongs to one attempt is sealed into a cookie of the browser that makes it:
/// nobody else can complete it, and attempts that are never completed take no place here.
/// </summary>
internal sealed class LoginRoutes(ISessionStore store, SealedBox box, TimeProvider time)
{
    private const string Purpose = "login/1";
    private const int MostAttempts = 5;
    private static readonly TimeSpan _lifetime = TimeSpan.FromMinutes(10);

    // Anybody may come back with a code that is none, and each is a question to the provider.
    private readonly FailureBudget _budget = new(time);

    /// <summary>Sends the browser to the provider.</summary>
    public async Task<Refusal?> BeginAsync(HttpContext http, InboundRequest request, GatewaySnapshot snapshot)
    {
        var query = request.Target.Query;
        if (Choose(query, snapshot) is not { } provider)
        {
            return new Refusal(RefusalReason.UnknownRoute, "Nobody can sign in here with a browser: auth.oidc is not configured, or not under that name");
        }

        // An image on a foreign page begins no login.
        if (request.FetchSite is not (null or "same-origin" or "none") && !request.IsNavigation)
        {
            return new Refusal(RefusalReason.ForeignOrigin, "Open this address as a page");
        }

        var home = provider.Options.CallbackUrl.GetLeftPart(UriPartial.Authority);
        if (!string.Equals(request.OwnOrigin, home, StringComparison.OrdinalIgnoreCase))
        {
            return OwnAnswer.Invalid($"Sign in at {home}{snapshot.Options.BaseUrl}{AuthDoor.LoginPath}: the provider sends browsers back there, and cookies do not cross host names");
        }

        // A Headlamp front end waits for its own page in the window that it opened.
        var asked = ActionQuery.First(query, "return")
            ?? (ActionQuery.First(query, "cluster") is { } cluster ? $"{snapshot.Options.BaseUrl}/auth?cluster={Uri.EscapeDataString(cluster)}" : null);
        if (ReturnPath.Of(asked, request.OwnOrigin, snapshot.Options) is not { } path)
        {
            return OwnAnswer.Invalid("return has to be a path of this gateway, such as /clusters; it cannot lead elsewhere");
        }

        var attempt = LoginAttempt.Create(provider.Options.Name, path, time.GetUtcNow() + _lifetime);
        switch (await provider.AuthorizationUrlAsync(attempt, http.RequestAborted))
        {
            case OidcAnswer<Uri>.Done done:
                ForgetOthers(http, request);
                var sealedAttempt = box.Seal(Purpose, JsonSerializer.SerializeToUtf8Bytes(attempt, LoginJson.Default.LoginAttempt));
                http.Response.Headers.Append("Set-Cookie", GatewayCookie.Login(attempt.Id).Set(sealedAttempt, request.IsSecure, lifetime: _lifetime));
                OwnAnswer.Redirect(http, done.Value.AbsoluteUri);
                return null;

            case var failed:
                return Failure(failed);
        }
    }

    /// <summary>Takes what the provider sent the browser back with, and begins the session.</summary>
    public async Task<Refusal?> EndAsync(HttpContext http, InboundRequest request, GatewaySnapshot snapshot, AuditRecord record)
    {
        var target = request.Target;
        var state = ActionQuery.First(target.Query, "state");
        if (state is null || AttemptOf(request, state) is not { } attempt || snapshot.Oidc.Find(attempt.Provider) is not { } provider)
        {
            return new Refusal(RefusalReason.LoginFailed, "This sign-in was not begun in this browser, or more than ten minutes ago; begin again");
        }

        http.Response.Headers.Append("Set-Cookie", GatewayCookie.Login(attempt.Id).Clear(request.IsSecure));
        if (ActionQuery.First(target.Query, "code") is not { Length: > 0 } code)
        {
            return new Refusal(RefusalReason.LoginFailed, $"The identity provider did not sign you in ({OidcError.Code(ActionQuery.First(target.Query, "error"))}); begin again");
        }

        if (!_budget.TryTake(request.RemoteAddress))
        {
            return new Refusal(RefusalReason.TooManySessions, "Too many sign-ins that did not work; try again in a moment");
        }

        if (await provider.RedeemAsync(code, ActionQuery.First(target.Query, "iss"), attempt, http.RequestAborted) is var redeemed && redeemed is not OidcAnswer<OidcTokens>.Done { Value: var tokens })
        {
            return Failure(redeemed);
        }

        _budget.GiveBack(request.RemoteAddress);
        // After the provider has taken the code, which is good once there too: only who has signed in takes a place in the store.
        switch (await store.RememberOnceAsync("login/" + attempt.State, attempt.ExpiresAt, http.RequestAborted))
        {
            case StoreStatus.Done:
                break;

            case StoreStatus.Conflict:
                return new Refusal(RefusalReason.LoginFailed, "This sign-in was completed already; begin again");

            default:
                return StoreIsDown();
        }

        var session = tokens.ToSession(provider.Options.Name, time.GetUtcNow());
        record.CalledBy(new Caller.Portal(session.Name, session.Groups));
        var created = await store.CreateAsync(session, http.RequestAborted);
        if (!created.TryGet(out var key))
        {
            return StoreIsDown();
        }

        // A login begins a new session and leaves no older one behind: a key that somebody planted is worth nothing (row T72).
        if (GatewayCookie.Session.Find(request.Cookies, request.IsSecure) is { } old && OpaqueKey.TryRead(old, out var ended))
        {
            await store.EndAsync(ended, http.RequestAborted);
        }

        http.Response.Headers.Append("Set-Cookie", GatewayCookie.Session.Set(key.Reveal(), request.IsSecure, lifetime: snapshot.Options.Sessions.Absolute));
        await OwnAnswer.ContinueAsync(http, attempt.ReturnPath);
        return null;
    }

    /// <summary>By name; for Headlamp's <c>cluster</c> the one that the cluster trusts; else the first.</summary>
    private static OidcClient? Choose(ReadOnlySpan<char> query, GatewaySnapshot snapshot)
    {
        if (ActionQuery.First(query, "provider") is { } name)
        {
            return snapshot.Oidc.Find(name);
        }

        var trusted = ActionQuery.First(query, "cluster") is { } cluster && snapshot.Catalog.Find(cluster) is ClusterLookup.Found { Cluster.Definition.Credential: CredentialDefinition.ClientSide side }
            ? side.OidcTokenProvider
            : null;
        return (trusted is null ? null : snapshot.Oidc.Find(trusted)) ?? snapshot.Oidc.First;
    }

    private LoginAttempt? AttemptOf(InboundRequest request, string state)
    {
        if (state.Length <= LoginAttempt.IdLength || !state.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            || GatewayCookie.Login(state[..LoginAttempt.IdLength]).Find(request.Cookies, request.IsSecure) is not { } value
            || box.Open(Purpose, value) is not { } opened)
        {
            return null;
        }

        var attempt = JsonSerializer.Deserialize(opened, LoginJson.Default.LoginAttempt);
        return attempt is not null && attempt.IsFor(state) && attempt.ExpiresAt > time.GetUtcNow() ? attempt : null;
    }

    /// <summary>Attempts that somebody gave up: they would fill the browser's <c>Cookie</c>.</summary>
    private static void ForgetOthers(HttpContext http, InboundRequest request)
    {
        var others = CookieLine.Pairs(request.Cookies).Select(static pair => GatewayCookie.LoginIdIn(pair.Name)).OfType<string>().ToArray();
        foreach (var id in others.Length < MostAttempts ? [] : others)
        {
            http.Response.Headers.Append("Set-Cookie", GatewayCookie.Login(id).Clear(request.IsSecure));
        }
    }

    private static Refusal Failure<T>(OidcAnswer<T> answer) => answer switch
    {
        OidcAnswer<T>.Refused refused => new Refusal(RefusalReason.LoginFailed, refused.Message),
        OidcAnswer<T>.Unavailable unavailable => new Refusal(RefusalReason.LoginUnavailable, unavailable.Message),
        _ => throw new InvalidOperationException("A login that is done has no refusal."),
    };

    private static Refusal StoreIsDown() => new(RefusalReason.LoginUnavailable, "The store of sessions cannot be reached; try again later");
}
