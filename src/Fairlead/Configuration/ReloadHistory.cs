namespace Fairlead.Configuration;

/// <summary>How the changes of the configuration have gone since the start.</summary>
/// <param name="time">The clock.</param>
internal sealed class ReloadHistory(TimeProvider time)
{
    private readonly long[] _counts = new long[Enum.GetValues<ReloadResult>().Length];
    private State _state = new(time.GetUtcNow(), ReloadResult.Succeeded);

    /// <summary>When the configuration in force was put into force.</summary>
    public DateTimeOffset InForceSince => Volatile.Read(ref _state).InForceSince;

    /// <summary>How the last change has gone; at the start, well.</summary>
    public ReloadResult Last => Volatile.Read(ref _state).Last;

    /// <summary>Which configuration is in force: 1 for that of the start.</summary>
    public long Generation => 1 + this[ReloadResult.Succeeded];

    /// <summary>How many changes have gone that way.</summary>
    public long this[ReloadResult result] => Interlocked.Read(ref _counts[(int)result]);

    /// <summary>Notes a change.</summary>
    public void Add(ReloadResult result)
    {
        Interlocked.Increment(ref _counts[(int)result]);
        Volatile.Write(ref _state, new State(result is ReloadResult.Succeeded ? time.GetUtcNow() : InForceSince, result));
    }

    private sealed record State(DateTimeOffset InForceSince, ReloadResult Last);
}

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
