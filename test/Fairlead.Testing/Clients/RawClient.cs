using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Clients;

/// <summary>An HTTP/1.1 client on a bare socket: it writes exactly the bytes it is given, and reports what came back and how it ended.</summary>
public sealed class RawClient : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly ByteReader _reader;

    private RawClient(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
        _reader = new(stream);
    }

    /// <summary>The local port, as the far side's access log would show it.</summary>
    public int LocalPort { get; private init; }

    /// <summary>The server's certificate when TLS is used.</summary>
    public X509Certificate2? ServerCertificate => (_stream as SslStream)?.RemoteCertificate as X509Certificate2;

    /// <summary>The protocol agreed on by ALPN; empty for none.</summary>
    public string Protocol => (_stream as SslStream)?.NegotiatedApplicationProtocol.ToString() ?? "";

    /// <summary>Connects to 127.0.0.1, with TLS when <paramref name="tls"/> is given.</summary>
    public static async Task<RawClient> ConnectAsync(int port, RawTls? tls = null, CancellationToken cancellationToken = default)
    {
        var (socket, stream) = await DialAsync(port, tls, "http/1.1", cancellationToken);
        return new(socket, stream) { LocalPort = ((IPEndPoint)socket.LocalEndPoint!).Port };
    }

    /// <summary>Connects, sends one request, reads the whole response and closes.</summary>
    public static async Task<RawResponse> ExchangeAsync(
        int port, RawRequest request, RawTls? tls = null, CancellationToken cancellationToken = default)
    {
        await using var client = await ConnectAsync(port, tls, cancellationToken);
        var response = await client.SendAsync(request, cancellationToken);
        return await response.ReadToEndAsync(cancellationToken);
    }

    /// <summary>Writes the bytes.</summary>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        Guard.RunAsync("room to write", token => _stream.WriteAsync(bytes, token), cancellationToken);

    /// <summary>Writes the text, one character one byte (Latin-1).</summary>
    public Task WriteAsync(string text, CancellationToken cancellationToken = default) =>
        WriteAsync(Encoding.Latin1.GetBytes(text), cancellationToken);

    /// <summary>Writes the request and reads the head of its response.</summary>
    public async Task<RawResponse> SendAsync(RawRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            await WriteAsync(request.ToHttp11(), cancellationToken);
        }
        catch (IOException)
        {
            // The far side may answer and close before it has read all; the answer, or its absence, is what counts.
        }

        return await ReadHeadAsync(toHead: request.Method is "HEAD", cancellationToken);
    }

    /// <summary>Reads the head of the next final response; the body follows on the response itself.</summary>
    /// <param name="toHead">The request was a HEAD: there is no body, whatever the headers say.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<RawResponse> ReadHeadAsync(bool toHead = false, CancellationToken cancellationToken = default)
    {
        var interim = new List<RawResponse>();
        while (true)
        {
            var head = await Guard.RunAsync("a response head", token => Http1Head.ReadAsync(_reader, token), cancellationToken);
            if (head is null)
            {
                return new(0, "(no response)", [], new NoBody(_reader.EndedByReset == true ? ResponseEnd.Reset : ResponseEnd.Truncated))
                {
                    Interim = interim,
                };
            }

            var response = Response(head, toHead, interim);
            if (response.Status is >= 200 or 101)
            {
                return response;
            }

            interim.Add(response);
        }
    }

    /// <summary>Reads the next response to its end.</summary>
    /// <inheritdoc cref="ReadHeadAsync"/>
    public async Task<RawResponse> ReadResponseAsync(bool toHead = false, CancellationToken cancellationToken = default)
    {
        var response = await ReadHeadAsync(toHead, cancellationToken);
        return await response.ReadToEndAsync(cancellationToken);
    }

    /// <summary>Waits until the far side closes and says how; throws when it sends bytes instead.</summary>
    public async Task<ResponseEnd> WaitForCloseAsync(CancellationToken cancellationToken = default)
    {
        var bytes = await Guard.RunAsync("the far side to close", token => _reader.ReadSomeAsync(1024, token), cancellationToken);
        return bytes.Length > 0
            ? throw new InvalidDataException($"Bytes instead of a close: {Encoding.Latin1.GetString(bytes)}")
            : _reader.EndedByReset == true ? ResponseEnd.Reset : ResponseEnd.Complete;
    }

    /// <summary>Sends the end of our bytes (FIN) and goes on reading.</summary>
    public async Task HalfCloseAsync()
    {
        if (_stream is SslStream tls)
        {
            await tls.ShutdownAsync();
        }

        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Closes both ways (FIN).</summary>
    public void Close() => _socket.Dispose();

    /// <summary>Aborts the connection (RST).</summary>
    public void Reset()
    {
        _socket.LingerState = new(enable: true, seconds: 0);
        _socket.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        // Not through the stream: TLS would write its goodbye to a far side that may not read.
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    internal static Task<(Socket Socket, Stream Stream)> DialAsync(
        int port, RawTls? tls, string protocol, CancellationToken cancellationToken) =>
        Guard.RunAsync<(Socket, Stream)>(
            $"a connection to port {port}",
            async token =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), token);
                    Stream stream = new NetworkStream(socket, ownsSocket: true);
                    return (socket, tls is null ? stream : await tls.AuthenticateAsync(stream, protocol, token));
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
            cancellationToken);

    private RawResponse Response(Http1Head head, bool toHead, IReadOnlyList<RawResponse> interim)
    {
        var parts = head.StartLine.Split(' ', 3);
        if (parts.Length < 2 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            throw new InvalidDataException($"Not a status line: {head.StartLine}");
        }

        return new(status, head.StartLine, head.Headers, Http1Body.OfResponse(_reader, head.Headers, status, toHead))
        {
            Interim = interim,
            DuplexOrNull = status == 101
                ? new DuplexStream(
                    (limit, token) => _reader.ReadSomeAsync(limit, token),
                    (bytes, token) => new(WriteAsync(bytes, token)),
                    DisposeAsync)
                : null,
        };
    }
}
