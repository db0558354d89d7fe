using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Bench;

/// <summary>
/// The watches that are open at the upstream. Each event bears the time at which it was made, by the clock that all processes of a machine share. In the query: <c>first</c> sends an event at once,
/// <c>every</c> one each so many milliseconds.
/// </summary>
internal sealed class UpstreamWatches
{
    private readonly ConcurrentDictionary<Channel<byte[]>, IConnectionLifetimeFeature> _open = new();

    /// <summary>How many there are.</summary>
    public int Count => _open.Count;

    /// <summary>Serves one until it ends.</summary>
    public async Task ServeAsync(HttpContext http)
    {
        var events = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
        _open[events] = http.Features.GetRequiredFeature<IConnectionLifetimeFeature>();
        try
        {
            await http.Response.Body.FlushAsync(http.RequestAborted);
            if (http.Request.Query.ContainsKey("first"))
            {
                await http.Response.Body.WriteAsync(Event(), http.RequestAborted);
            }

            if (http.Request.Query.TryGetValue("every", out var every))
            {
                using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(int.Parse(every.ToString(), CultureInfo.InvariantCulture)));
                while (await timer.WaitForNextTickAsync(http.RequestAborted))
                {
                    await http.Response.Body.WriteAsync(Event(), http.RequestAborted);
                }
            }

            await foreach (var one in events.Reader.ReadAllAsync(http.RequestAborted))
            {
                await http.Response.Body.WriteAsync(one, http.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The client has gone, or the connection was dropped.
        }
        finally
        {
            _open.TryRemove(events, out _);
        }
    }

    /// <summary>Sends one event to all.</summary>
    public void Emit()
    {
        var one = Event();
        foreach (var (events, _) in _open)
        {
            events.Writer.TryWrite(one);
        }
    }

    /// <summary>Breaks the connections of all, as an API server does that goes away.</summary>
    public void Drop()
    {
        foreach (var connection in _open.Values.Distinct())
        {
            connection.Abort();
        }
    }

    private static byte[] Event() => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $$$"""
        {"type":"MODIFIED","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"object-01","namespace":"default","uid":"00000000-0000-0000-0000-000000000001","resourceVersion":"2"},"data":{"key":"a value that somebody has changed"} },"at":{{{Stopwatch.GetTimestamp()}}}}
        """) + "\n");
}
