using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Credentials.Minting;

/// <summary>
/// Keeps what a minter gives. Whoever comes first waits for it, everybody else for the same one; it is renewed in the background before it ends, by the next request that
/// comes after a moment which differs from one gateway to the next; and while the issuer is away the last one is used for as long as it is good.
/// </summary>
/// <param name="minter">Obtains credentials.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
/// <param name="counts">Counts what is obtained; null where nobody does.</param>
internal sealed partial class MintingSource(ICredentialMinter minter, TimeProvider time, ILogger<MintingSource> logger, MintCounts? counts = null) : CredentialSource
{
    /// <summary>
    /// A credential that was obtained just now is not obtained again because a cluster refuses it: the next one would be no better. Twice as long each time it was obtained for that reason, so that
    /// one cluster that refuses everything does not have the credential of many others obtained again and again.
    /// </summary>
    public static readonly TimeSpan NotRenewedBefore = TimeSpan.FromSeconds(10);

    private const int LongestWait = 5;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private volatile Held? _held;
    private Task<CredentialResult>? _minting;
    private CredentialResult _failure;
    private TimeSpan _pause = _firstPause;
    private int _rejections;
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;

    /// <summary>When the present one ends; null where there is none, or where nobody says.</summary>
    public DateTimeOffset? ExpiresAt => _held is { } held && held.ExpiresAt < DateTimeOffset.MaxValue ? held.ExpiresAt : null;

    /// <inheritdoc/>
    public override ValueTask<CredentialResult> GetAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_held is not { } held || held.ExpiresAt <= now)
        {
            return Obtain(now) is { } minting ? new(minting.WaitAsync(cancellationToken)) : new(_failure);
        }

        if (held.RenewAt <= now && Obtain(now) is not null)
        {
            // It has lasted its time: nobody refuses it any more.
            Volatile.Write(ref _rejections, 0);
        }

        return new(held.Result);
    }

    /// <inheritdoc/>
    public override bool MayRenew(UpstreamCredential rejected) =>
        rejected is UpstreamCredential.Minted && (_held is not { } held || !ReferenceEquals(held.Result.Credential, rejected) || IsOld(held, time.GetUtcNow()));

    /// <inheritdoc/>
    public override ValueTask<CredentialResult> RenewAsync(UpstreamCredential rejected, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            // Whoever was refused at the same moment gets what the first of them has obtained.
            if (_held is not { } held || !ReferenceEquals(held.Result.Credential, rejected) || (_minting is null && !IsOld(held, now)))
            {
                return GetAsync(cancellationToken);
            }

            if (_minting is null)
            {
                _rejections = Math.Min(_rejections + 1, LongestWait);
            }

            return Obtain(now) is { } minting ? new(minting.WaitAsync(cancellationToken)) : new(_failure);
        }
    }

    private bool IsOld(Held held, DateTimeOffset now) => now - held.ObtainedAt >= NotRenewedBefore * (1 << Volatile.Read(ref _rejections));

    /// <summary>Begins to obtain one, or joins who has begun; null while the pause after a failure lasts.</summary>
    private Task<CredentialResult>? Obtain(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_minting is null && now >= _notBefore)
            {
                // Elsewhere: who asks first must not hold the lock while the minter's first steps run.
                _minting = Task.Run(MintAsync);
            }

            return _minting;
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Libraries of vendors throw what they like; whatever it is, there is no credential, and the log says why.")]
    private async Task<CredentialResult> MintAsync()
    {
        CredentialResult result;
        var isTakenAway = false;
        try
        {
            using var limit = new CancellationTokenSource(_patience, time);
            var minted = await minter.MintAsync(limit.Token).WaitAsync(limit.Token);
            result = Take(minted);
        }
        catch (Exception exception)
        {
            result = new CredentialResult(null, exception switch
            {
                CredentialException => exception.Message,
                OperationCanceledException => "the issuer of the credential does not answer",
                // What a library says may hold what it was sent.
                _ => $"the credential could not be obtained ({exception.GetType().Name})",
            });
            isTakenAway = exception is CredentialException { IsTakenAway: true };
            LogFailed(result.Problem!);
        }

        counts?.Add(result.Credential is not null);
        lock (_lock)
        {
            _minting = null;
            if (result.Credential is null)
            {
                _failure = result;
                _held = isTakenAway ? null : _held;
                _notBefore = time.GetUtcNow() + _pause;
                _pause = _pause * 2 < _longestPause ? _pause * 2 : _longestPause;
            }
            else
            {
                _pause = _firstPause;
                _notBefore = DateTimeOffset.MinValue;
            }
        }

        return result;
    }

    private CredentialResult Take(MintedCredential minted)
    {
        var now = time.GetUtcNow();
        if (minted.ExpiresAt <= now)
        {
            throw new CredentialException("the credential that was given had expired already; check the clocks");
        }

        // One that is the same as before keeps its place: connections that were opened with its certificate go on.
        var credential = _held?.Result.Credential is { } before && before == minted.Credential ? before : minted.Credential;
        var result = new CredentialResult(credential, null);
        _held = new Held(result, now, minted.ExpiresAt ?? DateTimeOffset.MaxValue, RenewalOf(minted, now));
        return result;
    }

    /// <summary>Replicas and clusters that got theirs at the same moment do not all come back at the same moment.</summary>
    private static DateTimeOffset RenewalOf(MintedCredential minted, DateTimeOffset now)
    {
        var share = 0.9 + (Random.Shared.NextDouble() * 0.1);
        return minted.RenewAfter is { } after ? now + (after * share)
            : minted.ExpiresAt is { } end ? now + ((end - now) * 0.8 * share)
            : DateTimeOffset.MaxValue;
    }

    private sealed record Held(CredentialResult Result, DateTimeOffset ObtainedAt, DateTimeOffset ExpiresAt, DateTimeOffset RenewAt);
}
