using Fairlead.Clusters;

namespace Fairlead.Configuration;

/// <summary>
/// Watches the files that the configuration was read from and puts changes into force; a bad change is reported and the last
/// good configuration serves on. Polled, because file notifications miss the link swap of a mounted ConfigMap.
/// </summary>
/// <param name="state">What is in force.</param>
/// <param name="factory">Makes snapshots.</param>
/// <param name="catalogs">Looks at clusters that are new.</param>
/// <param name="read">Reads the configuration again.</param>
/// <param name="history">Notes how it went.</param>
/// <param name="time">The time.</param>
/// <param name="logger">The log.</param>
internal sealed partial class ConfigurationReloader(
    GatewayState state, SnapshotFactory factory, CatalogFactory catalogs, ConfigurationReader read, ReloadHistory history, TimeProvider time, ILogger<ConfigurationReloader> logger)
    : BackgroundService
{
    // Also those of a refused configuration: one of them is where it will be mended.
    private IReadOnlyList<SourceFile> _files = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var start = state.Current.Options;
        if (start.Files.Count == 0)
        {
            return;
        }

        _files = start.Files;
        var watch = new ChangeWatch(_files);
        using var timer = new PeriodicTimer(start.Timeouts.FileCheck, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            SourceFile[] now = [.. _files.Select(static file => SourceFile.Of(file.Path))];
            if (watch.IsDue(now))
            {
                _files = now;
                TryReload(start);
                watch.Take(_files);
            }
        }
    }

    private void TryReload(GatewayOptions start)
    {
        try
        {
            Reload(start);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A background service that throws would stop the gateway; the last good configuration serves on.
            history.Add(ReloadResult.Failed, "the gateway failed; its log says why");
            LogFailed(exception);
        }
    }

    private void Reload(GatewayOptions start)
    {
        var result = read();
        _files = result.Options?.Files ?? result.Files;
        if (result.Options is not { } options)
        {
            // Before it is in the log: whoever reads there asks the probes next.
            history.Add(ReloadResult.Refused, Short(result.Errors));
            foreach (var error in result.Errors)
            {
                LogRefused(error.ToString());
            }

            return;
        }

        var keys = RestartKeys.Changed(start, options);
        if (keys.Except(history.AwaitRestart, StringComparer.Ordinal).Any())
        {
            LogNeedsRestart(string.Join(", ", keys));
        }

        state.Update(before => factory.Make(options, before));
        history.Add(ReloadResult.Succeeded, awaitRestart: keys);
        LogReloaded(state.Current.Catalog.Clusters.Count);
        catalogs.LookAtNew();
    }

    private static string Short(IReadOnlyList<ConfigurationError> errors) =>
        errors.Count == 0 ? "no configuration" : (errors[0] with { Location = null }) + (errors.Count == 1 ? "" : $" (and {errors.Count - 1} more)");
}

/// <summary>Reads the configuration as it is now, first-run defaults included.</summary>
internal delegate ConfigurationResult ConfigurationReader();
