using System.Buffers.Text;

namespace Fairlead.Recording;

/// <summary>Takes the channel off the messages of one direction, and base64 with it, and hands on what each channel carries, piece by piece.</summary>
/// <param name="protocol">What messages look like.</param>
/// <param name="take">Gets the number of the channel, the next bytes on it, and whether they end the message.</param>
internal sealed class ChannelReader(ChannelProtocol protocol, ChannelBytes take) : IMessageSink
{
    private const int Piece = 4096;
    private readonly byte[] _encoded = new byte[Piece];
    private readonly byte[] _decoded = new byte[Piece];
    private int _waiting;
    private int _channel = -1;

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        if (_channel < 0)
        {
            _channel = protocol is ChannelProtocol.Base64 ? (byte)(bytes[0] - '0') : bytes[0];
            bytes = bytes[1..];
        }

        if (protocol is ChannelProtocol.Binary)
        {
            take(_channel, bytes, isLast: false);
            return;
        }

        while (!bytes.IsEmpty)
        {
            var count = Math.Min(bytes.Length, Piece - _waiting);
            bytes[..count].CopyTo(_encoded.AsSpan(_waiting));
            _waiting += count;
            bytes = bytes[count..];
            Decode(isLast: false);
        }
    }

    /// <inheritdoc/>
    public void End()
    {
        if (_channel >= 0)
        {
            Decode(isLast: true);
            take(_channel, [], isLast: true);
        }

        _channel = -1;
    }

    private void Decode(bool isLast)
    {
        // The last group waits until it is known to be the last: only there may padding stand.
        var ready = isLast ? _waiting : (_waiting - 1) / 4 * 4;
        Base64.DecodeFromUtf8(_encoded.AsSpan(0, ready), _decoded, out var consumed, out var written, isLast);
        take(_channel, _decoded.AsSpan(0, written), isLast: false);
        if (consumed < ready)
        {
            // Not base64 after all: what it was is shown.
            take(_channel, _encoded.AsSpan(consumed, ready - consumed), isLast: false);
            consumed = ready;
        }

        _encoded.AsSpan(consumed, _waiting - consumed).CopyTo(_encoded);
        _waiting -= consumed;
    }
}

/// <summary>Gets the next bytes of a channel.</summary>
/// <param name="channel">Its number.</param>
/// <param name="bytes">The bytes.</param>
/// <param name="isLast">Whether they end the message.</param>
internal delegate void ChannelBytes(int channel, ReadOnlySpan<byte> bytes, bool isLast);
