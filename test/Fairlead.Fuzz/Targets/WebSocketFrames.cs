using System.Buffers.Binary;
using Fairlead.Forwarding.Tunnels;

namespace Fairlead.Fuzz.Targets;

/// <summary>The frames of a WebSocket. An input is what one side sends, in chunks as long as its first byte says.</summary>
internal static class WebSocketFrames
{
    /// <summary>Follows one stream.</summary>
    public static bool Attack(byte[] input)
    {
        if (input.Length == 0)
        {
            return false;
        }

        var size = Math.Max(1, (int)input[0]);
        var bytes = input.AsSpan(1);
        var (whole, pieces) = (new WebSocketFrameTracker(), new WebSocketFrameTracker());
        whole.Follow(bytes);
        for (var rest = bytes; !rest.IsEmpty; rest = rest[Math.Min(size, rest.Length)..])
        {
            pieces.Follow(rest[..Math.Min(size, rest.Length)]);
        }

        var (isAtBoundary, hasClosed) = Read(bytes);
        Invariant.Holds(whole.IsAtBoundary == isAtBoundary && whole.HasClosed == hasClosed, $"the frames end at a boundary: {isAtBoundary}, a Close has begun: {hasClosed}, and the tracker differs");
        Invariant.Holds(pieces.IsAtBoundary == isAtBoundary && pieces.HasClosed == hasClosed, "chunks change the frames");
        return isAtBoundary;
    }

    /// <summary>A second reading, frame by frame (RFC 6455 5.2).</summary>
    private static (bool IsAtBoundary, bool HasClosed) Read(ReadOnlySpan<byte> bytes)
    {
        var hasClosed = false;
        while (!bytes.IsEmpty)
        {
            hasClosed |= (bytes[0] & 0xF) == 8;
            if (bytes.Length < 2)
            {
                return (false, hasClosed);
            }

            var extended = (bytes[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };
            if (bytes.Length < 2 + extended)
            {
                return (false, hasClosed);
            }

            UInt128 length = extended switch
            {
                2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
                8 => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
                _ => (uint)bytes[1] & 0x7F,
            };
            var end = (UInt128)(2 + extended + ((bytes[1] & 0x80) != 0 ? 4 : 0)) + length;
            if (end > (UInt128)bytes.Length)
            {
                return (false, hasClosed);
            }

            bytes = bytes[(int)end..];
        }

        return (true, hasClosed);
    }
}
