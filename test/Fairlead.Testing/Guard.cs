using System.Diagnostics;

namespace Fairlead.Testing;

/// <summary>
/// Bounds every wait of the harness, so that a test fails instead of hanging. Meeting the bound is a failure of the test; no test asserts on it.
/// </summary>
public static class Guard
{
    /// <summary>The bound of one wait: 60 seconds, none under a debugger.</summary>
    public static TimeSpan Limit { get; } = Debugger.IsAttached ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(60);

    /// <summary>Runs <paramref name="work"/> and throws <see cref="TimeoutException"/>, naming <paramref name="waitingFor"/>, when the bound is met.</summary>
    public static async Task<T> RunAsync<T>(string waitingFor, Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(Limit);
        try
        {
            return await work(source.Token);
        }
        catch (OperationCanceledException exception) when (source.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The guard of {Limit} ended, waiting for {waitingFor}.", exception);
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(string waitingFor, Func<CancellationToken, ValueTask> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunAsync<bool>(
            waitingFor,
            async token =>
            {
                await work(token);
                return true;
            },
            cancellationToken);
    }
}
