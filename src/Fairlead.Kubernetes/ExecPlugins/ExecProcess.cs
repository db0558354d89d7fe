using System.ComponentModel;
using System.Diagnostics;

namespace Fairlead.Kubernetes.ExecPlugins;

/// <summary>A plugin that runs. Disposing kills it with all its children, unless it has ended.</summary>
/// <param name="process">The process, with all three streams redirected.</param>
internal sealed class ExecProcess(Process process) : IDisposable
{
    // A child that a plugin leaves behind, such as an agent that caches, may hold the pipe for ever. What the plugin itself has written is in the pipe when it ends.
    private static readonly TimeSpan _afterwards = TimeSpan.FromSeconds(2);

    /// <summary>Reads what it prints until it ends.</summary>
    /// <param name="maxOutput">How much of it is read, in bytes.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How it ended; no output where it prints more than <paramref name="maxOutput"/>.</returns>
    public async Task<ExecResult> FinishAsync(int maxOutput, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        process.StandardInput.Close();
        var output = new MemoryStream();
        var reading = ReadAsync(output, maxOutput, stop.Token);
        _ = DrainAsync(stop.Token);
        try
        {
            var exit = process.WaitForExitAsync(stop.Token);
            if (await Task.WhenAny(reading, exit) == reading && !await reading)
            {
                return new ExecResult(null, -1);
            }

            await exit;
            if (process.ExitCode != 0)
            {
                return new ExecResult([], process.ExitCode);
            }

            stop.CancelAfter(_afterwards);
            var isWhole = await reading.WaitAsync(cancellationToken);
            return new ExecResult(isWhole ? output.ToArray() : null, process.ExitCode);
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended meanwhile, or is not ours to end.
        }

        process.Dispose();
    }

    /// <summary>Copies what is printed; false where that is more than <paramref name="max"/> bytes. Ends with the pipe, or when it is stopped.</summary>
    private async Task<bool> ReadAsync(MemoryStream output, int max, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await process.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (output.Length + read > max)
                {
                    return false;
                }

                output.Write(buffer, 0, read);
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // Somebody else holds the pipe; what has come is all of it.
        }

        return true;
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await process.StandardError.BaseStream.ReadAsync(buffer, cancellationToken) > 0)
            {
                // A full pipe stops a program; what it complains about may hold secrets.
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // Nobody waits for it.
        }
    }

    private static bool IsEnd(Exception exception) => exception is OperationCanceledException or IOException or ObjectDisposedException;
}

/// <summary>How a plugin ended.</summary>
/// <param name="Output">All that it has printed; null where that is more than it may.</param>
/// <param name="ExitCode">Its exit code.</param>
internal readonly record struct ExecResult(byte[]? Output, int ExitCode);
