namespace Fairlead.Sessions;

/// <summary>How long sessions last.</summary>
/// <param name="Idle">Without a use.</param>
/// <param name="Absolute">At most.</param>
internal sealed record SessionLifetimes(TimeSpan Idle, TimeSpan Absolute)
{
    /// <summary>How long a used id is remembered at least, whatever clocks say.</summary>
    public static readonly TimeSpan LeastMemory = TimeSpan.FromSeconds(2);
}

/// <summary>
/// Where browser sessions and everything that may be used only once are kept. A store that is down is an answer
/// (<see cref="StoreStatus.Unavailable"/>), never an exception; only a cancelled token throws.
/// </summary>
internal interface ISessionStore : IAsyncDisposable
{
    /// <summary>Begins a session and gives the key for the browser. The store sets the times and the version.</summary>
    ValueTask<StoreAnswer<OpaqueKey>> CreateAsync(BrowserSession session, CancellationToken cancellationToken);

    /// <summary>The session of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isUse">Whether this is a use, which puts off the idle end; a mere look is not.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<StoreAnswer<BrowserSession>> FindAsync(OpaqueKey key, bool isUse, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces a session that still has the expected version, and gives it as it now is; <see cref="StoreStatus.Conflict"/> otherwise. A session
    /// that has ended does not come back. It is not a use.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="session">What was found under that key, with changes; never with another issuer, subject or provider session.</param>
    /// <param name="expectedVersion">The version that was found.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<StoreAnswer<BrowserSession>> TryReplaceAsync(
        OpaqueKey key, BrowserSession session, long expectedVersion, CancellationToken cancellationToken);

    /// <summary>Ends a session.</summary>
    ValueTask<StoreStatus> EndAsync(OpaqueKey key, CancellationToken cancellationToken);

    /// <summary>Ends the sessions that came out of one session at the provider; gives their number, which may be 0.</summary>
    ValueTask<StoreAnswer<int>> EndByProviderSessionAsync(string issuer, string providerSession, CancellationToken cancellationToken);

    /// <summary>Ends all sessions of a subject; gives their number, which may be 0.</summary>
    ValueTask<StoreAnswer<int>> EndBySubjectAsync(string issuer, string subject, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the right to refresh a session, which one owner has at a time, and gives the session as it is at that moment: somebody may have
    /// refreshed it since it was found. <see cref="StoreStatus.Conflict"/> while another owner has the right.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="owner">A name that no other attempt has.</param>
    /// <param name="limit">How long the right lasts when nobody gives it back.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<StoreAnswer<BrowserSession>> TryBeginRefreshAsync(OpaqueKey key, string owner, TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Gives the right back; <see cref="StoreStatus.NotFound"/> when this owner no longer has it.</summary>
    ValueTask<StoreStatus> EndRefreshAsync(OpaqueKey key, string owner, CancellationToken cancellationToken);

    /// <summary>
    /// Remembers that something was used; <see cref="StoreStatus.Conflict"/> when it had been already. Only <see cref="StoreStatus.Done"/> lets
    /// anybody go on.
    /// </summary>
    /// <param name="id">What it is, with its kind and its issuer: <c>jti</c> values are unique per issuer only.</param>
    /// <param name="until">How long to remember it; at least <see cref="SessionLifetimes.LeastMemory"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<StoreStatus> RememberOnceAsync(string id, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Keeps a value that can be taken once, and gives the key to it: the <c>state</c> of a login, a ticket.</summary>
    /// <param name="purpose">What it is for. A key is good for its purpose only.</param>
    /// <param name="payload">The value.</param>
    /// <param name="lifetime">How long it can be taken.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<StoreAnswer<OpaqueKey>> PutOnceAsync(
        string purpose, ReadOnlyMemory<byte> payload, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>Takes such a value, which is then gone.</summary>
    ValueTask<StoreAnswer<byte[]>> TakeOnceAsync(string purpose, OpaqueKey key, CancellationToken cancellationToken);
}
