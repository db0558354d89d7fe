using Fairlead.State;

namespace Fairlead.Sessions;

/// <summary>Keeps sessions in this process: for one replica, and until it ends, or with files in <c>stateDir</c> until it starts again.</summary>
internal sealed partial class MemorySessionStore : ISessionStore
{
    /// <summary>How many of each kind are kept at most.</summary>
    public const int DefaultCapacity = 20_000;

    /// <summary>How many sessions of one person are kept at most.</summary>
    public const int PerSubject = 20;

    // Kept by the hash: the key itself is with the browser only.
    private readonly AgedTable<Entry> _sessions;
    private readonly AgedTable<OneTimeValue> _values = new();
    private readonly AgedTable<DateTimeOffset> _used;
    private readonly Lock _sessionsLock = new();
    private readonly Lock _valuesLock = new();
    private readonly Lock _usedLock = new();
    private readonly SessionLifetimes _lifetimes;
    private readonly TimeProvider _time;
    private readonly int _capacity;
    private readonly SessionFiles? _files;

    /// <summary>Takes the settings, and what the files have.</summary>
    /// <param name="lifetimes">How long sessions last.</param>
    /// <param name="time">The clock.</param>
    /// <param name="capacity">How many sessions, values and used ids are kept at most, each.</param>
    /// <param name="files">Where sessions and used ids are kept too; null for nowhere.</param>
    public MemorySessionStore(SessionLifetimes lifetimes, TimeProvider time, int capacity = DefaultCapacity, SessionFiles? files = null)
    {
        (_lifetimes, _time, _capacity, _files) = (lifetimes, time, capacity, files);
        _sessions = new AgedTable<Entry>(files is null ? null : files.Delete);
        _used = new AgedTable<DateTimeOffset>(files is null ? null : files.Forget);
        foreach (var (key, stored, lastUsedAt) in _files?.Read() ?? [])
        {
            _sessions.Add(key, new Entry { Stored = stored, Subject = stored.Subject, ProviderSession = stored.ProviderSession, EndsAt = stored.EndsAt, LastUsedAt = lastUsedAt, NotedAt = lastUsedAt });
        }

        foreach (var (id, until) in _files?.ReadUsed(_time.GetUtcNow()) ?? [])
        {
            _used.Add(id, until);
        }
    }

    /// <summary>How many sessions there are.</summary>
    public int Count
    {
        get
        {
            lock (_sessionsLock)
            {
                ForgetIdle(_time.GetUtcNow());
                return _sessions.Count;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<OpaqueKey>> CreateAsync(BrowserSession session, CancellationToken cancellationToken)
    {
        var key = OpaqueKey.Create();
        var now = _time.GetUtcNow();
        lock (_sessionsLock)
        {
            ForgetIdle(now);
            // One person takes no place from others: the oldest of theirs makes room.
            var subject = SubjectNames(session.Issuer, session.Subject)[0];
            _sessions.RemoveBeyond(PerSubject - 1, other => string.Equals(other.Subject, subject, StringComparison.Ordinal));
            if (_sessions.Count >= _capacity)
            {
                _sessions.RemoveOldest();
            }

            var stored = session with { CreatedAt = now, LastUsedAt = now, EndsAt = now + _lifetimes.Absolute, Version = 1 };
            _sessions.Add(key.Hash, new Entry
            {
                Session = stored, Subject = subject, ProviderSession = session.ProviderSession is { } sid ? ProviderSessionNames(session.Issuer, sid)[0] : null, EndsAt = stored.EndsAt, LastUsedAt = now, NotedAt = now,
            });
            _files?.Write(key, stored);
        }

        return new(StoreAnswer.Done(key));
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<BrowserSession>> FindAsync(OpaqueKey key, bool isUse, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        lock (_sessionsLock)
        {
            if (Live(key, now) is not { } entry)
            {
                return new(new StoreAnswer<BrowserSession>(StoreStatus.NotFound));
            }

            if (isUse)
            {
                entry.LastUsedAt = now;
                entry.Session = entry.Session! with { LastUsedAt = now };
                entry.NotedAt = _files?.Touch(key.Hash, entry.NotedAt, now) ?? now;
                _sessions.Use(key.Hash);
            }

            return new(StoreAnswer.Done(entry.Session!));
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<BrowserSession>> TryReplaceAsync(
        OpaqueKey key, BrowserSession session, long expectedVersion, CancellationToken cancellationToken)
    {
        lock (_sessionsLock)
        {
            if (Live(key, _time.GetUtcNow()) is not { } entry)
            {
                return new(new StoreAnswer<BrowserSession>(StoreStatus.NotFound));
            }

            var old = entry.Session!;
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
            entry.EndsAt = entry.Session.EndsAt;
            _files?.Write(key, entry.Session);
            return new(StoreAnswer.Done(entry.Session));
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreStatus> EndAsync(OpaqueKey key, CancellationToken cancellationToken)
    {
        lock (_sessionsLock)
        {
            return new(Live(key, _time.GetUtcNow()) is not null && _sessions.Remove(key.Hash) ? StoreStatus.Done : StoreStatus.NotFound);
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<int>> EndByProviderSessionAsync(string issuer, string providerSession, CancellationToken cancellationToken) =>
        EndWhere(static entry => entry.ProviderSession, ProviderSessionNames(issuer, providerSession));

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<int>> EndBySubjectAsync(string issuer, string subject, CancellationToken cancellationToken) =>
        EndWhere(static entry => entry.Subject, SubjectNames(issuer, subject));

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<BrowserSession>> TryBeginRefreshAsync(OpaqueKey key, string owner, TimeSpan limit, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
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
            return new(StoreAnswer.Done(entry.Session!));
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreStatus> EndRefreshAsync(OpaqueKey key, string owner, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
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
    public ValueTask DisposeAsync() => default;

    private Entry? Live(OpaqueKey key, DateTimeOffset now)
    {
        ForgetIdle(now);
        if (!_sessions.TryGet(key.Hash, out var entry))
        {
            return null;
        }

        // The second condition is for a clock that was set back, after which the order no longer is that of the times.
        if (entry.EndsAt <= now || entry.LastUsedAt <= now - _lifetimes.Idle || !Wake(key, entry))
        {
            _sessions.Remove(key.Hash);
            return null;
        }

        return entry;
    }

    /// <summary>In the order of use, the idle ones come first: what is looked at is dropped, but for one.</summary>
    private void ForgetIdle(DateTimeOffset now)
    {
        var lastUse = now - _lifetimes.Idle;
        _sessions.RemoveOldestWhile(entry => entry.LastUsedAt <= lastUse);
    }

    private ValueTask<StoreAnswer<int>> EndWhere(Func<Entry, string?> name, string[] names)
    {
        var now = _time.GetUtcNow();
        lock (_sessionsLock)
        {
            ForgetIdle(now);
            return new(StoreAnswer.Done(_sessions.RemoveWhere(entry => names.Contains(name(entry), StringComparer.Ordinal))));
        }
    }
}
