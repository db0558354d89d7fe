using System.Buffers.Binary;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Forwarding.Tunnels;
using Xunit;

namespace Fairlead.Tests.Forwarding.Tunnels;

/// <summary>Where a frame ends is known at every byte, however the bytes are cut.</summary>
public sealed class WebSocketFrameTrackerTests
{
    private static readonly Gen<(byte Opcode, int Length, bool IsMasked)> _frame = Gen.Select(
        Gen.Frequency((8, Gen.OneOf(Gen.Const((byte)0x81), Gen.Const((byte)0x02), Gen.Const((byte)0x80), Gen.Const((byte)0x89), Gen.Const((byte)0xC1))), (1, Gen.Const((byte)0x88))),
        Gen.OneOf(Gen.Int[0, 130], Gen.Const(65_535), Gen.Const(65_536), Gen.Const(70_000)),
        Gen.Bool);

    [Fact]
    public void T27_It_is_at_a_boundary_after_each_frame_and_nowhere_else() =>
        Gen.Select(_frame.Array[1, 5], Gen.Int[1, 70_100].Array[1, 40]).Sample(static (frames, cuts) =>
        {
            var bytes = frames.SelectMany(static frame => Bytes(frame.Opcode, frame.Length, frame.IsMasked)).ToArray();
            var ends = new HashSet<int> { 0 };
            var closes = int.MaxValue;
            var at = 0;
            foreach (var frame in frames)
            {
                closes = (frame.Opcode & 0xF) == 8 ? Math.Min(closes, at + 1) : closes;
                ends.Add(at += Bytes(frame.Opcode, frame.Length, frame.IsMasked).Length);
            }

            var tracker = new WebSocketFrameTracker();
            var sent = 0;
            foreach (var cut in cuts.Append(int.MaxValue))
            {
                var length = Math.Min(cut, bytes.Length - sent);
                tracker.Follow(bytes.AsSpan(sent, length));
                sent += length;
                tracker.IsAtBoundary.Should().Be(ends.Contains(sent), "after {0} of {1} bytes", sent, bytes.Length);
                tracker.HasClosed.Should().Be(sent >= closes);
            }
        });

    [Fact]
    public void T27_It_is_at_a_boundary_after_each_frame_that_comes_byte_by_byte()
    {
        var tracker = new WebSocketFrameTracker();
        var bytes = Bytes(0x82, 300, isMasked: true);

        for (var i = 0; i < bytes.Length; i++)
        {
            tracker.IsAtBoundary.Should().Be(i == 0);
            tracker.Follow(bytes.AsSpan(i, 1));
        }

        tracker.IsAtBoundary.Should().BeTrue();
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    public void T27_A_length_that_no_frame_may_have_never_ends(ulong length)
    {
        var tracker = new WebSocketFrameTracker();
        var header = new byte[10];
        (header[0], header[1]) = (0x82, 0xFF);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(2), length);

        tracker.Follow(header);
        tracker.Follow(new byte[1_000_000]);

        tracker.IsAtBoundary.Should().BeFalse();
    }

    private static byte[] Bytes(byte first, int length, bool isMasked)
    {
        var mask = (byte)(isMasked ? 0x80 : 0);
        var header = length switch
        {
            < 126 => [first, (byte)(mask | length)],
            < 65_536 => (byte[])[first, (byte)(mask | 126), (byte)(length >> 8), (byte)length],
            _ => [first, (byte)(mask | 127), 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length],
        };
        return [.. header, .. new byte[(isMasked ? 4 : 0) + length]];
    }
}
