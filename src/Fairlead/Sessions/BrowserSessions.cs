using Fairlead.Callers;
using Fairlead.Sessions.Oidc;

namespace Fairlead.Sessions;

/// <summary>What came of looking for a session.</summary>
internal abstract record SessionLookup
{
    private SessionLookup()
    {
    }

    /// <summary>It lives, and its tokens are good.</summary>
    /// <param name="Session">The session.</param>
    public sealed record Found(BrowserSession Session) : SessionLookup;

    /// <summary>There is none, or no longer.</summary>
    public sealed record Ended : SessionLookup
    {
        /// <summary>The only instance.</summary>
        public static Ended Instance { get; } = new();
    }

    /// <summary>Whether it lives cannot be said now.</summary>
    /// <param name="Message">Why, for the caller.</param>
    public sealed record Unavailable(string Message) : SessionLookup;
}

/// <summary>Who is signed in with a browser: the store of sessions, and the providers that keep them alive.</summary>
/// <param name="store">The store.</param>
/// <param name="refresher">Renews tokens before they expire.</param>
internal sealed class BrowserSessions(ISessionStore store, SessionRefresher refresher)
{
    private static readonly SessionLookup.Unavailable _noStore = new("The store of sessions cannot be reached; try again later");

    /// <summary>Uses a session.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="providers">The providers.</param>
    /// <param name="isUse">Whether somebody does something with it: a watch in a forgotten tab keeps no session alive.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<SessionLookup> FindAsync(OpaqueKey key, OidcProviders providers, bool isUse, CancellationToken cancellationToken)
    {
        var answer = await store.FindAsync(key, isUse, cancellationToken);
        if (!answer.TryGet(out var session))
        {
            return answer.Status is StoreStatus.Unavailable ? _noStore : SessionLookup.Ended.Instance;
        }

        // A provider that was taken out of the configuration lets nobody in any more.
        return providers.Find(session.Provider) is not { } provider ? SessionLookup.Ended.Instance : await refresher.FreshAsync(key, session, provider, cancellationToken) switch
        {
            SessionAnswer.Fresh fresh => new SessionLookup.Found(fresh.Session),
            SessionAnswer.Unavailable unavailable => new SessionLookup.Unavailable(unavailable.Message),
            _ => SessionLookup.Ended.Instance,
        };
    }

    /// <summary>A session as it stands; null for none. It is not a use, and nothing is renewed.</summary>
    public async ValueTask<BrowserSession?> LookAsync(OpaqueKey key, CancellationToken cancellationToken) =>
        (await store.FindAsync(key, isUse: false, cancellationToken)).TryGet(out var session) ? session : null;

    /// <summary>Whether a session still lives. A store that cannot be asked is no yes.</summary>
    public async ValueTask<bool> LivesAsync(OpaqueKey key, CancellationToken cancellationToken) => await LookAsync(key, cancellationToken) is not null;

    /// <summary>The caller whom a session stands for.</summary>
    public static Identified Identify(OpaqueKey key, SessionLookup.Found found, OidcProviders providers)
    {
        var session = found.Session;
        var options = providers.Find(session.Provider)?.Options;
        var token = options is { UseAccessToken: true } ? session.AccessToken : session.IdToken;
        return new Identified(new Caller.Portal(session.Name, session.Groups) { Claims = session.Claims, Uid = session.Subject }, null)
        {
            Login = LoginKind.Session,
            Proof = key.Hash,
            Session = key,
            ExpiresAt = session.EndsAt,
            Issued = token is null ? null : new IssuedToken(session.Provider, session.Issuer, token),
        };
    }
}
