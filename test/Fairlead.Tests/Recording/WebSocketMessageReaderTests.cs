using AwesomeAssertions;
using CsCheck;
using Fairlead.Recording;
using Fairlead.Testing.Upgrades;
using Xunit;

namespace Fairlead.Tests.Recording;

public sealed class WebSocketMessageReaderTests
{
    private static readonly Gen<byte[]> _payload = Gen.Frequency((8, Gen.Byte.Array[0, 40]), (1, Gen.Byte.Array[120, 130]), (1, Gen.Byte.Array[65_530, 65_540]));

    private static readonly Gen<byte[]> _control = Gen.Select(Gen.Bool, Gen.Byte.Array[0, 125], Gen.Bool)
        .Select(static (isPing, payload, masked) => WebSocketFrames.Encode(new WebSocketFrame(isPing ? WebSocketOpcode.Ping : WebSocketOpcode.Pong, payload), masked));

    /// <summary>A message, and the bytes of its frames, with control frames between them.</summary>
    private static readonly Gen<(byte[] Message, byte[] Bytes)> _message = Gen.Select(_payload.Array[1, 4], _control.Array[0, 3], Gen.Bool, Gen.Bool).Select(static (fragments, controls, masked, isText) =>
    {
        var bytes = new List<byte>();
        for (var i = 0; i < fragments.Length; i++)
        {
            bytes.AddRange(i < controls.Length ? controls[i] : []);
            var opcode = i > 0 ? WebSocketOpcode.Continuation : isText ? WebSocketOpcode.Text : WebSocketOpcode.Binary;
            bytes.AddRange(WebSocketFrames.Encode(new WebSocketFrame(opcode, fragments[i], Final: i == fragments.Length - 1), masked));
        }

        return ((byte[])[.. fragments.SelectMany(static fragment => fragment)], bytes.ToArray());
    });

    [Fact]
    public void T27_T30_Messages_come_out_as_they_went_in_however_their_bytes_are_cut() =>
        Gen.Select(_message.Array[1, 4], Gen.Int[1, 4000].Array[1, 30]).Sample(
            static (messages, cuts) =>
            {
                var bytes = messages.SelectMany(static message => message.Bytes).ToArray();
                var sink = new Messages();
                var reader = new WebSocketMessageReader(sink);
                for (int at = 0, i = 0; at < bytes.Length; i++)
                {
                    var count = Math.Min(cuts[i % cuts.Length], bytes.Length - at);
                    reader.Read(bytes.AsSpan(at, count));
                    at += count;
                }

                return sink.All.Count == messages.Length && sink.All.Zip(messages).All(static pair => pair.First.AsSpan().SequenceEqual(pair.Second.Message));
            },
            iter: 300);

    [Fact]
    public void T27_Messages_come_out_when_their_bytes_come_one_by_one()
    {
        var sink = new Messages();
        var reader = new WebSocketMessageReader(sink);
        foreach (var value in (byte[])[
            .. WebSocketFrames.Encode(new WebSocketFrame(WebSocketOpcode.Binary, "ab"u8.ToArray(), Final: false), masked: true),
            .. WebSocketFrames.Encode(new WebSocketFrame(WebSocketOpcode.Ping, "ping"u8.ToArray()), masked: true),
            .. WebSocketFrames.Encode(new WebSocketFrame(WebSocketOpcode.Continuation, new byte[300]), masked: true)])
        {
            reader.Read([value]);
        }

        sink.All.Should().ContainSingle().Which.Should().Equal([.. "ab"u8, .. new byte[300]]);
    }

    [Fact]
    public void T27_A_frame_of_every_length_that_can_be_written_is_followed_and_not_kept()
    {
        var sink = new Messages();
        var reader = new WebSocketMessageReader(sink);

        reader.Read([0x82, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3]);

        sink.Part.Should().Equal(1, 2, 3);
        sink.All.Should().BeEmpty();
    }

    [Theory]
    [InlineData(new byte[] { 0x02, 1, 0 }, "a part of a message")]
    [InlineData(new byte[] { 0x80, 1, 0 }, "what goes on with one")]
    [InlineData(new byte[] { 0x8B, 1, 0 }, "a control frame of an unknown kind")]
    [InlineData(new byte[] { 0x83, 1, 0 }, "a frame of an unknown kind")]
    [InlineData(new byte[] { 0xC2, 1, 0 }, "a reserved bit")]
    public void T30_A_strict_reader_takes_nothing_that_the_library_of_API_servers_reads_in_another_way(byte[] frame, string why)
    {
        var sink = new Messages();
        var reader = new WebSocketMessageReader(sink, isStrict: true);
        reader.Read([0x82, 1, 7, 0x81, 1, 8, 0x89, 1, 9]);
        sink.All.Should().HaveCount(2);

        FluentActions.Invoking(() => reader.Read(frame)).Should().Throw<InvalidDataException>(why);
        sink.All.Should().HaveCount(2);
        new WebSocketMessageReader(sink).Read(frame);
    }

    private sealed class Messages : IMessageSink
    {
        public List<byte> Part { get; } = [];

        public List<byte[]> All { get; } = [];

        public void Take(ReadOnlySpan<byte> bytes) => Part.AddRange(bytes);

        public void End()
        {
            All.Add([.. Part]);
            Part.Clear();
        }
    }
}
