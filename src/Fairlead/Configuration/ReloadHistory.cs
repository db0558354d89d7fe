namespace Fairlead.Configuration;

/// <summary>How the changes of the configuration have gone since the start.</summary>
/// <param name="time">The clock.</param>
internal sealed class ReloadHistory(TimeProvider time)
{
    private readonly long[] _counts = new long[Enum.GetValues<ReloadResult>().Length];
    private State _state = new(time.GetUtcNow(), ReloadResult.Succeeded, null, []);

    /// <summary>When the configuration in force was put into force.</summary>
    public DateTimeOffset InForceSince => Volatile.Read(ref _state).InForceSince;

    /// <summary>How the last change has gone; at the start, well.</summary>
    public ReloadResult Last => Volatile.Read(ref _state).Last;

    /// <summary>Why the last change is not in force; null when it is.</summary>
    public ReloadRefusal? Refusal => Volatile.Read(ref _state).Refusal;

    /// <summary>Keys that were changed and take effect after a restart only.</summary>
    public IReadOnlyList<string> AwaitRestart => Volatile.Read(ref _state).AwaitRestart;

    /// <summary>Which configuration is in force: 1 for that of the start.</summary>
    public long Generation => 1 + this[ReloadResult.Succeeded];

    /// <summary>How many changes have gone that way.</summary>
    public long this[ReloadResult result] => Interlocked.Read(ref _counts[(int)result]);

    /// <summary>Notes a change.</summary>
    /// <param name="result">How it went.</param>
    /// <param name="reason">Why it is not in force, in short; null when it is.</param>
    /// <param name="awaitRestart">Keys that take effect after a restart only; null for the same as before.</param>
    public void Add(ReloadResult result, string? reason = null, IReadOnlyList<string>? awaitRestart = null)
    {
        Interlocked.Increment(ref _counts[(int)result]);
        var now = time.GetUtcNow();
        Volatile.Write(ref _state, new State(
            result is ReloadResult.Succeeded ? now : InForceSince, result, result is ReloadResult.Succeeded ? null : new ReloadRefusal(now, reason ?? ""), awaitRestart ?? AwaitRestart));
    }

    private sealed record State(DateTimeOffset InForceSince, ReloadResult Last, ReloadRefusal? Refusal, IReadOnlyList<string> AwaitRestart);
}

/// <summary>A change that is not in force.</summary>
/// <param name="At">When it was refused.</param>
/// <param name="Reason">Why, in short.</param>
internal sealed record ReloadRefusal(DateTimeOffset At, string Reason);

/// <summary>What came of a change of the configuration.</summary>
internal enum ReloadResult
{
    /// <summary>It is in force.</summary>
    Succeeded,

    /// <summary>It has errors, and the last good one serves on.</summary>
    Refused,

    /// <summary>It could not be put into force, and the last good one serves on.</summary>
    Failed,
}
