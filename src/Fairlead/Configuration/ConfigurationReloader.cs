using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;

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
    private IReadOnlyList<string> _files = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var options = state.Current.Options;
        if (options.Files.Count == 0)
        {
            return;
        }

        _files = options.Files;
        var seen = Stamps();
        using var timer = new PeriodicTimer(options.Timeouts.FileCheck, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = Stamps();
            if (!now.SequenceEqual(seen))
            {
                // Stamped before it is read: a change in between is seen at the next look. Files that are new get that look too.
                var files = _files;
                TryReload();
                seen = _files.SequenceEqual(files, StringComparer.Ordinal) ? now : [];
            }
        }
    }

    private void TryReload()
    {
        try
        {
            Reload();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A background service that throws would stop the gateway; the last good configuration serves on.
            history.Add(ReloadResult.Failed);
            LogFailed(exception);
        }
    }

    private void Reload()
    {
        var result = read();
        _files = result.Options?.Files ?? result.Files;
        if (result.Options is not { } options)
        {
            foreach (var error in result.Errors)
            {
                LogRefused(error.ToString());
            }

            history.Add(ReloadResult.Refused);
            return;
        }

        var current = state.Current;
        if (NeedsRestart(current.Options, options))
        {
            LogNeedsRestart();
        }

        state.Update(before => factory.Make(options, before));
        history.Add(ReloadResult.Succeeded);
        LogReloaded(state.Current.Catalog.Clusters.Count);
        catalogs.LookAtNew();
    }

    private static bool NeedsRestart(GatewayOptions old, GatewayOptions @new) =>
        !old.Listen.SequenceEqual(@new.Listen) || old.Tls != @new.Tls || old.ManagementListen != @new.ManagementListen
        || !string.Equals(old.BaseUrl, @new.BaseUrl, StringComparison.Ordinal) || !old.CorsOrigins.SequenceEqual(@new.CorsOrigins, StringComparer.Ordinal)
        || !old.TrustedProxies.SequenceEqual(@new.TrustedProxies) || old.Sessions != @new.Sessions
        || old.Limits != @new.Limits || old.Timeouts != @new.Timeouts || old.Log != @new.Log || old.Telemetry != @new.Telemetry
        || !string.Equals(old.AuditFile, @new.AuditFile, StringComparison.Ordinal);

    private FileStamp[] Stamps() => [.. _files.Select(FileStamp.Of)];
}

/// <summary>Reads the configuration as it is now, first-run defaults included.</summary>
internal delegate ConfigurationResult ConfigurationReader();
