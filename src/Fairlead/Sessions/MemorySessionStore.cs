using Fairlead.Callers;

namespace Fairlead.Sessions;

/// <summary>Keeps sessions in this process: for one replica, and until it ends.</summary>
/// <param name="lifetimes">How long sessions last.</param>
/// <param name="time">The clock.</param>
/// <param name="capacity">How many sessions, values and used ids are kept at most, each.</param>
internal sealed class MemorySessionStore(SessionLifetimes lifetimes, TimeProvider time, int capacity = MemorySessionStore.DefaultCapacity) : ISessionStore
{
    /// <summary>How many of each kind are kept at most.</summary>
    public const int DefaultCapacity = 20_000;

    /// <summary>How many sessions of one person are kept at most.</summary>
    public const int PerSubject = 20;

    // Kept by the hash: the key itself is with the browser only.
    private readonly AgedTable<Entry> _sessions = new();
    private readonly AgedTable<OneTimeValue> _values = new();
    private readonly AgedTable<DateTimeOffset> _used = new();
    private readonly Lock _sessionsLock = new();
    private readonly Lock _valuesLock = new();
    private readonly Lock _usedLock = new();

    /// <summary>How many sessions there are.</summary>
    public int Count
    {
        get
        {
            lock (_sessionsLock)
            {
                ForgetIdle(time.GetUtcNow());
                return _sessions.Count;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<OpaqueKey>> CreateAsync(BrowserSession session, CancellationToken cancellationToken)
    {
        var key = OpaqueKey.Create();
        var now = time.GetUtcNow();
        lock (_sessionsLock)
        {
            ForgetIdle(now);
            // One person takes no place from others: the oldest of theirs makes room.
            _sessions.RemoveBeyond(PerSubject - 1, other => string.Equals(other.Session.Subject, session.Subject, StringComparison.Ordinal) && string.Equals(other.Session.Issuer, session.Issuer, StringComparison.Ordinal));
            if (_sessions.Count >= capacity)
            {
                _sessions.RemoveOldest();
            }

            _sessions.Add(key.Hash, new Entry(session with { CreatedAt = now, LastUsedAt = now, EndsAt = now + lifetimes.Absolute, Version = 1 }));
        }

        return new(StoreAnswer.Done(key));
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<BrowserSession>> FindAsync(OpaqueKey key, bool isUse, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        lock (_sessionsLock)
        {
            if (Live(key, now) is not { } entry)
            {
                return new(new StoreAnswer<BrowserSession>(StoreStatus.NotFound));
            }

            if (isUse)
            {
                entry.Session = entry.Session with { LastUsedAt = now };
                _sessions.Use(key.Hash);
            }

            return new(StoreAnswer.Done(entry.Session));
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<BrowserSession>> TryReplaceAsync(
        OpaqueKey key, BrowserSession session, long expectedVersion, CancellationToken cancellationToken)
    {
        lock (_sessionsLock)
        {
            if (Live(key, time.GetUtcNow()) is not { } entry)
            {
                return new(new StoreAnswer<BrowserSession>(StoreStatus.NotFound));
            }

            var old = entry.Session;
            if (old.Version != expectedVersion)
            {
                return new(new StoreAnswer<BrowserSession>(StoreStatus.Conflict));
            }

            entry.Session = session with
            {
                CreatedAt = old.CreatedAt,
                LastUsedAt = old.LastUsedAt,
                EndsAt = session.EndsAt < old.EndsAt ? session.EndsAt : old.EndsAt,
                Version = expectedVersion + 1,
            };
            return new(StoreAnswer.Done(entry.Session));
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreStatus> EndAsync(OpaqueKey key, CancellationToken cancellationToken)
    {
        lock (_sessionsLock)
        {
            return new(Live(key, time.GetUtcNow()) is not null && _sessions.Remove(key.Hash) ? StoreStatus.Done : StoreStatus.NotFound);
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<int>> EndByProviderSessionAsync(string issuer, string providerSession, CancellationToken cancellationToken) =>
        EndWhere(session => string.Equals(session.ProviderSession, providerSession, StringComparison.Ordinal) && string.Equals(session.Issuer, issuer, StringComparison.Ordinal));

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<int>> EndBySubjectAsync(string issuer, string subject, CancellationToken cancellationToken) =>
        EndWhere(session => string.Equals(session.Subject, subject, StringComparison.Ordinal) && string.Equals(session.Issuer, issuer, StringComparison.Ordinal));

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<BrowserSession>> TryBeginRefreshAsync(OpaqueKey key, string owner, TimeSpan limit, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        lock (_sessionsLock)
        {
            if (Live(key, now) is not { } entry)
            {
                return new(new StoreAnswer<BrowserSession>(StoreStatus.NotFound));
            }

            if (entry.RefreshOwner is not null && entry.RefreshUntil > now)
            {
                return new(new StoreAnswer<BrowserSession>(StoreStatus.Conflict));
            }

            entry.RefreshOwner = owner;
            entry.RefreshUntil = now + limit;
            return new(StoreAnswer.Done(entry.Session));
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreStatus> EndRefreshAsync(OpaqueKey key, string owner, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        lock (_sessionsLock)
        {
            if (Live(key, now) is not { } entry || entry.RefreshUntil <= now || !string.Equals(entry.RefreshOwner, owner, StringComparison.Ordinal))
            {
                return new(StoreStatus.NotFound);
            }

            entry.RefreshOwner = null;
            return new(StoreStatus.Done);
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreStatus> RememberOnceAsync(string id, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var hash = TokenHash.Of(id);
        var now = time.GetUtcNow();
        lock (_usedLock)
        {
            _used.RemoveOldestWhile(end => end <= now);
            if (_used.TryGet(hash, out var known))
            {
                if (known > now)
                {
                    return new(StoreStatus.Conflict);
                }

                _used.Remove(hash);
            }

            // Forgetting one would let it be used again.
            if (_used.Count >= capacity && _used.RemoveWhere(end => end <= now) == 0)
            {
                return new(StoreStatus.Unavailable);
            }

            var least = now + SessionLifetimes.LeastMemory;
            _used.Add(hash, until > least ? until : least);
            return new(StoreStatus.Done);
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<OpaqueKey>> PutOnceAsync(
        string purpose, ReadOnlyMemory<byte> payload, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var key = OpaqueKey.Create();
        var now = time.GetUtcNow();
        lock (_valuesLock)
        {
            _values.RemoveOldestWhile(value => value.EndsAt <= now);
            if (_values.Count >= capacity)
            {
                _values.RemoveOldest();
            }

            _values.Add(NameOf(purpose, key), new OneTimeValue(payload.ToArray(), now + lifetime));
        }

        return new(StoreAnswer.Done(key));
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<byte[]>> TakeOnceAsync(string purpose, OpaqueKey key, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var name = NameOf(purpose, key);
        lock (_valuesLock)
        {
            _values.RemoveOldestWhile(value => value.EndsAt <= now);
            return new(_values.TryGet(name, out var value) && _values.Remove(name) && value.EndsAt > now
                ? StoreAnswer.Done(value.Payload)
                : new StoreAnswer<byte[]>(StoreStatus.NotFound));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    private static TokenHash NameOf(string purpose, OpaqueKey key) => TokenHash.Of($"{key.HashText} {purpose}");

    private Entry? Live(OpaqueKey key, DateTimeOffset now)
    {
        ForgetIdle(now);
        if (!_sessions.TryGet(key.Hash, out var entry))
        {
            return null;
        }

        // The second condition is for a clock that was set back, after which the order no longer is that of the times.
        if (entry.Session.EndsAt <= now || entry.Session.LastUsedAt <= now - lifetimes.Idle)
        {
            _sessions.Remove(key.Hash);
            return null;
        }

        return entry;
    }

    /// <summary>In the order of use, the idle ones come first: what is looked at is dropped, but for one.</summary>
    private void ForgetIdle(DateTimeOffset now)
    {
        var lastUse = now - lifetimes.Idle;
        _sessions.RemoveOldestWhile(entry => entry.Session.LastUsedAt <= lastUse);
    }

    private ValueTask<StoreAnswer<int>> EndWhere(Func<BrowserSession, bool> condition)
    {
        var now = time.GetUtcNow();
        lock (_sessionsLock)
        {
            ForgetIdle(now);
            return new(StoreAnswer.Done(_sessions.RemoveWhere(entry => condition(entry.Session))));
        }
    }

    private sealed class Entry(BrowserSession session)
    {
        public BrowserSession Session { get; set; } = session;

        public string? RefreshOwner { get; set; }

        public DateTimeOffset RefreshUntil { get; set; }
    }

    private sealed record OneTimeValue(byte[] Payload, DateTimeOffset EndsAt);
}
