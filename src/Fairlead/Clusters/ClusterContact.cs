namespace Fairlead.Clusters;

/// <summary>When a cluster's API server has answered last, and when and why it could not be reached.</summary>
/// <param name="time">The clock.</param>
internal sealed class ClusterContact(TimeProvider time)
{
    private long _reached;
    private volatile Failure? _last;

    /// <summary>When it has answered last, whatever it said, to the second; null for never.</summary>
    public DateTimeOffset? ReachedAt => Interlocked.Read(ref _reached) is > 0 and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>The last failure to reach it; null for none.</summary>
    public Failure? Last => _last;

    /// <summary>Whether it has not answered since the last failure.</summary>
    public bool IsFailing => _last is { } failure && !(ReachedAt >= failure.At);

    /// <summary>It has answered.</summary>
    public void Reached()
    {
        // Every request comes by here: it is written to once a second only.
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (Interlocked.Read(ref _reached) != now)
        {
            Interlocked.Exchange(ref _reached, now);
        }
    }

    /// <summary>It could not be reached.</summary>
    public void Failed(RefusalReason reason)
    {
        if (reason.Form().Layer is "upstream")
        {
            // As coarse as the other: whoever answers in the same second counts as the later one.
            _last = new Failure(DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds()), reason);
        }
    }

    /// <summary>That a cluster could not be reached.</summary>
    /// <param name="At">When.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Failure(DateTimeOffset At, RefusalReason Reason);
}
