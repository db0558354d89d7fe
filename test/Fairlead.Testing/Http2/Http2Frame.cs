using System.Buffers.Binary;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Http2;

/// <summary>Frame types of RFC 9113 section 6.</summary>
public enum Http2FrameType : byte
{
    /// <summary>Body bytes.</summary>
    Data = 0,

    /// <summary>The head, or the trailers.</summary>
    Headers = 1,

    /// <summary>Obsolete.</summary>
    Priority = 2,

    /// <summary>The abrupt end of one stream.</summary>
    ResetStream = 3,

    /// <summary>What a peer can take.</summary>
    Settings = 4,

    /// <summary>Never sent, since the client forbids it.</summary>
    PushPromise = 5,

    /// <summary>A sign of life.</summary>
    Ping = 6,

    /// <summary>The end of a connection.</summary>
    GoAway = 7,

    /// <summary>Leave to send more.</summary>
    WindowUpdate = 8,

    /// <summary>The rest of a header block.</summary>
    Continuation = 9,
}

/// <summary>One frame.</summary>
internal readonly record struct Http2Frame(Http2FrameType Type, byte Flags, int StreamId, ReadOnlyMemory<byte> Payload)
{
    public const byte EndStream = 0x1;
    public const byte Ack = 0x1;
    public const byte EndHeaders = 0x4;
    private const byte Padded = 0x8;
    private const byte Priority = 0x20;
    private const int HeaderLength = 9;

    public bool Has(byte flag) => (Flags & flag) != 0;

    public uint Number(int offset = 0) => BinaryPrimitives.ReadUInt32BigEndian(Payload.Span[offset..]);

    /// <summary>The payload of DATA or HEADERS without padding and priority.</summary>
    public ReadOnlyMemory<byte> Content
    {
        get
        {
            var content = Payload;
            if (Has(Padded))
            {
                content = content[1..^content.Span[0]];
            }

            return Type == Http2FrameType.Headers && Has(Priority) ? content[5..] : content;
        }
    }

    public static byte[] NumberBytes(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }

    /// <summary>The next frame, or null when the connection ended.</summary>
    public static async ValueTask<Http2Frame?> ReadAsync(ByteReader reader, CancellationToken cancellationToken)
    {
        if (await reader.ReadExactlyAsync(HeaderLength, cancellationToken) is not { } head)
        {
            return null;
        }

        var length = (head[0] << 16) | (head[1] << 8) | head[2];
        var streamId = (int)(BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(5)) & int.MaxValue);
        return await reader.ReadExactlyAsync(length, cancellationToken) is { } payload
            ? new Http2Frame((Http2FrameType)head[3], head[4], streamId, payload)
            : null;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderLength + Payload.Length];
        bytes[0] = (byte)(Payload.Length >> 16);
        bytes[1] = (byte)(Payload.Length >> 8);
        bytes[2] = (byte)Payload.Length;
        bytes[3] = (byte)Type;
        bytes[4] = Flags;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(5), (uint)StreamId);
        Payload.Span.CopyTo(bytes.AsSpan(HeaderLength));
        return bytes;
    }
}
