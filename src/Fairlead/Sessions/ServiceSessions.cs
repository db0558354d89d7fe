using System.Collections.Concurrent;
using System.Security.Cryptography;
using Fairlead.Callers;

namespace Fairlead.Sessions;

/// <summary>
/// Who is signed in on a Service's own host name (decision 21). A caller gets a code on the gateway's origin, and the browser exchanges it
/// once, on that host, for a cookie that is good there and nowhere else. Both are random keys; what they stand for stays here.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ServiceSessions(TimeProvider time)
{
    /// <summary>How long a code is good for.</summary>
    public static readonly TimeSpan CodeLifetime = TimeSpan.FromSeconds(30);

    /// <summary>How long a session lasts at most.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    /// <summary>How long a session lasts without a request.</summary>
    public static readonly TimeSpan IdleLifetime = TimeSpan.FromHours(1);

    private const int Capacity = 10_000;
    private const int PerOwner = 20;

    // Kept by the hash: what is in memory opens nothing.
    private readonly ConcurrentDictionary<TokenHash, Code> _codes = new();
    private readonly ConcurrentDictionary<TokenHash, Session> _sessions = new();

    /// <summary>Makes a code for a caller.</summary>
    /// <param name="host">The Service's host name, in lower case.</param>
    /// <param name="identified">The caller.</param>
    /// <param name="path">Where the browser goes with it.</param>
    /// <returns>The code; null while too many wait to be used.</returns>
    public string? Issue(string host, Identified identified, string path)
    {
        Forget(_codes, static (code, now) => code.EndsAt <= now);
        if (_codes.Count >= Capacity)
        {
            return null;
        }

        var key = NewKey();
        _codes[TokenHash.Of(key)] = new Code(host, identified, path, time.GetUtcNow() + CodeLifetime);
        return key;
    }

    /// <summary>Takes a code, which is then gone, and opens a session.</summary>
    /// <param name="host">The host name that it was sent to.</param>
    /// <param name="code">The code.</param>
    /// <returns>The session's key and where to go, or the refusal of a code that is unknown, used, too old, or for another host.</returns>
    public (string? Key, string? Path, Refusal? Refusal) Redeem(string host, string code)
    {
        Forget(_sessions, static (session, now) => session.EndsAt <= now || session.IdleAt <= now);
        if (_sessions.Count >= Capacity)
        {
            return (null, null, new Refusal(RefusalReason.TooManySessions, "Too many are signed in on hosts of Services; try again later"));
        }

        if (!_codes.TryRemove(TokenHash.Of(code), out var found) || found.EndsAt <= time.GetUtcNow() || !string.Equals(found.Host, host, StringComparison.Ordinal))
        {
            return (null, null, new Refusal(RefusalReason.IllegalToken, "The code is unknown, used or too old; get another one"));
        }

        var key = NewKey();
        var now = time.GetUtcNow();
        // One caller takes no place from others: the oldest of theirs make room.
        foreach (var pair in _sessions.Where(pair => pair.Value.Identified.Proof == found.Identified.Proof).OrderByDescending(static pair => pair.Value.EndsAt).Skip(PerOwner - 1))
        {
            _sessions.TryRemove(pair);
        }

        // Nobody stays longer than what they showed is good for.
        var end = found.Identified.ExpiresAt is { } expiry && expiry < now + Lifetime ? expiry : now + Lifetime;
        _sessions[TokenHash.Of(key)] = new Session(host, found.Identified, end) { IdleAt = now + IdleLifetime };
        return (key, found.Path, null);
    }

    /// <summary>The caller of a session; null when there is none of that key for that host.</summary>
    public Identified? Find(string host, string key)
    {
        var now = time.GetUtcNow();
        if (!_sessions.TryGetValue(TokenHash.Of(key), out var session) || !string.Equals(session.Host, host, StringComparison.Ordinal)
            || session.EndsAt <= now || session.IdleAt <= now)
        {
            return null;
        }

        session.IdleAt = now + IdleLifetime;
        return session.Identified;
    }

    /// <summary>Ends a session.</summary>
    public void End(string key) => _sessions.TryRemove(TokenHash.Of(key), out _);

    private static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    private void Forget<T>(ConcurrentDictionary<TokenHash, T> entries, Func<T, DateTimeOffset, bool> hasEnded)
    {
        if (entries.Count < Capacity / 2)
        {
            return;
        }

        var now = time.GetUtcNow();
        foreach (var pair in entries.Where(pair => hasEnded(pair.Value, now)))
        {
            entries.TryRemove(pair);
        }
    }

    private sealed record Code(string Host, Identified Identified, string Path, DateTimeOffset EndsAt);

    private sealed class Session(string host, Identified identified, DateTimeOffset endsAt)
    {
        private long _idleAt;

        public string Host => host;

        public Identified Identified => identified;

        public DateTimeOffset EndsAt => endsAt;

        public DateTimeOffset IdleAt
        {
            get => new(Interlocked.Read(ref _idleAt), TimeSpan.Zero);
            set => Interlocked.Exchange(ref _idleAt, value.UtcTicks);
        }
    }
}
