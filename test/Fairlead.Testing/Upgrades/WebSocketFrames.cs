using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Testing.Upgrades;

/// <summary>Reads and writes WebSocket frames one by one on a duplex stream: the client's masked, the server's not.</summary>
public static class WebSocketFrames
{
    /// <summary>The <c>Sec-WebSocket-Accept</c> that answers a key (RFC 6455 section 4.2.2).</summary>
    public static string AcceptOf(string key)
    {
#pragma warning disable CA5350 // The protocol asks for SHA-1; nothing is protected by it.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    /// <summary>The bytes of a frame as a client sends it (masked) or as a server does.</summary>
    public static byte[] Encode(WebSocketFrame frame, bool masked)
    {
        ArgumentNullException.ThrowIfNull(frame);
        using var bytes = new MemoryStream();
        bytes.WriteByte((byte)((frame.Final ? 0x80 : 0) | (byte)frame.Opcode));
        WriteLength(bytes, frame.Payload.Length, masked ? (byte)0x80 : (byte)0);
        if (!masked)
        {
            bytes.Write(frame.Payload);
            return bytes.ToArray();
        }

        var mask = RandomNumberGenerator.GetBytes(4);
        bytes.Write(mask);
        bytes.Write(Mask(frame.Payload, mask));
        return bytes.ToArray();
    }

    /// <summary>Writes a frame as a client.</summary>
    public static async Task WriteAsClientAsync(Stream stream, WebSocketFrame frame, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        await stream.WriteAsync(Encode(frame, masked: true), cancellationToken);
    }

    /// <summary>Writes a frame as a server.</summary>
    public static async Task WriteAsServerAsync(Stream stream, WebSocketFrame frame, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        await stream.WriteAsync(Encode(frame, masked: false), cancellationToken);
    }

    /// <summary>Reads the next frame, masked or not; null when the stream ended, be it in the middle of a frame.</summary>
    public static async Task<WebSocketFrame?> ReadAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            var head = await TakeAsync(stream, 2, cancellationToken);
            long length = head[1] & 0x7F;
            length = length switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian(await TakeAsync(stream, 2, cancellationToken)),
                127 => BinaryPrimitives.ReadInt64BigEndian(await TakeAsync(stream, 8, cancellationToken)),
                _ => length,
            };
            var masked = (head[1] & 0x80) != 0;
            var mask = masked ? await TakeAsync(stream, 4, cancellationToken) : [0, 0, 0, 0];
            var payload = Mask(await TakeAsync(stream, checked((int)length), cancellationToken), mask);
            return new((WebSocketOpcode)(head[0] & 0x0F), payload, (head[0] & 0x80) != 0, masked);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    private static async Task<byte[]> TakeAsync(Stream stream, int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private static byte[] Mask(byte[] payload, byte[] mask)
    {
        var masked = new byte[payload.Length];
        for (var i = 0; i < payload.Length; i++)
        {
            masked[i] = (byte)(payload[i] ^ mask[i % 4]);
        }

        return masked;
    }

    private static void WriteLength(MemoryStream bytes, int length, byte maskBit)
    {
        Span<byte> wide = stackalloc byte[8];
        if (length < 126)
        {
            bytes.WriteByte((byte)(maskBit | length));
        }
        else if (length <= ushort.MaxValue)
        {
            bytes.WriteByte((byte)(maskBit | 126));
            BinaryPrimitives.WriteUInt16BigEndian(wide, (ushort)length);
            bytes.Write(wide[..2]);
        }
        else
        {
            bytes.WriteByte((byte)(maskBit | 127));
            BinaryPrimitives.WriteInt64BigEndian(wide, length);
            bytes.Write(wide);
        }
    }
}
