using System.Collections.Concurrent;
using System.Diagnostics;

namespace Fairlead.Bench;

/// <summary>How long events take from the upstream to a client: some watches that have one every few milliseconds.</summary>
internal static class Events
{
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(1);

    /// <summary>Prints the percentiles of what came within <paramref name="seconds"/>, in microseconds; the first second does not count.</summary>
    public static async Task<int> RunAsync(Uri url, string token, int count, int seconds, string? authorityFile)
    {
        using var opener = new WatchOpener(url, token, count, authorityFile);
        using var stopping = new CancellationTokenSource();
        var waits = new ConcurrentBag<double>();
        var streams = await Task.WhenAll(Enumerable.Range(0, count).Select(i => opener.OpenAsync(i, CancellationToken.None)));
        var start = Stopwatch.GetTimestamp();
        stopping.CancelAfter(_settling + TimeSpan.FromSeconds(seconds));
        await Task.WhenAll(streams.Select(ReadAsync));
        var sorted = waits.Order().ToArray();
        Figures.Print(("events", sorted.Length), ("p50", Figures.Percentile(sorted, 50)), ("p99", Figures.Percentile(sorted, 99)));
        return 0;

        async Task ReadAsync(WatchStream stream)
        {
            using (stream)
            {
                try
                {
                    while (true)
                    {
                        var stamp = await stream.ReadStampAsync(stopping.Token);
                        if (Stopwatch.GetElapsedTime(start) > _settling)
                        {
                            waits.Add(Stopwatch.GetElapsedTime(stamp).TotalMicroseconds);
                        }
                    }
                }
                catch (OperationCanceledException)
                {
                    // The time is over.
                }
            }
        }
    }
}
