namespace Fairlead.Testing;

/// <summary>A clock that tells the real time plus what a test has added. Timers run as ever, so that a whole server can have it.</summary>
public sealed class MovableClock : TimeProvider
{
    private long _added;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _added));

    /// <summary>Moves it on.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref _added, by.Ticks);
}
