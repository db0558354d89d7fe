using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Fairlead.Demo.Streaming;

/// <summary>A stream that the client has opened.</summary>
/// <param name="id">Its number.</param>
/// <param name="headers">What the client says it is for.</param>
internal sealed class SpdyStream(int id, IReadOnlyDictionary<string, string> headers)
{
    /// <summary>Its number.</summary>
    public int Id => id;

    /// <summary>What the client says it is for.</summary>
    public IReadOnlyDictionary<string, string> Headers => headers;

    /// <summary>What the client sends on it; completed when the client has finished.</summary>
    public Channel<byte[]> Input { get; } = Channel.CreateUnbounded<byte[]>();
}

/// <summary>The server's side of a SPDY/3.1 connection (draft-mbelshe-httpbis-spdy-00, section 2): what exec needs of it.</summary>
internal sealed class SpdyConnection(Stream stream) : IDisposable
{
    private const int SynStream = 1;
    private const int SynReply = 2;
    private const int RstStream = 3;
    private const int Ping = 6;
    private const int GoAway = 7;
    private const byte FlagFin = 1;
    private const int LargestFrame = 1 << 20;
    private const int LargestData = 16 * 1024;

    private readonly SpdyHeaders _headers = new();
    private readonly ConcurrentDictionary<int, SpdyStream> _streams = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Channel<SpdyStream> _opened = Channel.CreateUnbounded<SpdyStream>();

    /// <summary>The streams in the order in which the client opens them.</summary>
    public ChannelReader<SpdyStream> Opened => _opened.Reader;

    /// <summary>Reads frames until the client closes.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var head = new byte[8];
        try
        {
            while (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) == head.Length)
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4)) & 0xFFFFFF;
                if (length > LargestFrame)
                {
                    return;
                }

                var body = new byte[length];
                await stream.ReadExactlyAsync(body, cancellationToken);
                var first = BinaryPrimitives.ReadInt32BigEndian(head);
                if (first < 0)
                {
                    if (!await ControlAsync(first & 0xFFFF, head, body, cancellationToken))
                    {
                        return;
                    }
                }
                else if (_streams.TryGetValue(first, out var target))
                {
                    Receive(target, body, (head[4] & FlagFin) != 0);
                }
            }
        }
        finally
        {
            _opened.Writer.TryComplete();
            foreach (var open in _streams.Values)
            {
                open.Input.Writer.TryComplete();
            }
        }
    }

    /// <summary>Sends data; <paramref name="last"/> closes the stream.</summary>
    public async Task SendAsync(int id, ReadOnlyMemory<byte> data, bool last, CancellationToken cancellationToken)
    {
        do
        {
            var part = data[..Math.Min(data.Length, LargestData)];
            data = data[part.Length..];
            var frame = new byte[8 + part.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame, id);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), part.Length);
            frame[4] = last && data.IsEmpty ? FlagFin : (byte)0;
            part.CopyTo(frame.AsMemory(8));
            await WriteAsync(frame, cancellationToken);
        }
        while (!data.IsEmpty);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writing.Dispose();
        _headers.Dispose();
    }

    private static void Receive(SpdyStream target, byte[] body, bool last)
    {
        if (body.Length > 0)
        {
            target.Input.Writer.TryWrite(body);
        }

        if (last)
        {
            target.Input.Writer.TryComplete();
        }
    }

    /// <summary>Handles a control frame; false when the client says good-bye.</summary>
    private async Task<bool> ControlAsync(int type, byte[] head, byte[] body, CancellationToken cancellationToken)
    {
        var id = body.Length >= 4 ? BinaryPrimitives.ReadInt32BigEndian(body) & 0x7FFFFFFF : 0;
        switch (type)
        {
            case SynStream:
                var opened = new SpdyStream(id, _headers.Read(body.AsSpan(10)));
                _streams[id] = opened;
                await WriteAsync(Control(SynReply, 0, [.. body[..4], .. _headers.WriteEmpty()]), cancellationToken);
                if ((head[4] & FlagFin) != 0)
                {
                    opened.Input.Writer.TryComplete();
                }

                _opened.Writer.TryWrite(opened);
                return true;
            case RstStream when _streams.TryRemove(id, out var reset):
                reset.Input.Writer.TryComplete();
                return true;
            case Ping:
                await WriteAsync(Control(Ping, 0, body), cancellationToken);
                return true;
            default:
                return type != GoAway;
        }
    }

    private static byte[] Control(int type, byte flags, byte[] body)
    {
        var frame = new byte[8 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, unchecked((int)0x80030000) | type);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), body.Length);
        frame[4] = flags;
        body.CopyTo(frame.AsSpan(8));
        return frame;
    }

    private async Task WriteAsync(byte[] frame, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await stream.WriteAsync(frame, cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }
}
