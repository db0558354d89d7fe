using System.Buffers.Binary;

namespace Fairlead.Recording;

/// <summary>
/// Reads the messages of one direction of a WebSocket (RFC 6455 5.2) out of bytes as they pass: however they are cut, masked or not, in fragments, with control
/// frames between. It keeps nothing but the head of a frame, and judges nothing: both ends see the same bytes and judge themselves.
/// </summary>
/// <param name="sink">Gets what messages hold.</param>
/// <param name="isStrict">
/// Whether only whole messages are read. The library of API servers and kubelets takes every frame of a client for a message, and unknown kinds for data: what is cut otherwise
/// would mean one thing to them and another here.
/// </param>
internal sealed class WebSocketMessageReader(IMessageSink sink, bool isStrict = false)
{
    private const int LongestHead = 14;
    private const int TextFrame = 1;
    private const int BinaryFrame = 2;
    private const int CloseFrame = 8;
    private const int PingFrame = 9;
    private const int PongFrame = 10;

    private readonly byte[] _head = new byte[LongestHead];
    private readonly byte[] _plain = new byte[4096];
    private int _seen;
    private ulong _left;
    private ulong _position;
    private uint _mask;
    private bool _isControl;
    private bool _isFinal;
    private bool _isInPayload;

    /// <summary>Takes the next bytes.</summary>
    /// <exception cref="InvalidDataException">The reader is strict, and they are no whole message.</exception>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (!_isInPayload)
            {
                _head[_seen++] = bytes[0];
                bytes = bytes[1..];
                if (_seen >= 2 && _seen == HeadLength)
                {
                    BeginPayload();
                }

                continue;
            }

            var count = (int)Math.Min(_left, (ulong)bytes.Length);
            if (!_isControl)
            {
                Give(bytes[..count]);
            }

            _left -= (ulong)count;
            bytes = bytes[count..];
            EndPayload();
        }
    }

    private int HeadLength => 2 + ExtendedLength + (IsMasked ? 4 : 0);

    private int ExtendedLength => (_head[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };

    private bool IsMasked => (_head[1] & 0x80) != 0;

    private void BeginPayload()
    {
        _isFinal = (_head[0] & 0x80) != 0;
        if (isStrict && (!_isFinal || (_head[0] & 0x7F) is not (TextFrame or BinaryFrame or CloseFrame or PingFrame or PongFrame)))
        {
            throw new InvalidDataException("a frame that the cluster would read in another way than its recording");
        }

        _isControl = (_head[0] & 0x8) != 0;
        _left = ExtendedLength switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)),
            8 => BinaryPrimitives.ReadUInt64BigEndian(_head.AsSpan(2)),
            _ => (ulong)(_head[1] & 0x7F),
        };
        _mask = IsMasked ? BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(2 + ExtendedLength)) : 0;
        _seen = 0;
        _position = 0;
        _isInPayload = true;
        // Not only a frame that goes on continues a message: one that says it begins another in the middle is an error at both ends, and is recorded as if it went on.
        EndPayload();
    }

    private void EndPayload()
    {
        if (_left > 0)
        {
            return;
        }

        _isInPayload = false;
        if (_isFinal && !_isControl)
        {
            sink.End();
        }
    }

    private void Give(ReadOnlySpan<byte> payload)
    {
        if (_mask == 0)
        {
            sink.Take(payload);
            _position += (ulong)payload.Length;
            return;
        }

        while (!payload.IsEmpty)
        {
            var piece = payload[..Math.Min(payload.Length, _plain.Length)];
            for (var i = 0; i < piece.Length; i++)
            {
                _plain[i] = (byte)(piece[i] ^ (byte)(_mask >> (24 - (8 * (int)((_position + (ulong)i) % 4)))));
            }

            sink.Take(_plain.AsSpan(0, piece.Length));
            _position += (ulong)piece.Length;
            payload = payload[piece.Length..];
        }
    }
}

/// <summary>Gets the messages of one direction.</summary>
internal interface IMessageSink
{
    /// <summary>The next bytes of the message.</summary>
    void Take(ReadOnlySpan<byte> bytes);

    /// <summary>The message is whole.</summary>
    void End();
}
