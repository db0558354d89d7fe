using System.Collections.Concurrent;
using System.Diagnostics;

namespace Fairlead.Bench;

/// <summary>
/// Opens watches, 64 at a time, says how long that took, and holds them until standard input ends. A line <c>fan</c> there: one event goes to all, and how long each took. A line <c>storm</c>: the upstream
/// breaks their connections, all come back at once, and how long that took.
/// </summary>
internal sealed class Watches : IDisposable
{
    private const int AtOnce = 64;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);
    private readonly CancellationTokenSource _stopping = new();
    private readonly WatchOpener _opener;
    private readonly HttpClient _control = new();
    private readonly Uri _orders;
    private readonly int _count;
    private readonly ConcurrentBag<double> _events = [];
    private CountdownEvent _awaited = new(1);
    private bool _isStorm;
    private int _retries;

    private Watches(WatchOpener opener, Uri orders, int count) => (_opener, _orders, _count) = (opener, orders, count);

    /// <summary>Opens <paramref name="count"/> watches at <paramref name="url"/>; <paramref name="orders"/> is where the upstream takes orders.</summary>
    public static async Task<int> RunAsync(Uri url, string token, int count, Uri orders, string? authorityFile)
    {
        using var opener = new WatchOpener(url, token, count, authorityFile);
        using var watches = new Watches(opener, orders, count);
        await watches.RunAsync();
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Dispose();
        _control.Dispose();
        _awaited.Dispose();
    }

    private async Task RunAsync()
    {
        var streams = new WatchStream[_count];
        var headers = new double[_count];
        var firsts = new double[_count];
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, _count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, cancellationToken) =>
        {
            var asked = Stopwatch.GetTimestamp();
            streams[i] = await _opener.OpenAsync(i, cancellationToken);
            headers[i] = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
            await streams[i].ReadStampAsync(cancellationToken);
            firsts[i] = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
        });
        var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Array.Sort(headers);
        Array.Sort(firsts);
        Figures.Print(
            ("open", _count), ("seconds", took), ("headersP50", Figures.Percentile(headers, 50)), ("headersP99", Figures.Percentile(headers, 99)), ("firstP50", Figures.Percentile(firsts, 50)), ("firstP99", Figures.Percentile(firsts, 99)));

        var slots = Enumerable.Range(0, _count).Select(i => HoldAsync(i, streams[i])).ToArray();
        while (await Console.In.ReadLineAsync() is { } order)
        {
            if (string.Equals(order, "fan", StringComparison.Ordinal))
            {
                await FanAsync();
            }
            else if (string.Equals(order, "storm", StringComparison.Ordinal))
            {
                await StormAsync();
            }
            else
            {
                throw new InvalidOperationException($"no such order: {order}");
            }
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(slots);
    }

    /// <summary>Reads the events of one watch, and brings it back when it ends in a storm. An end at any other time is the end of the measurement.</summary>
    private async Task HoldAsync(int number, WatchStream stream)
    {
        while (true)
        {
            try
            {
                while (true)
                {
                    var stamp = await stream.ReadStampAsync(_stopping.Token);
                    _events.Add(Stopwatch.GetElapsedTime(stamp).TotalMicroseconds);
                    _awaited.Signal();
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or HttpRequestException)
            {
                stream.Dispose();
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }

                if (!Volatile.Read(ref _isStorm))
                {
                    await Console.Error.WriteLineAsync($"watch {number} has ended: {exception.Message}");
                    Environment.Exit(1);
                }
            }

            stream = await ReopenAsync(number);
            await stream.ReadStampAsync(_stopping.Token);
            _awaited.Signal();
        }
    }

    private async Task<WatchStream> ReopenAsync(int number)
    {
        while (true)
        {
            try
            {
                return await _opener.OpenAsync(number, _stopping.Token);
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException or System.Net.Sockets.SocketException)
            {
                Interlocked.Increment(ref _retries);
                await Task.Delay(50, _stopping.Token);
            }
        }
    }

    private async Task FanAsync()
    {
        _events.Clear();
        Expect();
        await OrderAsync("emit");
        Await();
        var waits = _events.Order().ToArray();
        Figures.Print(("events", waits.Length), ("first", waits[0]), ("p50", Figures.Percentile(waits, 50)), ("p99", Figures.Percentile(waits, 99)), ("last", waits[^1]));
    }

    private async Task StormAsync()
    {
        Expect();
        Volatile.Write(ref _isStorm, true);
        _retries = 0;
        var start = Stopwatch.GetTimestamp();
        await OrderAsync("drop");
        Await();
        var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Volatile.Write(ref _isStorm, false);
        Figures.Print(("seconds", took), ("retries", _retries));
    }

    private void Expect()
    {
        _awaited.Dispose();
        _awaited = new CountdownEvent(_count);
    }

    private void Await()
    {
        if (!_awaited.Wait(_patience))
        {
            throw new TimeoutException($"{_awaited.CurrentCount} of {_count} watches are still waited for");
        }
    }

    private async Task OrderAsync(string order)
    {
        using var answer = await _control.PostAsync(new Uri(_orders, $"/bench/{order}"), content: null);
        answer.EnsureSuccessStatusCode();
    }
}
