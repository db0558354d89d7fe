using System.Buffers.Binary;
using System.Text;
using Fairlead.Audit;
using Fairlead.Recording;

namespace Fairlead.Forwarding.Tunnels;

/// <summary>
/// The client's end of an upgraded connection. The gateway can end it: a WebSocket with a Close frame that says why (RFC 6455 5.5.1), where the last frame to the
/// client is whole; anything else by a reset. From then on no byte passes in either direction.
/// </summary>
/// <param name="client">The stream to and from the client.</param>
/// <param name="isWebSocket">Whether WebSocket frames travel on it.</param>
/// <param name="time">The clock.</param>
/// <param name="bytes">Counts what passes; null where nobody asks.</param>
/// <param name="recording">Gets what passes, before it does; null for none.</param>
internal sealed class ClientTunnel(Stream client, bool isWebSocket, TimeProvider time, ByteCounts? bytes = null, SessionRecording? recording = null) : Stream
{
    /// <summary>A close that the endpoint's policy asks for (RFC 6455 7.4.1).</summary>
    public const ushort PolicyViolation = 1008;

    // A control frame carries 125 bytes, two of them the code (RFC 6455 5.5).
    private const int LongestReason = 123;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private readonly WebSocketFrameTracker? _frames = isWebSocket ? new WebSocketFrameTracker() : null;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _readingOnce = new(1, 1);
    private readonly CancellationTokenSource _ending = new();
    private CancellationTokenSource? _reading;
    private CancellationToken _readingFor;
    private volatile bool _hasEnded;
    private volatile bool _wasUsed;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether the client was sent no Close frame, without which no WebSocket has ended well (RFC 6455 7.1.5). Of other protocols it cannot be told.</summary>
    public bool LacksClose => _frames is { HasClosed: false };

    /// <summary>Whether the client has sent anything since this was asked last.</summary>
    public bool TakeUse()
    {
        var wasUsed = _wasUsed;
        _wasUsed = false;
        return wasUsed;
    }

    /// <summary>Ends the connection from the gateway's side.</summary>
    /// <param name="reason">Why, for the client; cut to what a Close frame carries.</param>
    /// <returns>Whether the client was told: otherwise the connection has to be reset.</returns>
    public async ValueTask<bool> TryEndAsync(string reason)
    {
        _hasEnded = true;
        var isTold = false;
        // A write on its way ends first: a frame cut in two says nothing.
        if (_frames is not null && await _writing.WaitAsync(_patience, CancellationToken.None))
        {
            try
            {
                if (_frames is { IsAtBoundary: true, HasClosed: false })
                {
                    using var limit = new CancellationTokenSource(_patience, time);
                    await client.WriteAsync(CloseFrame(reason), limit.Token);
                    await client.FlushAsync(limit.Token);
                    isTold = true;
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // The client does not take it, or is gone.
                isTold = false;
            }
            finally
            {
                _writing.Release();
            }
        }

        await _ending.CancelAsync();
        return isTold;
    }

    /// <summary>After a Close frame: reads on without using it, until the client closes too. Closed at once, the frame might not arrive.</summary>
    public async Task LingerAsync()
    {
        // The read that was under way is over first: TLS has no two at once.
        if (!await _readingOnce.WaitAsync(_patience, CancellationToken.None))
        {
            return;
        }

        using var limit = new CancellationTokenSource(_patience, time);
        var rest = new byte[4096];
        try
        {
            while (await client.ReadAsync(rest, limit.Token) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // It has had its time.
        }
        finally
        {
            _readingOnce.Release();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        if (_reading is null || _readingFor != cancellationToken)
        {
            _reading?.Dispose();
            _reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
            _readingFor = cancellationToken;
        }

        int read;
        await _readingOnce.WaitAsync(_reading.Token);
        try
        {
            read = await client.ReadAsync(buffer, _reading.Token);
        }
        catch (OperationCanceledException) when (_hasEnded)
        {
            throw Ended();
        }
        finally
        {
            _readingOnce.Release();
        }

        ThrowIfEnded();
        _wasUsed |= read > 0;
        bytes?.Took(read);
        if (recording is not null && !recording.FromClient(buffer.Span[..read]))
        {
            throw Unrecorded();
        }

        return read;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            ThrowIfEnded();
            if (recording is not null && !recording.ToClient(buffer.Span))
            {
                throw Unrecorded();
            }

            _frames?.Follow(buffer.Span);
            bytes?.Gave(buffer.Length);
            await client.WriteAsync(buffer, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            ThrowIfEnded();
            await client.FlushAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The client's stream outlives the forwarder where the gateway has ended it: a Close frame wants an answer.
        if (disposing && !_hasEnded)
        {
            client.Dispose();
            _reading?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static byte[] CloseFrame(string reason)
    {
        var text = Encoding.UTF8.GetBytes(reason);
        var length = text.Length;
        if (length > LongestReason)
        {
            // Never in the middle of a character.
            length = LongestReason;
            while ((text[length] & 0xC0) == 0x80)
            {
                length--;
            }
        }

        var frame = new byte[4 + length];
        frame[0] = 0x88;
        frame[1] = (byte)(2 + length);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), PolicyViolation);
        text.AsSpan(0, length).CopyTo(frame.AsSpan(4));
        return frame;
    }

    private void ThrowIfEnded()
    {
        if (_hasEnded)
        {
            throw Ended();
        }
    }

    /// <summary>The recording ends the connection, and has the client's end told: nothing passes until then, and nobody closes it.</summary>
    private IOException Unrecorded()
    {
        _hasEnded = true;
        return Ended();
    }

    private static IOException Ended() => new("the gateway has ended the connection");
}
