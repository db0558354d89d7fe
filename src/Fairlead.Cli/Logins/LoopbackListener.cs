using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fairlead.Cli.Logins;

/// <summary>
/// Waits on loopback for the browser to come back (RFC 8252 7.3). Whatever else comes (a tab icon, another program on this machine that guesses) gets a page that says
/// no, and ends nothing.
/// </summary>
internal sealed class LoopbackListener : IDisposable
{
    private const int LongestHead = 32 * 1024;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly List<TcpListener> _listeners = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<LoopbackCallback> _came = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _path;
    private readonly string _state;

    private LoopbackListener(string path, string state) => (_path, _state) = (path, state);

    /// <summary>The redirect URI, with the port.</summary>
    public Uri RedirectUrl { get; private set; } = null!;

    /// <summary>Listens.</summary>
    /// <param name="registered">The redirect URI as the provider knows it: http on loopback, without a port where the system may choose one.</param>
    /// <param name="state">The state that the browser has to bring.</param>
    /// <exception cref="CommandFailure">The port is taken.</exception>
    public static LoopbackListener Open(Uri registered, string state)
    {
        var listener = new LoopbackListener(registered.AbsolutePath, state);
        try
        {
            var port = listener.Listen(registered.HostNameType is UriHostNameType.IPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, registered.IsDefaultPort ? 0 : registered.Port);
            if (registered.HostNameType is UriHostNameType.Dns && Socket.OSSupportsIPv6)
            {
                // A browser may take localhost for either.
                listener.Listen(IPAddress.IPv6Loopback, port);
            }

            // As it was registered, but for the port: providers compare texts.
            var start = $"http://{registered.Host}";
            listener.RedirectUrl = registered.IsDefaultPort ? new Uri($"{start}:{port}{registered.OriginalString[start.Length..]}") : registered;
            return listener;
        }
        catch (SocketException exception)
        {
            listener.Dispose();
            throw new CommandFailure($"Nothing can listen at {registered} for the browser's answer ({exception.Message}); try fairlead login --device", exception);
        }
    }

    /// <summary>The browser, when it has come back.</summary>
    public Task<LoopbackCallback> WaitAsync(CancellationToken cancellationToken) => _came.Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Cancel();
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }
    }

    private int Listen(IPAddress address, int port)
    {
        var listener = new TcpListener(address, port);
        _listeners.Add(listener);
        listener.Start();
        _ = AcceptAsync(listener);
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(_closing.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed.
        }
    }

    private async Task ServeAsync(TcpClient connection)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            patience.CancelAfter(_patience);
            var target = TargetOf(await ReadHeadAsync(connection.GetStream(), patience.Token));
            var question = target?.IndexOf('?', StringComparison.Ordinal) ?? -1;
            if (target is null || question < 0 || !string.Equals(target[..question], _path, StringComparison.Ordinal))
            {
                await RefuseAsync(connection, "404 Not Found", "Nothing here", patience.Token);
            }
            else if (ReadQuery(target[(question + 1)..]) is not { } query || !string.Equals(query.GetValueOrDefault("state"), _state, StringComparison.Ordinal))
            {
                await RefuseAsync(connection, "400 Bad Request", "This is no answer to the login that is being waited for", patience.Token);
            }
            else
            {
                var callback = new LoopbackCallback(query, connection);
                if (_came.TrySetResult(callback))
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // It left, or sent nothing: browsers open connections that they do not use.
        }

        connection.Dispose();
    }

    private static async Task RefuseAsync(TcpClient connection, string status, string title, CancellationToken cancellationToken)
    {
        await connection.GetStream().WriteAsync(LoopbackPage.Of(status, title, "fairlead waits here for a browser to come back from signing in."), cancellationToken);
        connection.Client.Shutdown(SocketShutdown.Send);
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestHead];
        var length = 0;
        while (length < buffer.Length && buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    private static string? TargetOf(string head) =>
        head.Contains("\r\n\r\n", StringComparison.Ordinal) && head[..head.IndexOf("\r\n", StringComparison.Ordinal)].Split(' ') is ["GET", { Length: > 0 } target, _] ? target : null;

    /// <summary>The parameters; null where one stands twice (RFC 6749 3.1).</summary>
    private static Dictionary<string, string>? ReadQuery(string query)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            if (!values.TryAdd(Decode(parts[0]), parts.Length > 1 ? Decode(parts[1]) : ""))
            {
                return null;
            }
        }

        return values;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
