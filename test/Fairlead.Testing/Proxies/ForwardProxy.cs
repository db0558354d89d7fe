using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fairlead.Testing.Proxies;

/// <summary>What a client asks of a proxy.</summary>
/// <param name="Line">The request line; for SOCKS <c>SOCKS host:port</c>.</param>
/// <param name="Credentials">User and password, parted by a colon; null for none.</param>
/// <param name="Head">All header lines of the request to the proxy; empty for SOCKS.</param>
public sealed record ProxyRequest(string Line, string? Credentials, string Head);

/// <summary>A forward proxy on loopback: CONNECT and absolute-form requests (RFC 9110 9.3.6, RFC 9112 3.2.2), SOCKS5 with a password (RFC 1928, 1929). Every connection leads to one target, whatever is asked for.
/// One that wants a password asks for it with 407 first (RFC 9110 11.7.1).</summary>
public sealed class ForwardProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<ProxyRequest> _requests = new();
    private readonly int _target;
    private readonly X509Certificate2? _certificate;
    private readonly bool _wantsPassword;
    private readonly Task _accepting;

    /// <summary>Listens at once.</summary>
    /// <param name="target">The port that connections lead to.</param>
    /// <param name="certificate">For a proxy that is itself reached by TLS.</param>
    /// <param name="wantsPassword">Whether nobody passes without one.</param>
    public ForwardProxy(int target, X509Certificate2? certificate = null, bool wantsPassword = false)
    {
        _wantsPassword = wantsPassword;
        _target = target;
        _certificate = certificate;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What was asked, in order.</summary>
    public IReadOnlyList<ProxyRequest> Requests => [.. _requests];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                running.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }

        await Task.WhenAll(running);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                if (_certificate is not null)
                {
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stopping.Token);
                    stream = tls;
                }

                using var target = new TcpClient();
                await target.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
                var upstream = target.GetStream();
                await GreetAsync(stream, upstream);
                await Task.WhenAny(stream.CopyToAsync(upstream, _stopping.Token), upstream.CopyToAsync(stream, _stopping.Token));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One of the two is gone.
            }
        }
    }

    private async Task GreetAsync(Stream client, NetworkStream upstream)
    {
        var first = new byte[1];
        await client.ReadExactlyAsync(first, _stopping.Token);
        if (first[0] == 5)
        {
            await GreetSocksAsync(client);
            return;
        }

        var text = await ReadHeadAsync(client, new StringBuilder().Append((char)first[0]));
        while (_wantsPassword && BasicIn(text) is null)
        {
            await client.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stopping.Token);
            text = await ReadHeadAsync(client, new StringBuilder());
        }

        var lines = text.Split("\r\n");
        _requests.Enqueue(new ProxyRequest(lines[0], BasicIn(text), text));
        if (lines[0].StartsWith("CONNECT ", StringComparison.Ordinal))
        {
            await client.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), _stopping.Token);
        }
        else
        {
            // In absolute form: to the target in origin form, without what was for the proxy.
            var line = lines[0].Split(' ');
            lines[0] = $"{line[0]} {line[1][line[1].IndexOf('/', "http://".Length)..]} {line[2]}";
            await upstream.WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", lines.Where(static one => !one.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase)))), _stopping.Token);
        }
    }

    private async Task<string> ReadHeadAsync(Stream client, StringBuilder head)
    {
        var next = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await client.ReadExactlyAsync(next, _stopping.Token);
            head.Append((char)next[0]);
        }

        return head.ToString();
    }

    private static string? BasicIn(string head) =>
        head.Split("\r\n").FirstOrDefault(static line => line.StartsWith("Proxy-Authorization: Basic ", StringComparison.OrdinalIgnoreCase)) is { } basic
            ? Encoding.UTF8.GetString(Convert.FromBase64String(basic[27..]))
            : null;

    private async Task GreetSocksAsync(Stream client)
    {
        var methods = await ReadBlockAsync(client);
        var withPassword = methods.Contains((byte)2);
        await client.WriteAsync(new byte[] { 5, withPassword ? (byte)2 : (byte)0 }, _stopping.Token);
        string? credentials = null;
        if (withPassword)
        {
            await client.ReadExactlyAsync(new byte[1], _stopping.Token);
            credentials = $"{Encoding.UTF8.GetString(await ReadBlockAsync(client))}:{Encoding.UTF8.GetString(await ReadBlockAsync(client))}";
            await client.WriteAsync(new byte[] { 1, 0 }, _stopping.Token);
        }

        var request = new byte[4];
        await client.ReadExactlyAsync(request, _stopping.Token);
        var host = request[3] == 3 ? Encoding.ASCII.GetString(await ReadBlockAsync(client)) : await ReadAddressAsync(client, request[3] == 1 ? 4 : 16);
        var port = new byte[2];
        await client.ReadExactlyAsync(port, _stopping.Token);
        _requests.Enqueue(new ProxyRequest($"SOCKS {host}:{BinaryPrimitives.ReadUInt16BigEndian(port)}", credentials, ""));
        await client.WriteAsync(new byte[] { 5, 0, 0, 1, 127, 0, 0, 1, 0, 0 }, _stopping.Token);
    }

    private async Task<string> ReadAddressAsync(Stream client, int length)
    {
        var address = new byte[length];
        await client.ReadExactlyAsync(address, _stopping.Token);
        return new IPAddress(address).ToString();
    }

    private async Task<byte[]> ReadBlockAsync(Stream client)
    {
        var length = new byte[1];
        await client.ReadExactlyAsync(length, _stopping.Token);
        var block = new byte[length[0]];
        await client.ReadExactlyAsync(block, _stopping.Token);
        return block;
    }
}
