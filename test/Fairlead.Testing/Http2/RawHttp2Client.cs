using System.Net.Security;
using System.Net.Sockets;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Http2;

/// <summary>
/// An HTTP/2 client that writes its frames by hand: any <c>:path</c>, any header field, in any order. Over TLS it offers h2 by ALPN,
/// without TLS it speaks HTTP/2 from the first byte (prior knowledge, RFC 9113 section 3.3).
/// </summary>
public sealed partial class RawHttp2Client : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly ByteReader _reader;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SendWindow _sendWindow = new(Http2Settings.DefaultWindow);
    private readonly HpackDecoder _decoder = new();
    private readonly Dictionary<int, RawHttp2Exchange> _streams = [];
    private readonly Http2Settings _settings = new();
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ResponseEnd> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _nextStreamId = 1;

    private RawHttp2Client(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
        _reader = new(stream);
    }

    /// <summary>The error code of the GOAWAY that was received; null for none.</summary>
    public long? GoAwayError { get; private set; }

    /// <summary>What was wrong with what the server sent; null for nothing.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether the server takes extended CONNECT (RFC 8441 section 3).</summary>
    public bool AllowsExtendedConnect => _settings.AllowsExtendedConnect;

    internal int MaxFrameSize => _settings.MaxFrameSize;

    /// <summary>Connects to 127.0.0.1, and returns when the server's settings have arrived.</summary>
    public static async Task<RawHttp2Client> ConnectAsync(int port, RawTls? tls = null, CancellationToken cancellationToken = default)
    {
        var (socket, stream) = await RawClient.DialAsync(port, tls, "h2", cancellationToken);
        var client = new RawHttp2Client(socket, stream);
        if (stream is SslStream secure && secure.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
        {
            await client.DisposeAsync();
            throw new InvalidOperationException($"The server did not agree to h2 but to '{secure.NegotiatedApplicationProtocol}'.");
        }

        // ENABLE_PUSH = 0: nothing comes that was not asked for.
        byte[] settings = [0, 2, 0, 0, 0, 0];
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), cancellationToken);
        await client.WriteFrameAsync(Http2FrameType.Settings, 0, 0, settings, cancellationToken);
        _ = client.ReadFramesAsync();
        await Guard.RunAsync("the server's SETTINGS", async token => await client._settled.Task.WaitAsync(token), cancellationToken);
        return client;
    }

    /// <summary>Sends the request and waits for the head of its response.</summary>
    public async Task<RawResponse> SendAsync(RawRequest request, CancellationToken cancellationToken = default)
    {
        var stream = await OpenAsync(request, cancellationToken);
        return await stream.ReadHeadAsync(cancellationToken);
    }

    /// <summary>Sends the request, and its body if it has one, without waiting for an answer.</summary>
    public async Task<RawHttp2Exchange> OpenAsync(RawRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = request.Body is { Length: > 0 } bytes ? bytes : default;
        var stream = await OpenAsync(Http2Fields.Of(request, _stream is SslStream ? "https" : "http"), endStream: body.Length == 0 && !request.KeepSending, cancellationToken);
        try
        {
            await Guard.RunAsync("leave to send the body", token => stream.WriteAsync(body, !request.KeepSending, token), cancellationToken);
        }
        catch (IOException)
        {
            // The far side may answer and reset before it has read all; the answer, or its absence, is what counts.
        }

        return stream;
    }

    /// <summary>Sends exactly these header fields, pseudo-headers among them, on a new stream.</summary>
    public async Task<RawHttp2Exchange> OpenAsync(IReadOnlyList<HeaderLine> fields, bool endStream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fields);
        RawHttp2Exchange stream;
        lock (_lock)
        {
            var method = fields.FirstOrDefault(field => field.Name is ":method").Value ?? "";
            stream = new(this, _nextStreamId, method, _settings.InitialWindowSize);
            _streams.Add(stream.Id, stream);
            _nextStreamId += 2;
        }

        if (_closed.Task.IsCompleted)
        {
            stream.OnEnd(ResponseEnd.Truncated, GoAwayError);
            return stream;
        }

        try
        {
            await WriteHeadersAsync(stream.Id, HpackEncoder.Encode(fields), endStream, cancellationToken);
        }
        catch (IOException)
        {
            // The far side may close before it has read all, which the reader of its frames reports.
        }

        return stream;
    }

    /// <summary>Writes one frame as given.</summary>
    public async Task WriteFrameAsync(
        Http2FrameType type, byte flags, int streamId, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) =>
        await WriteAsync(new Http2Frame(type, flags, streamId, payload).ToBytes(), cancellationToken);

    /// <summary>Waits until the server closes or resets the connection.</summary>
    public Task<ResponseEnd> WaitForCloseAsync(CancellationToken cancellationToken = default) =>
        Guard.RunAsync("the server to close", async token => await _closed.Task.WaitAsync(token), cancellationToken);

    /// <summary>Aborts the connection (RST).</summary>
    public void Reset()
    {
        _socket.LingerState = new(enable: true, seconds: 0);
        _socket.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _stream.DisposeAsync();
    }

    /// <summary>Takes from the connection's window what was already taken from the stream's, and gives the stream back the rest.</summary>
    internal async ValueTask<int> TakeAsync(SendWindow ofStream, int wanted, CancellationToken cancellationToken)
    {
        var taken = await _sendWindow.TakeAsync(wanted, cancellationToken);
        ofStream.Grow(wanted - taken);
        return taken;
    }

    internal async ValueTask TryWriteAsync(Http2FrameType type, int streamId, byte[] payload)
    {
        try
        {
            await WriteFrameAsync(type, 0, streamId, payload);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The connection is gone, which its reader reports.
        }
    }

    private async Task WriteHeadersAsync(int streamId, byte[] block, bool endStream, CancellationToken cancellationToken)
    {
        var pieces = block.Chunk(MaxFrameSize).ToArray();
        using var frames = new MemoryStream();
        for (var i = 0; i < pieces.Length; i++)
        {
            var flags = (i == 0 && endStream ? Http2Frame.EndStream : 0) | (i == pieces.Length - 1 ? Http2Frame.EndHeaders : 0);
            var type = i == 0 ? Http2FrameType.Headers : Http2FrameType.Continuation;
            frames.Write(new Http2Frame(type, (byte)flags, streamId, pieces[i]).ToBytes());
        }

        // In one write: nothing may stand between HEADERS and its CONTINUATION.
        await WriteAsync(frames.ToArray(), cancellationToken);
    }

    private async Task WriteAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await Guard.RunAsync("room to write", token => _stream.WriteAsync(bytes, token), cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }
}
