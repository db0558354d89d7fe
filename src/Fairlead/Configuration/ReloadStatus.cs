namespace Fairlead.Configuration;

/// <summary>How changes of the configuration went since the start.</summary>
/// <param name="Applied">How many were put into force.</param>
/// <param name="Refused">How many were refused.</param>
/// <param name="AppliedAt">When the last one was put into force; null for none.</param>
/// <param name="Refusal">Why the last change is not in force; null when it is.</param>
/// <param name="AwaitRestart">Keys that were changed and take effect after a restart only.</param>
internal sealed record ReloadStatus(long Applied, long Refused, DateTimeOffset? AppliedAt, ReloadRefusal? Refusal, IReadOnlyList<string> AwaitRestart)
{
    /// <summary>Before any change.</summary>
    public static ReloadStatus Unchanged { get; } = new(0, 0, null, null, []);

    /// <summary>In one line, for the operator.</summary>
    public override string ToString() =>
        Refusal is { } refusal ? $"a change was refused at {refusal.At:u}: {refusal.Reason} (the last good one is in force)"
        : AwaitRestart.Count > 0 ? $"restart for {string.Join(", ", AwaitRestart)}"
        : "";
}

/// <summary>A change that is not in force.</summary>
/// <param name="At">When it was refused.</param>
/// <param name="Reason">Why, in short.</param>
internal sealed record ReloadRefusal(DateTimeOffset At, string Reason);
