using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Fairlead.Kubernetes.ExecPlugins;

/// <summary>
/// Runs credential plugins: without a shell, without a terminal, bounded in time and memory. What a plugin prints is read as an <c>ExecCredential</c> or dropped; none of it
/// is kept, logged or repeated.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class ExecPluginRunner(TimeProvider time)
{
    // A file that somebody has just written may still be open in a process that was forked meanwhile (ETXTBSY).
    private const int BusyFile = 26;
    private const int BusyAttempts = 20;

    private static readonly TimeSpan _busyPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs <paramref name="plugin"/> once.</summary>
    /// <param name="plugin">The plugin.</param>
    /// <param name="settings">Whether it may be run, and how much of it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ExecPluginException">It gave no usable credential, or may not be run.</exception>
    public async Task<ExecCredential> RunAsync(ExecPlugin plugin, ExecSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        ArgumentNullException.ThrowIfNull(settings);
        var start = StartInfo(plugin, settings);
        using var limit = new CancellationTokenSource(settings.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var process = new ExecProcess(await StartAsync(plugin, start, either.Token));
            var result = await process.FinishAsync(settings.MaxOutput, either.Token);
            return result switch
            {
                { Output: null } => throw new ExecPluginException(
                    plugin.Command, string.Create(CultureInfo.InvariantCulture, $"printed more than {settings.MaxOutput} bytes and was ended; credentials.exec.maxOutput is the limit")),
                { ExitCode: not 0 } => throw new ExecPluginException(
                    plugin.Command, string.Create(CultureInfo.InvariantCulture, $"ended with exit code {result.ExitCode}; run it by hand, as the gateway's user, to see what it says")),
                _ => ExecCredentialReader.Read(plugin, result.Output, time.GetUtcNow()),
            };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ExecPluginException(
                plugin.Command, string.Create(CultureInfo.InvariantCulture, $"did not end within {settings.Timeout.TotalSeconds} s and was ended; it may wait for somebody to log in, or for its server (credentials.exec.timeout)"));
        }
    }

    private static ProcessStartInfo StartInfo(ExecPlugin plugin, ExecSettings settings)
    {
        var path = ExecCommand.Find(plugin.Command, Environment.GetEnvironmentVariable("PATH")) ?? throw new ExecPluginException(
            plugin.Command, plugin.Command.Contains('/', StringComparison.Ordinal) ? "is no absolute path" : "is in no folder of PATH; install it where the gateway runs, or give its path");
        if (!settings.Allows(plugin.Command, path))
        {
            throw new ExecPluginException(plugin.Command, settings.For(plugin.Command).AllowedCommands.Count > 0
                ? $"was found at {path}, which is not the file that credentials.exec.allowedCommands names"
                : ExecSettings.WhatToAdd(plugin.Command));
        }

        var start = new ProcessStartInfo(path)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in plugin.Arguments)
        {
            start.ArgumentList.Add(Whole(plugin, argument));
        }

        foreach (var (name, value) in plugin.Environment)
        {
            start.Environment[Whole(plugin, name)] = Whole(plugin, value);
        }

        start.Environment[ExecInfo.Variable] = ExecInfo.Of(plugin);
        return start;
    }

    /// <summary>A text that can be given to a program whole: the system would cut it at a NUL.</summary>
    private static string Whole(ExecPlugin plugin, string text) =>
        text.Contains('\0', StringComparison.Ordinal) ? throw new ExecPluginException(plugin.Command, "has an argument or a variable with a NUL character, which no program can be given") : text;

    private static async Task<Process> StartAsync(ExecPlugin plugin, ProcessStartInfo start, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Process.Start(start)!;
            }
            catch (Win32Exception exception) when (exception.NativeErrorCode == BusyFile && attempt < BusyAttempts)
            {
                await Task.Delay(_busyPause, cancellationToken);
            }
            catch (Win32Exception exception)
            {
                throw new ExecPluginException(plugin.Command, exception.NativeErrorCode switch
                {
                    _ when Directory.Exists(start.FileName) => $"is a folder: {start.FileName}",
                    2 => $"does not exist: {start.FileName}, or the interpreter that it names",
                    7 => "cannot be started: its arguments and variables are larger than the system takes",
                    8 => $"cannot be started: {start.FileName} is no program for this machine, or a script without a first line such as #!/bin/sh",
                    13 => $"may not be executed: {start.FileName}; look at its mode, and whose it is",
                    var code => string.Create(CultureInfo.InvariantCulture, $"cannot be started: {start.FileName} (error {code})"),
                });
            }
        }
    }
}
