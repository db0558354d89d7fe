using System.Collections.Concurrent;
using Fairlead.Callers;

namespace Fairlead.Sessions.Oidc;

/// <summary>What came of making sure that a session's tokens are good.</summary>
internal abstract record SessionAnswer
{
    private SessionAnswer()
    {
    }

    /// <summary>They are.</summary>
    /// <param name="Session">The session with them.</param>
    public sealed record Fresh(BrowserSession Session) : SessionAnswer;

    /// <summary>The session is over.</summary>
    public sealed record Ended : SessionAnswer
    {
        /// <summary>The only instance.</summary>
        public static Ended Instance { get; } = new();
    }

    /// <summary>They have expired, and whether they will be renewed cannot be said now.</summary>
    /// <param name="Message">Why, for the person.</param>
    public sealed record Unavailable(string Message) : SessionAnswer;
}

/// <summary>
/// Renews a session's tokens before they expire: once per session, whatever number of requests and replicas find that it is time. A provider that takes a
/// refresh token twice for a theft ends the session (RFC 9700 4.14.2), so only who has the right in the store asks, and what comes back is kept
/// even when nobody waits for it any more. A token that has expired is never handed out.
/// </summary>
internal sealed partial class SessionRefresher(ISessionStore store, TimeProvider time, ILogger<SessionRefresher> logger)
{
    /// <summary>How long a right to refresh lasts when nobody gives it back: a replica may have died with it.</summary>
    public static readonly TimeSpan RightLimit = TimeSpan.FromSeconds(30);

    private const int MostFailures = 4096;
    private static readonly TimeSpan _usable = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _afterFailure = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<TokenHash, Task<SessionAnswer>> _running = new();
    private readonly ConcurrentDictionary<TokenHash, long> _failedAt = new();

    /// <summary>The session with tokens that are good.</summary>
    /// <param name="key">The session's key.</param>
    /// <param name="session">What was found under it.</param>
    /// <param name="client">Its provider.</param>
    /// <param name="cancellationToken">Ends the wait, never a refresh.</param>
    public ValueTask<SessionAnswer> FreshAsync(OpaqueKey key, BrowserSession session, OidcClient client, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!(session.RefreshAt <= now))
        {
            return new(new SessionAnswer.Fresh(session));
        }

        if (session.RefreshToken is null)
        {
            // It ends with the last of its tokens; the one that expires before is gone from then on.
            var (id, access) = (session.IdTokenExpiresAt > now, session.AccessTokenExpiresAt > now);
            return !id && !access ? EndAsync(key, cancellationToken)
                : new(new SessionAnswer.Fresh(session with { IdToken = id ? session.IdToken : null, AccessToken = access ? session.AccessToken : null }));
        }

        var isUsable = IsGoodFor(session, _usable);
        if (_failedAt.TryGetValue(key.Hash, out var failedAt) && time.GetElapsedTime(failedAt) < _afterFailure)
        {
            return new(isUsable ? new SessionAnswer.Fresh(session) : new SessionAnswer.Unavailable("The identity provider cannot be reached to renew the session; try again later"));
        }

