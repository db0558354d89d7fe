using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Fairlead.Bench;

/// <summary>One watch, at its client: over HTTP/1.1 on a connection of its own, or a stream of an HTTP/2 connection.</summary>
internal sealed class WatchStream : IDisposable
{
    private static readonly byte[] _stampMark = "\"at\":"u8.ToArray();
    private readonly byte[] _buffer = new byte[2048];
    private readonly Stream _stream;
    private readonly IDisposable _owner;
    private int _start;
    private int _end;

    private WatchStream(Stream stream, IDisposable owner) => (_stream, _owner) = (stream, owner);

    /// <summary>Opens one over plain HTTP/1.1, to its headers. They come from eight addresses, since one does not get all connections.</summary>
    public static async Task<WatchStream> OpenAsync(Uri url, string token, int number, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 4096 };
        try
        {
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(1 + (number % 8))]), 0));
            await socket.ConnectAsync(IPAddress.Loopback, url.Port, cancellationToken);
            var watch = new WatchStream(new NetworkStream(socket, ownsSocket: false), socket);
            await watch._stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Bearer {token}\r\n\r\n"), cancellationToken);
            int head;
            while ((head = watch._buffer.AsSpan(0, watch._end).IndexOf("\r\n\r\n"u8)) < 0)
            {
                await watch.FillAsync(cancellationToken);
            }

            watch._start = head + 4;
            return watch._buffer.AsSpan().StartsWith("HTTP/1.1 200"u8) ? watch : throw new IOException(Encoding.ASCII.GetString(watch._buffer, 0, watch._end));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens one over HTTP/2, to its headers.</summary>
    public static async Task<WatchStream> OpenAsync(Uri url, string token, HttpClient client, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            response.Dispose();
            throw new IOException(answer);
        }

        return new WatchStream(await response.Content.ReadAsStreamAsync(cancellationToken), response);
    }

    /// <summary>Waits for the next event.</summary>
    /// <returns>When it was made, by the clock of the machine.</returns>
    public async Task<long> ReadStampAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TakeStamp() is { } stamp)
            {
                return stamp;
            }

            await FillAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _owner.Dispose();
    }

    private long? TakeStamp()
    {
        var unread = _buffer.AsSpan(_start, _end - _start);
        var mark = unread.IndexOf(_stampMark);
        var line = mark < 0 ? -1 : unread[mark..].IndexOf((byte)'\n');
        if (line < 0)
        {
            return null;
        }

        long stamp = 0;
        foreach (var digit in unread[(mark + _stampMark.Length)..])
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                break;
            }

            stamp = (stamp * 10) + (digit - '0');
        }

        _start += mark + line + 1;
        return stamp;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        var read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read > 0 ? read : throw new IOException("The watch has ended.");
    }
}
