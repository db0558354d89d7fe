using System.Net.WebSockets;
using System.Threading.Channels;

namespace Fairlead.Demo.Streaming;

/// <summary>exec over a WebSocket: the first byte of each message names the channel.</summary>
internal sealed class WebSocketExec : IPodConsole, IDisposable
{
    private const byte Stdin = 0;
    private const byte Stdout = 1;
    private const byte Stderr = 2;
    private const byte Error = 3;
    private const byte CloseSignal = 255;
    private static readonly string[] _protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io"];

    private readonly WebSocket _socket;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Channel<byte[]> _input = Channel.CreateUnbounded<byte[]>();
    private ReadOnlyMemory<byte> _rest;

    private WebSocketExec(WebSocket socket) => _socket = socket;

    /// <summary>The sub-protocol to speak; null when the client offers none that is known.</summary>
    public static string? Choose(HttpContext http) =>
        _protocols.FirstOrDefault(name => http.WebSockets.WebSocketRequestedProtocols.Contains(name, StringComparer.Ordinal));

    /// <summary>Accepts the handshake and runs the command.</summary>
    public static async Task RunAsync(HttpContext http, string protocol, IReadOnlyList<string> command)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync(protocol);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        using var exec = new WebSocketExec(socket);
        var reading = exec.ReadAsync(end);
        try
        {
            var exitCode = await PodProcess.RunAsync(command, exec, end.Token);
            await exec.SendAsync(Error, ExitStatus.Of(exitCode), end.Token);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, end.Token);
            await reading;
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The client has gone: there is nobody to tell.
            await end.CancelAsync();
            await reading;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_rest.IsEmpty)
        {
            if (!await _input.Reader.WaitToReadAsync(cancellationToken) || !_input.Reader.TryRead(out var next))
            {
                return 0;
            }

            _rest = next;
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    /// <inheritdoc/>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => SendAsync(Stdout, bytes, cancellationToken);

    /// <inheritdoc/>
    public Task WriteErrorAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => SendAsync(Stderr, bytes, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _writing.Dispose();

    private async Task ReadAsync(CancellationTokenSource end)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult received;
                do
                {
                    received = await _socket.ReceiveAsync(buffer.AsMemory(length), end.Token);
                    length += received.Count;
                }
                while (!received.EndOfMessage && length < buffer.Length);
                if (received.MessageType is WebSocketMessageType.Close)
                {
                    break;
                }

                if (length > 1 && buffer[0] == Stdin)
                {
                    _input.Writer.TryWrite(buffer[1..length]);
                }
                else if (length > 1 && buffer[0] == CloseSignal && buffer[1] == Stdin)
                {
                    _input.Writer.TryComplete();
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            await end.CancelAsync();
        }
        finally
        {
            _input.Writer.TryComplete();
        }
    }

    private async Task SendAsync(byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var message = new byte[bytes.Length + 1];
        message[0] = channel;
        bytes.CopyTo(message.AsMemory(1));
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }
}