        var running = _running.GetOrAdd(key.Hash, static (_, state) => state.Self.StartAsync(state.Key, state.Session, state.Client), (Self: this, Key: key, Session: session, Client: client));
        // With tokens that are still good nobody has to wait.
        return isUsable && !running.IsCompleted ? new(new SessionAnswer.Fresh(session)) : new(running.WaitAsync(cancellationToken));
    }

    private bool IsGoodFor(BrowserSession session, TimeSpan span)
    {
        var until = time.GetUtcNow() + span;
        return !(session.AccessTokenExpiresAt <= until) && !(session.IdTokenExpiresAt <= until);
    }

    private async ValueTask<SessionAnswer> EndAsync(OpaqueKey key, CancellationToken cancellationToken) =>
        await store.EndAsync(key, cancellationToken) is StoreStatus.Unavailable ? NoStore() : SessionAnswer.Ended.Instance;

    private async Task<SessionAnswer> StartAsync(OpaqueKey key, BrowserSession session, OidcClient client)
    {
        // Off the caller's way, so that the entry is in the table before the work begins.
        await Task.Yield();
        try
        {
            return await RunAsync(key, session, client);
        }
        finally
        {
            _running.TryRemove(key.Hash, out _);
        }
    }

    private async Task<SessionAnswer> RunAsync(OpaqueKey key, BrowserSession found, OidcClient client)
    {
        var owner = Guid.NewGuid().ToString("N");
        var began = time.GetTimestamp();
        while (true)
        {
            var right = await store.TryBeginRefreshAsync(key, owner, RightLimit, CancellationToken.None);
            switch (right.Status)
            {
                case StoreStatus.Done:
                    return await RenewAsync(key, right.Value!, client, owner);

                case StoreStatus.NotFound:
                    return SessionAnswer.Ended.Instance;

                case StoreStatus.Unavailable:
                    return IsGoodFor(found, _usable) ? new SessionAnswer.Fresh(found) : NoStore();
            }

            // Another replica is at it.
            var now = await store.FindAsync(key, isUse: false, CancellationToken.None);
            if (now.Status is StoreStatus.NotFound)
            {
                return SessionAnswer.Ended.Instance;
            }

            if (now.TryGet(out var session) && session.Version != found.Version && IsGoodFor(session, _usable))
            {
                return new SessionAnswer.Fresh(session);
            }

            if (time.GetElapsedTime(began) > _patience)
            {
                return new SessionAnswer.Unavailable("The session is being renewed elsewhere; try again");
            }

            await Task.Delay(_poll, time);
        }
    }

    private async Task<SessionAnswer> RenewAsync(OpaqueKey key, BrowserSession session, OidcClient client, string owner)
    {
        try
        {
            // Somebody was faster, here or elsewhere.
            if (!(session.RefreshAt <= time.GetUtcNow()))
            {
                return new SessionAnswer.Fresh(session);
            }

            switch (await client.RefreshAsync(session))
            {
                case OidcAnswer<OidcTokens>.Done { Value: var tokens }:
                    return await KeepAsync(key, session, tokens.Renew(session, time.GetUtcNow()));

                case OidcAnswer<OidcTokens>.Refused refused:
                    LogEnded(session.Issuer, refused.Message);
                    return await EndAsync(key, CancellationToken.None);

                case OidcAnswer<OidcTokens>.Unavailable unavailable:
                    NoteFailure(key);
                    return IsGoodFor(session, _usable) ? new SessionAnswer.Fresh(session) : new SessionAnswer.Unavailable(unavailable.Message);

                default:
                    throw new InvalidOperationException("an answer of a provider that is none of the three");
            }
        }
        finally
        {
            await store.EndRefreshAsync(key, owner, CancellationToken.None);
        }
    }

    private async Task<SessionAnswer> KeepAsync(OpaqueKey key, BrowserSession old, BrowserSession renewed)
    {
        for (var attempt = 0; ; attempt++)
        {
            var kept = await store.TryReplaceAsync(key, renewed, old.Version, CancellationToken.None);
            if (kept.TryGet(out var session))
            {
                return new SessionAnswer.Fresh(session);
            }

            // Somebody signed out meanwhile, or nothing is known: the new refresh token must not be lost to a moment without the store.
            if (kept.Status is not StoreStatus.Unavailable || attempt == 5)
            {
                return kept.Status is StoreStatus.Unavailable ? NoStore() : SessionAnswer.Ended.Instance;
            }

            await Task.Delay(_poll * (1 << attempt), time);
        }
    }

    private void NoteFailure(OpaqueKey key)
    {
        if (_failedAt.Count >= MostFailures)
        {
            foreach (var pair in _failedAt.Where(pair => time.GetElapsedTime(pair.Value) >= _afterFailure))
            {
                _failedAt.TryRemove(pair);
            }
        }

        _failedAt[key.Hash] = time.GetTimestamp();
    }

    private static SessionAnswer.Unavailable NoStore() => new("The store of sessions cannot be reached; try again later");

    [LoggerMessage(EventId = 712, Level = LogLevel.Information, Message = "A session of {Issuer} has ended: {Reason}")]
    private partial void LogEnded(string issuer, string reason);
}
