using System.Globalization;
using StackExchange.Redis;

namespace Fairlead.Sessions;

/// <summary>
/// Keeps sessions in a Redis or Valkey, for several replicas and across restarts. What it writes is encrypted (<see cref="SessionCipher"/>); keys and
/// indexes are hashes; everything ends by itself.
/// </summary>
internal sealed class RedisSessionStore : ISessionStore
{
    // The braces put all keys into one slot of a Redis cluster: scripts take several.
    private const string Sessions = "{fairlead}:session:";
    private const string Locks = "{fairlead}:refresh:";
    private const string Indexes = "{fairlead}:index:";
    private const string Used = "{fairlead}:used:";
    private const string Values = "{fairlead}:once:";
    private const string SessionPurpose = "session";
    private const int SessionMissing = 0;
    private const int VersionDiffers = 1;

    private readonly SessionCipher _cipher;
    private readonly SessionLifetimes _lifetimes;
    private readonly TimeProvider _time;
    private readonly RedisConnection _connection;

    /// <summary>Takes the settings; connects at the first use.</summary>
    /// <param name="address">Where Redis is.</param>
    /// <param name="cipher">Encrypts.</param>
    /// <param name="lifetimes">How long sessions last.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public RedisSessionStore(
        RedisAddress address, SessionCipher cipher, SessionLifetimes lifetimes, TimeProvider time, ILogger<RedisSessionStore> logger)
    {
        _cipher = cipher;
        _lifetimes = lifetimes;
        _time = time;
        _connection = new RedisConnection(address, TimeProvider.System, logger);
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<OpaqueKey>> CreateAsync(BrowserSession session, CancellationToken cancellationToken)
    {
        var key = OpaqueKey.Create();
        var now = _time.GetUtcNow();
        var stored = session with { CreatedAt = now, LastUsedAt = now, EndsAt = now + _lifetimes.Absolute, Version = 1 };
        RedisKey[] keys = session.ProviderSession is { } sid
            ? [SessionOf(key), SubjectIndexes(session.Issuer, session.Subject)[0], ProviderSessionIndexes(session.Issuer, sid)[0]]
            : [SessionOf(key), SubjectIndexes(session.Issuer, session.Subject)[0]];
        RedisValue[] arguments =
            [stored.Version, Seal(key, stored), Milliseconds(_lifetimes.Idle), Milliseconds(_lifetimes.Absolute), key.HashText];
        return _connection.RunAsync<OpaqueKey>(
            async redis =>
            {
                await redis.ScriptEvaluateAsync(RedisScripts.Create, keys, arguments);
                return StoreAnswer.Done(key);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<BrowserSession>> FindAsync(OpaqueKey key, bool isUse, CancellationToken cancellationToken) =>
        _connection.RunAsync<BrowserSession>(
            async redis =>
            {
                var found = await redis.ScriptEvaluateAsync(
                    RedisScripts.Find, [SessionOf(key)], [Milliseconds(_lifetimes.Idle), isUse ? 1 : 0]);
                var now = _time.GetUtcNow();
                var session = Open(key, found, now);
                return session is null ? new(StoreStatus.NotFound)
                    : StoreAnswer.Done(isUse ? session with { LastUsedAt = now } : session);
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<BrowserSession>> TryReplaceAsync(
        OpaqueKey key, BrowserSession session, long expectedVersion, CancellationToken cancellationToken)
    {
        var stored = session with { Version = expectedVersion + 1 };
        RedisValue[] arguments = [expectedVersion, stored.Version, Seal(key, stored)];
        return _connection.RunAsync<BrowserSession>(
            async redis => (int)await redis.ScriptEvaluateAsync(RedisScripts.Replace, [SessionOf(key)], arguments) switch
            {
                SessionMissing => new(StoreStatus.NotFound),
                VersionDiffers => new(StoreStatus.Conflict),
                _ => StoreAnswer.Done(stored),
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<StoreStatus> EndAsync(OpaqueKey key, CancellationToken cancellationToken) =>
        (await _connection.RunAsync<bool>(
            async redis => await redis.KeyDeleteAsync(SessionOf(key)) ? StoreAnswer.Done(true) : new(StoreStatus.NotFound),
            cancellationToken)).Status;

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<int>> EndByProviderSessionAsync(string issuer, string providerSession, CancellationToken cancellationToken) =>
        EndAllAsync(ProviderSessionIndexes(issuer, providerSession), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<int>> EndBySubjectAsync(string issuer, string subject, CancellationToken cancellationToken) =>
        EndAllAsync(SubjectIndexes(issuer, subject), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<BrowserSession>> TryBeginRefreshAsync(
        OpaqueKey key, string owner, TimeSpan limit, CancellationToken cancellationToken) =>
        _connection.RunAsync<BrowserSession>(
            async redis =>
            {
                var found = await redis.ScriptEvaluateAsync(
                    RedisScripts.BeginRefresh, [SessionOf(key), LockOf(key)], [owner, Milliseconds(limit)]);
                return found.Resp2Type == ResultType.Integer ? new(StoreStatus.Conflict)
                    : Open(key, found, _time.GetUtcNow()) is { } session ? StoreAnswer.Done(session)
                    : new(StoreStatus.NotFound);
            },
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<StoreStatus> EndRefreshAsync(OpaqueKey key, string owner, CancellationToken cancellationToken) =>
        (await _connection.RunAsync<bool>(
            async redis => (int)await redis.ScriptEvaluateAsync(RedisScripts.EndRefresh, [LockOf(key)], [owner]) == 1
                ? StoreAnswer.Done(true) : new(StoreStatus.NotFound),
            cancellationToken)).Status;

    /// <inheritdoc/>
    public async ValueTask<StoreStatus> RememberOnceAsync(string id, DateTimeOffset until, CancellationToken cancellationToken)
    {
        RedisKey[] names = [.. _cipher.NamesOf("used", id).Select(static name => (RedisKey)(Used + name))];
        var time = until - _time.GetUtcNow();
        var least = SessionLifetimes.LeastMemory;
        var answer = await _connection.RunAsync<bool>(
            // One's own first, then those of another secret: of two at the same time at least one is late.
            async redis => await redis.StringSetAsync(names[0], 1, time > least ? time : least, When.NotExists) && (names.Length == 1 || await redis.KeyExistsAsync(names[1..]) == 0)
                ? StoreAnswer.Done(true) : new(StoreStatus.Conflict),
            cancellationToken);
        return answer.Status;
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<OpaqueKey>> PutOnceAsync(
        string purpose, ReadOnlyMemory<byte> payload, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var key = OpaqueKey.Create();
        var value = _cipher.Seal(key, Values + purpose, 0, payload.Span);
        return _connection.RunAsync<OpaqueKey>(
            async redis =>
            {
                await redis.StringSetAsync(ValuesOf(purpose, key)[0], value, TimeSpan.FromMilliseconds(Milliseconds(lifetime)), When.Always);
                return StoreAnswer.Done(key);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<byte[]>> TakeOnceAsync(string purpose, OpaqueKey key, CancellationToken cancellationToken) =>
        _connection.RunAsync<byte[]>(
            async redis =>
            {
                foreach (var name in ValuesOf(purpose, key))
                {
                    if ((byte[]?)await redis.StringGetDeleteAsync(name) is { } value)
                    {
                        return _cipher.Open(key, Values + purpose, 0, value) is { } payload ? StoreAnswer.Done(payload) : new(StoreStatus.NotFound);
                    }
                }

                return new(StoreStatus.NotFound);
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static RedisKey SessionOf(OpaqueKey key) => Sessions + key.HashText;

    private static RedisKey LockOf(OpaqueKey key) => Locks + key.HashText;

    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    private RedisKey[] SubjectIndexes(string issuer, string subject) => [.. _cipher.NamesOf("subject", issuer, subject).Select(static name => (RedisKey)(Indexes + name))];

    private RedisKey[] ProviderSessionIndexes(string issuer, string sid) => [.. _cipher.NamesOf("sid", issuer, sid).Select(static name => (RedisKey)(Indexes + name))];

    private RedisKey[] ValuesOf(string purpose, OpaqueKey key) => [.. _cipher.NamesOf("once", purpose, key.HashText).Select(static name => (RedisKey)(Values + name))];

    private ValueTask<StoreAnswer<int>> EndAllAsync(RedisKey[] indexes, CancellationToken cancellationToken) =>
        _connection.RunAsync<int>(
            async redis =>
            {
                var ended = 0;
                foreach (var index in indexes)
                {
                    ended += (int)await redis.ScriptEvaluateAsync(RedisScripts.EndAll, [index], [Sessions]);
                }

                return StoreAnswer.Done(ended);
            },
            cancellationToken);

    private byte[] Seal(OpaqueKey key, BrowserSession session) =>
        _cipher.Seal(key, SessionPurpose, session.Version, SessionDocument.Write(session));

    /// <summary>The session of version and data; null for none, for data that was changed, and for one that has ended by this clock.</summary>
    private BrowserSession? Open(OpaqueKey key, RedisResult found, DateTimeOffset now) =>
        (RedisValue[]?)found is [var version, var data]
        && long.TryParse((string?)version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && _cipher.Open(key, SessionPurpose, number, (byte[]?)data ?? []) is { } document
        && SessionDocument.Read(document) is { } session && session.Version == number && session.EndsAt > now
            ? session : null;
}
