using System.Diagnostics;
using System.Net.WebSockets;

namespace Fairlead.Bench;

/// <summary>A session of exec whose other end sends back what comes: how long a message takes there and back, one after the other.</summary>
internal static class Exec
{
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(1);

    /// <summary>Prints the percentiles of messages of <paramref name="size"/> bytes over <paramref name="seconds"/>, in microseconds; the first second does not count.</summary>
    public static async Task<int> RunAsync(Uri url, string token, int size, int seconds)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        socket.Options.AddSubProtocol("v5.channel.k8s.io");
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await socket.ConnectAsync(url, CancellationToken.None);
        // Channel 0 is what is typed.
        var message = new byte[1 + size];
        var buffer = new byte[128 * 1024];
        var waits = new List<double>();
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) is var now && now < _settling + TimeSpan.FromSeconds(seconds))
        {
            var sent = Stopwatch.GetTimestamp();
            await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            var got = 0;
            while (got < message.Length)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                got += part.MessageType == WebSocketMessageType.Binary ? part.Count : throw new IOException("The session has ended.");
            }

            if (now > _settling)
            {
                waits.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
            }
        }

        waits.Sort();
        Figures.Print(("messages", waits.Count), ("p50", Figures.Percentile(waits, 50)), ("p99", Figures.Percentile(waits, 99)));
        return 0;
    }
}
