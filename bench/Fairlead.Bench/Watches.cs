using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fairlead.Bench;

/// <summary>Opens idle watches, each on a connection of its own as clients do, says when all have their headers, and holds them until standard input ends.</summary>
internal static class Watches
{
    private const int AtOnce = 64;

    /// <summary>Opens <paramref name="count"/> watches at <paramref name="url"/>.</summary>
    public static async Task<int> RunAsync(Uri url, string token, int count)
    {
        var sockets = new Socket[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4096 };
            await socket.ConnectAsync(IPAddress.Loopback, url.Port, cancellationToken);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Bearer {token}\r\n\r\n"), cancellationToken);
            var buffer = new byte[1024];
            var head = "";
            while (!head.Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                var read = await socket.ReceiveAsync(buffer, cancellationToken);
                head += read > 0 ? Encoding.ASCII.GetString(buffer, 0, read) : throw new IOException("closed before the headers");
            }

            sockets[i] = head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) ? socket : throw new IOException(head);
        });
        Console.WriteLine($"open {count}");
        await Console.In.ReadToEndAsync();
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }

        return 0;
    }
}
