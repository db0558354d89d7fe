using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fairlead.Bench;

/// <summary>
/// As many as the limits let in, all over TLS with HTTP/1.1, which costs most: 16 callers try 256 watches and 256 shells each, to two clusters. Holds those that were let in until standard
/// input ends, and says how many.
/// </summary>
internal static class Crowd
{
    private const int Callers = 16;
    private const int Each = 256;
    private static int _opened;

    /// <summary>Opens them all at the https listener on <paramref name="port"/>, whose own certificate is <c>gateway.crt</c> in <paramref name="folder"/>.</summary>
    public static async Task<int> RunAsync(string folder, int port)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "gateway.crt")));
        var total = 2 * Callers * Each;
        var streams = new SslStream?[total];
        var counts = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        await Parallel.ForAsync(0, total, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
        {
            var isShell = i >= total / 2;
            var kind = isShell ? "shells" : "watches";
            try
            {
                var (stream, status) = await OpenAsync(port, trust, caller: i % Callers, isShell);
                if (status is "101" or "200")
                {
                    streams[i] = stream;
                    Count($"{kind} open");
                }
                else
                {
                    await stream.DisposeAsync();
                    Count($"{kind} refused with {status}");
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                Count($"{kind} closed by the gateway");
            }
        });
        Console.WriteLine("done " + string.Join(", ", counts.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Value} {pair.Key}")));
        await Console.In.ReadToEndAsync();
        foreach (var stream in streams)
        {
            await (stream?.DisposeAsync() ?? default);
        }

        return 0;

        void Count(string what) => counts.AddOrUpdate(what, 1, static (_, count) => count + 1);
    }

    private static async Task<(SslStream Stream, string Status)> OpenAsync(int port, X509ChainPolicy trust, int caller, bool isShell)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4096 };
        // From eight addresses: one does not get all connections.
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(1 + (Interlocked.Increment(ref _opened) % 8))]), 0));
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = trust.Clone() });
        var cluster = caller % 2 == 0 ? "a" : "b";
        var target = isShell ? "pods/p/exec?command=sh" : "pods?watch=1";
        var upgrade = isShell ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" : "";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /clusters/{cluster}/api/v1/namespaces/d/{target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer caller-{caller}\r\n{upgrade}\r\n"));
        var buffer = new byte[2048];
        var head = "";
        while (!head.Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer);
            head += read > 0 ? Encoding.ASCII.GetString(buffer, 0, read) : throw new IOException("closed before the headers");
        }

        return (stream, head.Split(' ')[1]);
    }
}
