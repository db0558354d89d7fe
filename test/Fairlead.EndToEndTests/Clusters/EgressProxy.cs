using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fairlead.EndToEndTests.Clusters;

/// <summary>
/// The HTTP-connect proxy through which a real kube-apiserver reaches nodes, pods and Services (its egress selector). API servers refuse
/// loopback addresses as endpoints: what stands in <c>10.77.0.0/16</c> leads to the same address in <c>127.77.0.0/16</c>.
/// </summary>
public sealed class EgressProxy : IAsyncDisposable
{
    /// <summary>The first two parts of the addresses that lead to loopback.</summary>
    public const string Network = "10.77";

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _path;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    /// <summary>Listens at once.</summary>
    /// <param name="path">The path of its socket.</param>
    public EgressProxy(string path)
    {
        _path = path;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>The egress selector configuration that sends everything here.</summary>
    public string Configuration => $$"""
        apiVersion: apiserver.k8s.io/v1beta1
        kind: EgressSelectorConfiguration
        egressSelections:
        - name: cluster
          connection:
            proxyProtocol: HTTPConnect
            transport: {uds: {udsName: {{_path}} } }
        """;

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
                running.Add(ServeAsync(await _listener.AcceptAsync(_stopping.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }

        await Task.WhenAll(running);
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var client = new NetworkStream(socket, ownsSocket: true);
            var head = await ReadHeadAsync(client);
            var authority = head.Split(' ')[1];
            var target = IPEndPoint.Parse(authority.StartsWith(Network + ".", StringComparison.Ordinal) ? "127" + authority[2..] : authority);
            using var dialled = new TcpClient();
            try
            {
                await dialled.ConnectAsync(target, _stopping.Token);
            }
            catch (SocketException)
            {
                await client.WriteAsync("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stopping.Token);
                return;
            }

            await client.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), _stopping.Token);
            await using var upstream = dialled.GetStream();
            await Task.WhenAny(client.CopyToAsync(upstream, _stopping.Token), upstream.CopyToAsync(client, _stopping.Token));
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // One side has gone; the other goes with it.
        }
    }

    private async Task<string> ReadHeadAsync(NetworkStream client)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await client.ReadAsync(one, _stopping.Token) == 1)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
