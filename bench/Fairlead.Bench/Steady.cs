using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fairlead.Bench;

/// <summary>Somebody who sends 100 requests a second, come what may, over one connection, and says what they waited for each: from when it should have been sent to the whole answer.</summary>
internal static class Steady
{
    private const int PerSecond = 100;

    /// <summary>Prints p50 and p99 in microseconds, and the number of answers that were not 200.</summary>
    public static async Task<int> RunAsync(Uri url, string token, int seconds)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, url.Port);
        var request = Encoding.ASCII.GetBytes($"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Bearer {token}\r\n\r\n");
        var buffer = new byte[64 * 1024];
        var waits = new List<double>();
        var bad = 0;
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < seconds * PerSecond; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / PerSecond);
            // The timer of the system is too coarse: the last bit is spun away.
            while (Stopwatch.GetElapsedTime(start) is var now && now < due)
            {
                if (due - now > TimeSpan.FromMilliseconds(2))
                {
                    await Task.Delay(due - now - TimeSpan.FromMilliseconds(2));
                }
            }

            await socket.SendAsync(request);
            var isGood = await ReadAnswerAsync(socket, buffer);
            bad += isGood ? 0 : 1;
            waits.Add((Stopwatch.GetElapsedTime(start) - due).TotalMicroseconds);
        }

        waits.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{waits[waits.Count / 2]:0} {waits[waits.Count * 99 / 100]:0} {bad}"));
        return 0;
    }

    private static async Task<bool> ReadAnswerAsync(Socket socket, byte[] buffer)
    {
        var filled = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(filled));
            filled += read > 0 ? read : throw new IOException("closed in an answer");
            var text = Encoding.ASCII.GetString(buffer, 0, filled);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                continue;
            }

            var length = text[..end].Split("\r\n").Where(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(static line => int.Parse(line[15..], CultureInfo.InvariantCulture)).Single();
            if (filled >= end + 4 + length)
            {
                return text.StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
            }
        }
    }
}
