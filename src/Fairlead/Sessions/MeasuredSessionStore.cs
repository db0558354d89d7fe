namespace Fairlead.Sessions;

/// <summary>Counts what comes of asking a store.</summary>
/// <param name="inner">The store.</param>
internal sealed class MeasuredSessionStore(ISessionStore inner) : ISessionStore
{
    private readonly long[] _counts = new long[Enum.GetValues<StoreStatus>().Length];

    /// <summary>What can come of it.</summary>
    public static IReadOnlyList<(StoreStatus Status, string Name)> Results { get; } =
        [(StoreStatus.Done, "done"), (StoreStatus.NotFound, "not_found"), (StoreStatus.Conflict, "conflict"), (StoreStatus.Unavailable, "unavailable")];

    /// <summary>How often.</summary>
    public long this[StoreStatus status] => Interlocked.Read(ref _counts[(int)status]);

    /// <summary>How many sessions there are; null where only the store knows.</summary>
    public long? Count => (inner as MemorySessionStore)?.Count;

    /// <summary>Whether the last answer was that the store cannot be asked.</summary>
    public bool IsUnavailable { get; private set; }

    /// <inheritdoc/>
    public async ValueTask<StoreAnswer<OpaqueKey>> CreateAsync(BrowserSession session, CancellationToken cancellationToken) => Note(await inner.CreateAsync(session, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<StoreAnswer<BrowserSession>> FindAsync(OpaqueKey key, bool isUse, CancellationToken cancellationToken) => Note(await inner.FindAsync(key, isUse, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<StoreAnswer<BrowserSession>> TryReplaceAsync(OpaqueKey key, BrowserSession session, long expectedVersion, CancellationToken cancellationToken) =>
        Note(await inner.TryReplaceAsync(key, session, expectedVersion, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<StoreStatus> EndAsync(OpaqueKey key, CancellationToken cancellationToken) => Note(await inner.EndAsync(key, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<StoreAnswer<int>> EndByProviderSessionAsync(string issuer, string providerSession, CancellationToken cancellationToken) =>
        Note(await inner.EndByProviderSessionAsync(issuer, providerSession, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<StoreAnswer<int>> EndBySubjectAsync(string issuer, string subject, CancellationToken cancellationToken) =>
        Note(await inner.EndBySubjectAsync(issuer, subject, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<StoreAnswer<BrowserSession>> TryBeginRefreshAsync(OpaqueKey key, string owner, TimeSpan limit, CancellationToken cancellationToken) =>
        Note(await inner.TryBeginRefreshAsync(key, owner, limit, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<StoreStatus> EndRefreshAsync(OpaqueKey key, string owner, CancellationToken cancellationToken) => Note(await inner.EndRefreshAsync(key, owner, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<StoreStatus> RememberOnceAsync(string id, DateTimeOffset until, CancellationToken cancellationToken) => Note(await inner.RememberOnceAsync(id, until, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<StoreAnswer<OpaqueKey>> PutOnceAsync(string purpose, ReadOnlyMemory<byte> payload, TimeSpan lifetime, CancellationToken cancellationToken) =>
        Note(await inner.PutOnceAsync(purpose, payload, lifetime, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<StoreAnswer<byte[]>> TakeOnceAsync(string purpose, OpaqueKey key, CancellationToken cancellationToken) => Note(await inner.TakeOnceAsync(purpose, key, cancellationToken));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private StoreAnswer<T> Note<T>(StoreAnswer<T> answer)
    {
        Note(answer.Status);
        return answer;
    }

    private StoreStatus Note(StoreStatus status)
    {
        Interlocked.Increment(ref _counts[(int)status]);
        IsUnavailable = status is StoreStatus.Unavailable;
        return status;
    }
}
