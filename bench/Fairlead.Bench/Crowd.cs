using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fairlead.Bench;

/// <summary>
/// As many as the default limits let in, all over TLS with HTTP/1.1, which costs most: 16 callers with 256 watches and 256 shells each, to two clusters. Then one more of each. Holds
/// them until standard input ends.
/// </summary>
internal static class Crowd
{
    private const int Callers = 16;
    private const int Each = 256;

    /// <summary>Opens them all at the https listener on <paramref name="port"/>, whose own certificate is <c>gateway.crt</c> in <paramref name="folder"/>.</summary>
    public static async Task<int> RunAsync(string folder, int port)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "gateway.crt")));
        var total = 2 * Callers * Each;
        var streams = new SslStream[total];
        await Parallel.ForAsync(0, total, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
        {
            var (stream, status) = await OpenAsync(port, trust, caller: i % Callers, isShell: i >= total / 2);
            streams[i] = status is "101" or "200" ? stream : throw new IOException(status);
        });
        Console.WriteLine($"open {total}");
        List<string> more = [];
        foreach (var isShell in (bool[])[false, true])
        {
            try
            {
                var (stream, status) = await OpenAsync(port, trust, Callers, isShell);
                await stream.DisposeAsync();
                more.Add(status);
            }
            catch (IOException)
            {
                more.Add("closed");
            }
        }

        Console.WriteLine($"one more {string.Join(' ', more)}");
        await Console.In.ReadToEndAsync();
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }

        return 0;
    }

    private static async Task<(SslStream Stream, string Status)> OpenAsync(int port, X509ChainPolicy trust, int caller, bool isShell)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4096 };
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
