using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Upstreams;

/// <summary>One connection that a <see cref="RawUpstream"/> accepted: its script reads requests and writes whatever it likes.</summary>
public sealed class RawUpstreamConnection
{
    // Read ahead up to here while the script waits elsewhere, so that a close is seen; beyond it the peer is held back.
    private const int ReadAhead = 256 * 1024;

    private readonly TaskCompletionSource<ResponseEnd> _peerClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: ReadAhead, resumeWriterThreshold: ReadAhead / 2, useSynchronizationContext: false));
    private readonly RawUpstream _upstream;
    private readonly Socket _socket;
    private readonly ByteReader _reader;
    private Stream _stream = Stream.Null;
    private DuplexStream? _duplex;

    internal RawUpstreamConnection(RawUpstream upstream, Socket socket)
    {
        _upstream = upstream;
        _socket = socket;
        // The pipe ends without an error, since it would throw one before the bytes that came first.
        _reader = new(_pipe.Reader.AsStream(), () => PeerClosed is { IsCompletedSuccessfully: true, Result: ResponseEnd.Reset });
    }

    /// <summary>The client certificate the peer showed, or null.</summary>
    public X509Certificate2? PeerCertificate { get; internal set; }

    /// <summary>The name in SNI; null without TLS or without a name.</summary>
    public string? ServerName { get; internal set; }

    /// <summary>The ALPN protocols the peer offered, in order.</summary>
    public IReadOnlyList<string> OfferedProtocols { get; internal set; } = [];

    /// <summary>Why the TLS handshake failed; null when it did not.</summary>
    public Exception? HandshakeError { get; internal set; }

    /// <summary>The requests that came on this connection.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _upstream.Requests.Where(request => request.Connection == this)];

    /// <summary>Whether neither side has ended it.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Completes when the peer has closed (Complete) or reset the connection, or a TLS stream was cut (Truncated).</summary>
    public Task<ResponseEnd> PeerClosed => _peerClosed.Task;

    /// <summary>The bytes after the last request that was read, both ways: for upgraded connections.</summary>
    public Stream Duplex => _duplex ??= new DuplexStream(
        (limit, token) => _reader.ReadSomeAsync(limit, token),
        (bytes, token) => new(WriteAsync(bytes, token)),
        () => new(CloseAsync()));

    /// <summary>Reads and records the head of the next request; null when the peer has closed. The wait for it has no bound.</summary>
    public async Task<RecordedRequest?> ReadHeadAsync(CancellationToken cancellationToken = default)
    {
        var bytes = new MemoryStream();
        _reader.Tap = piece => bytes.Write(piece);
        var head = await Http1Head.ReadAsync(_reader, cancellationToken);
        _reader.Tap = null;
        if (head is null)
        {
            return null;
        }

        var request = new RecordedRequest(this, head, bytes.ToArray());
        _upstream.Record(request);
        return request;
    }

    /// <summary>Reads the body of a request whose head was read.</summary>
    public async Task<RecordedRequest> ReadBodyAsync(RecordedRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var keep = _upstream.Options.KeepBodies;
        var body = Http1Body.OfRequest(_reader, request.HeaderLines);
        _reader.Tap = keep ? request.AddRaw : null;
        while (await body.ReadAsync(cancellationToken) is { } piece)
        {
            request.AddBody(piece, keep);
        }

        _reader.Tap = null;
        request.Finish(body.End!.Value);
        return request;
    }

    /// <summary>Reads the next request with its body; null when the peer has closed.</summary>
    public async Task<RecordedRequest?> ReadRequestAsync(CancellationToken cancellationToken = default) =>
        await ReadHeadAsync(cancellationToken) is { } request ? await ReadBodyAsync(request, cancellationToken) : null;

    /// <summary>Writes the bytes.</summary>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        Guard.RunAsync("room to write", token => _stream.WriteAsync(bytes, token), cancellationToken);

    /// <summary>Writes the text, one character one byte.</summary>
    public Task WriteAsync(string text, CancellationToken cancellationToken = default) =>
        WriteAsync(Encoding.Latin1.GetBytes(text), cancellationToken);

    /// <summary>Writes an answer and does what it says afterwards.</summary>
    public async Task AnswerAsync(RawAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(answer);
        await WriteAsync(answer.Bytes, cancellationToken);
        if (answer.Then == AfterAnswer.Close)
        {
            await CloseAsync();
        }
        else if (answer.Then == AfterAnswer.Reset)
        {
            Reset();
        }
    }

    /// <summary>Waits until the peer closes or resets.</summary>
    public Task<ResponseEnd> WaitForPeerToCloseAsync(CancellationToken cancellationToken = default) =>
        Guard.RunAsync("the peer to close its connection", async token => await PeerClosed.WaitAsync(token), cancellationToken);

    /// <summary>Sends the end of our bytes (FIN, with TLS its goodbye first). The socket itself closes when the script ends.</summary>
    public async Task CloseAsync()
    {
        try
        {
            if (_stream is SslStream tls)
            {
                await tls.ShutdownAsync();
            }

            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // The peer was first.
        }
    }

    /// <summary>Aborts the connection (RST).</summary>
    public void Reset()
    {
        _socket.LingerState = new(enable: true, seconds: 0);
        _socket.Dispose();
    }

    internal void Open(Stream stream)
    {
        _stream = stream;
        PeerCertificate = (stream as SslStream)?.RemoteCertificate as X509Certificate2;
        _ = PumpAsync(stream);
    }

    internal void Abandon()
    {
        IsOpen = false;
        _socket.Dispose();
    }

    private async Task PumpAsync(Stream stream)
    {
        var end = ResponseEnd.Complete;
        try
        {
            await stream.CopyToAsync(_pipe.Writer.AsStream());
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            end = exception.InnerException is SocketException ? ResponseEnd.Reset : ResponseEnd.Truncated;
        }

        IsOpen = false;
        _peerClosed.TrySetResult(end);
        await _pipe.Writer.CompleteAsync();
        _upstream.Changed();
    }
}
