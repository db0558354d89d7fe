namespace Fairlead.Testing;

/// <summary>Bounded polling, for the states whose change nothing signals. Prefer a <see cref="Gate"/> or a task where there is one.</summary>
public static class Eventually
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits until the condition holds; fails with <paramref name="what"/> at the guard's limit.</summary>
    public static Task BeTrueAsync(Func<bool> condition, string what, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return BeTrueAsync(() => Task.FromResult(condition()), what, cancellationToken);
    }

    /// <inheritdoc cref="BeTrueAsync(Func{bool}, string, CancellationToken)"/>
    public static Task BeTrueAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken = default) =>
        Guard.RunAsync(
            what,
            async token =>
            {
                while (!await condition())
                {
                    await Task.Delay(Step, token);
                }
            },
            cancellationToken);
}
