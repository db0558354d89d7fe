using System.Globalization;
using System.Threading.Channels;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Http2;

/// <summary>One request on a <see cref="RawHttp2Client"/>.</summary>
#pragma warning disable CA1001 // A cancellation source without a timer holds nothing that needs releasing.
public sealed class RawHttp2Exchange : IBodySource
#pragma warning restore CA1001
{
    private readonly RawHttp2Client _client;
    private readonly string _method;
    private readonly TaskCompletionSource<HeaderLines?> _head = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<byte[]> _data = Channel.CreateUnbounded<byte[]>();
    private readonly List<HeaderLines> _interim = [];
    private readonly CancellationTokenSource _over = new();
    private long? _missing;
    private ResponseEnd _end;
    private long? _error;

    internal RawHttp2Exchange(RawHttp2Client client, int id, string method, long sendWindow)
    {
        _client = client;
        _method = method;
        Id = id;
        SendWindow = new(sendWindow);
    }

    /// <summary>The stream's number.</summary>
    public int Id { get; }

    /// <summary>How the response ended, once all of it has been read.</summary>
    public ResponseEnd? End => _data.Reader.Completion.IsCompleted ? _end : null;

    /// <summary>The error code of RST_STREAM or GOAWAY.</summary>
    public long? StreamError => End is null ? null : _error;

    /// <summary>The trailers.</summary>
    public HeaderLines Trailers { get; private set; } = [];

    internal SendWindow SendWindow { get; }

    /// <summary>Waits for the head of the final response.</summary>
    public async Task<RawResponse> ReadHeadAsync(CancellationToken cancellationToken = default)
    {
        var head = await Guard.RunAsync<HeaderLines?>("a response head", async token => await _head.Task.WaitAsync(token), cancellationToken);
        return Response(head);
    }

    /// <summary>Waits for the whole response.</summary>
    public async Task<RawResponse> ReadResponseAsync(CancellationToken cancellationToken = default)
    {
        var response = await ReadHeadAsync(cancellationToken);
        return await response.ReadToEndAsync(cancellationToken);
    }

    /// <summary>Sends body or tunnel bytes in DATA frames, as the windows allow.</summary>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        Guard.RunAsync("leave to send DATA", token => WriteAsync(bytes, endStream: false, token), cancellationToken);

    /// <summary>Ends our direction (END_STREAM).</summary>
    public Task EndAsync(CancellationToken cancellationToken = default) =>
        _client.WriteFrameAsync(Http2FrameType.Data, Http2Frame.EndStream, Id, default, cancellationToken);

    /// <summary>Aborts the stream (RST_STREAM); 8 is CANCEL.</summary>
    public Task ResetAsync(uint errorCode = 8, CancellationToken cancellationToken = default) =>
        _client.WriteFrameAsync(Http2FrameType.ResetStream, 0, Id, Http2Frame.NumberBytes(errorCode), cancellationToken);

    async ValueTask<byte[]?> IBodySource.ReadAsync(CancellationToken cancellationToken)
    {
        if (!await _data.Reader.WaitToReadAsync(cancellationToken) || !_data.Reader.TryRead(out var piece))
        {
            return null;
        }

        // The stream's window opens only as the test reads, so that an unread body holds the far side back.
        if (piece.Length > 0 && !_over.IsCancellationRequested)
        {
            await _client.TryWriteAsync(Http2FrameType.WindowUpdate, Id, Http2Frame.NumberBytes((uint)piece.Length));
        }

        return piece;
    }

    internal async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, bool endStream, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
        while (bytes.Length > 0)
        {
            int count;
            try
            {
                count = await SendWindow.TakeAsync(Math.Min(bytes.Length, _client.MaxFrameSize), either.Token);
                count = await _client.TakeAsync(SendWindow, count, either.Token);
            }
            catch (OperationCanceledException exception) when (_over.IsCancellationRequested)
            {
                throw new IOException("The stream has ended; nothing more can be sent on it.", exception);
            }

            var flags = endStream && count == bytes.Length ? Http2Frame.EndStream : (byte)0;
            await _client.WriteFrameAsync(Http2FrameType.Data, flags, Id, bytes[..count], cancellationToken);
            bytes = bytes[count..];
        }
    }

    internal void OnHeaders(HeaderLines headers, bool endStream)
    {
        if (_head.Task.IsCompleted)
        {
            Trailers = headers;
        }
        else if (!endStream && headers.Only(":status") is ['1', _, _])
        {
            _interim.Add(headers);
        }
        else
        {
            _missing = _method is "HEAD" || headers.Only(":status") is "304" || headers.Only("content-length") is not { } length
                ? null
                : long.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture);
            _head.TrySetResult(headers);
        }

        if (endStream)
        {
            OnEndStream();
        }
    }

    internal void OnData(byte[] bytes, bool endStream)
    {
        _missing -= bytes.Length;
        if (bytes.Length > 0)
        {
            _data.Writer.TryWrite(bytes);
        }

        if (endStream)
        {
            OnEndStream();
        }
    }

    internal void OnEnd(ResponseEnd end, long? error)
    {
        if (!_over.IsCancellationRequested)
        {
            _end = end;
            _error = error;
        }

        _over.Cancel();
        _data.Writer.TryComplete();
        _head.TrySetResult(null);
    }

    // An END_STREAM before the promised length is a malformed message (RFC 9113 section 8.1.1), and for a reader a truncated one.
    private void OnEndStream() => OnEnd(_missing is > 0 ? ResponseEnd.Truncated : ResponseEnd.Complete, error: null);

    private RawResponse Response(HeaderLines? head)
    {
        if (head is null)
        {
            return new(0, "(no response)", [], this);
        }

        var status = int.Parse(head.Only(":status")!, NumberStyles.None, CultureInfo.InvariantCulture);
        return new(status, head.Only(":status")!, WithoutPseudo(head), this)
        {
            Interim = [.. _interim.Select(Response)],
            DuplexOrNull = _method is "CONNECT" && status is >= 200 and < 300 ? Duplex() : null,
        };
    }

    private DuplexStream Duplex() => new(
        async (_, token) => await ((IBodySource)this).ReadAsync(token) ?? [],
        (bytes, token) => WriteAsync(bytes, endStream: false, token),
        () => new(EndAsync()));

    private static HeaderLines WithoutPseudo(HeaderLines head)
    {
        var lines = new HeaderLines();
        lines.AddRange(head.Where(line => !line.Name.StartsWith(':')));
        return lines;
    }
}
