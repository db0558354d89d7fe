using System.Net.Sockets;

namespace Fairlead.Testing.Wire;

/// <summary>Reads lines and bytes from a stream, tells a close from a reset, and can record what it hands out.</summary>
/// <param name="stream">Where the bytes come from.</param>
/// <param name="wasReset">Asked at the end of a stream that does not tell by itself.</param>
internal sealed class ByteReader(Stream stream, Func<bool>? wasReset = null)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Receives every byte that is handed out, while set.</summary>
    public Action<ReadOnlySpan<byte>>? Tap { get; set; }

    /// <summary>Null while the stream is open; afterwards whether it ended by reset.</summary>
    public bool? EndedByReset { get; private set; }

    /// <summary>Bytes received and not handed out yet.</summary>
    public ReadOnlySpan<byte> Pending => _buffer.AsSpan(_start, _end - _start);

    /// <summary>The next line without its LF, or null when the stream ended before one.</summary>
    public async ValueTask<byte[]?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var scanned = 0;
        while (true)
        {
            var index = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (index >= 0)
            {
                var length = scanned + index;
                return Take(length + 1)[..length];
            }

            scanned = _end - _start;
            if (!await FillAsync(cancellationToken))
            {
                return null;
            }
        }
    }

    /// <summary>What is there, at most <paramref name="limit"/> bytes; empty when the stream has ended.</summary>
    public async ValueTask<byte[]> ReadSomeAsync(long limit, CancellationToken cancellationToken)
    {
        if (_start == _end && !await FillAsync(cancellationToken))
        {
            return [];
        }

        return Take((int)Math.Min(limit, _end - _start));
    }

    /// <summary>Exactly so many bytes, or null when the stream ended before.</summary>
    public async ValueTask<byte[]?> ReadExactlyAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            if (!await FillAsync(cancellationToken))
            {
                return null;
            }
        }

        return Take(count);
    }

    private byte[] Take(int count)
    {
        var bytes = _buffer.AsSpan(_start, count).ToArray();
        _start += count;
        Tap?.Invoke(bytes);
        return bytes;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (EndedByReset is not null)
        {
            return false;
        }

        MakeRoom();
        try
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += read;
            EndedByReset = read == 0 ? wasReset?.Invoke() ?? false : null;
        }
        catch (IOException exception)
        {
            // Anything but a socket error is a TLS stream that was cut in the middle of a record.
            EndedByReset = exception.InnerException is SocketException;
        }

        return EndedByReset is null;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }
}
