using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Clusters.Sources;

/// <summary>
/// Keeps the catalogue up to date, each source on its own: those over the network are asked again and again, kubeconfig files are looked at for changes. Start-up waits for none of
/// them, and none waits for another.
/// </summary>
/// <param name="state">What is in force.</param>
/// <param name="factory">Makes snapshots.</param>
/// <param name="catalogs">Looks at clusters that are new.</param>
/// <param name="remote">What sources over the network have said.</param>
/// <param name="lifetime">Says when the listeners are open.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class SourceRefresher(
    GatewayState state, SnapshotFactory factory, CatalogFactory catalogs, RemoteSources remote, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SourceRefresher> logger) : BackgroundService
{
    private static readonly TimeSpan _shortestPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ClusterLocator.Remote, CancellationTokenSource> _asking = [];
    private volatile bool _isOutdated;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await StartedAsync(stoppingToken))
        {
            return;
        }

        _ = Task.Run(catalogs.LookAtNew, CancellationToken.None);
        using var timer = new PeriodicTimer(state.Current.Options.Timeouts.FileCheck, time);
        try
        {
            do
            {
                Follow([.. state.Current.Options.ClusterLocators.OfType<ClusterLocator.Remote>()], stoppingToken);
                if (_isOutdated || state.Current.Catalog.Files.Any(static file => FileStamp.Of(file.Path) != file.Stamp))
                {
                    TryPutInForce();
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        finally
        {
            foreach (var one in _asking.Values)
            {
                await one.CancelAsync();
                one.Dispose();
            }
        }
    }

    /// <summary>Waits until the listeners are open: nothing here is needed for that.</summary>
    /// <returns>Whether they are; false where the gateway stops before.</returns>
    private async Task<bool> StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var whenStarted = lifetime.ApplicationStarted.Register(() => started.TrySetResult(true));
        await using var whenStopping = stoppingToken.Register(() => started.TrySetResult(false));
        return await started.Task;
    }

    private void Follow(ClusterLocator.Remote[] locators, CancellationToken stoppingToken)
    {
        foreach (var gone in _asking.Keys.Except(locators).ToArray())
        {
            _asking.Remove(gone, out var asking);
            asking!.Cancel();
            asking.Dispose();
        }

        remote.Keep(locators);
        foreach (var locator in locators.Except(_asking.Keys).ToArray())
        {
            var asking = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            _asking.Add(locator, asking);
            _ = AskAgainAndAgainAsync(locator, asking.Token);
        }
    }

    private async Task AskAgainAndAgainAsync(ClusterLocator.Remote locator, CancellationToken cancellationToken)
    {
        try
        {
            for (var failures = 0; ;)
            {
                if (await remote.AskAsync(locator, cancellationToken))
                {
                    TryPutInForce();
                }

                var problem = remote.StateOf(locator)?.Problem;
                if (problem is not null && failures == 0)
                {
                    LogFailed(locator.Name, problem);
                }
                else if (problem is null && failures > 0)
                {
                    LogAnswers(locator.Name);
                }

                failures = problem is null ? 0 : failures + 1;
                await Task.Delay(Pause(locator.Refresh, failures), time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The source is not configured any more, or the gateway stops.
        }
    }

    /// <summary>Soon again after a failure, then more and more seldom; and never all at the same moment.</summary>
    private static TimeSpan Pause(TimeSpan refresh, int failures)
    {
        var pause = failures == 0 ? refresh : _shortestPause * Math.Pow(2, Math.Min(failures - 1, 10));
        return (pause < refresh ? pause : refresh) * (0.9 + (Random.Shared.NextDouble() * 0.2));
    }

    private void TryPutInForce()
    {
        try
        {
            _isOutdated = false;
            var clusters = 0;
            state.Update(current =>
            {
                var next = factory.WithClusters(current);
                clusters = next.Catalog.Clusters.Count;
                return next;
            });
            LogChanged(clusters);
            catalogs.LookAtNew();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // What was in force stays in force, and the next look tries again.
            _isOutdated = true;
            LogBroken(exception);
        }
    }
}
