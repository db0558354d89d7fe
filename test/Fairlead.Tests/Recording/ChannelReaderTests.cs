using System.Text;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Recording;
using Xunit;

namespace Fairlead.Tests.Recording;

public sealed class ChannelReaderTests
{
    [Theory]
    [InlineData(null, "Binary")]
    [InlineData("", "Binary")]
    [InlineData("channel.k8s.io", "Binary")]
    [InlineData("v4.channel.k8s.io", "Binary")]
    [InlineData("v5.channel.k8s.io", "Binary")]
    [InlineData("base64.channel.k8s.io", "Base64")]
    [InlineData("v4.base64.channel.k8s.io", "Base64")]
    [InlineData("v6.channel.k8s.io", "Unknown")]
    [InlineData("V5.channel.k8s.io", "Unknown")]
    [InlineData("portforward.k8s.io", "Unknown")]
    [InlineData("v5.channel.k8s.io, base64.channel.k8s.io", "Unknown")]
    public void The_chosen_sub_protocol_says_what_messages_mean(string? name, string expected) => ChannelProtocols.Of(name).ToString().Should().Be(expected);

    [Fact]
    public void T30_Both_encodings_carry_the_same_however_they_are_cut() =>
        Gen.Select(Gen.Int[0, 4], Gen.Byte.Array[0, 10_000], Gen.Int[1, 5000].Array[1, 5], Gen.Bool).Sample(
            static (channel, data, cuts, isBase64) =>
            {
                byte[] message = isBase64 ? [(byte)('0' + channel), .. Encoding.ASCII.GetBytes(Convert.ToBase64String(data))] : [(byte)channel, .. data];
                var got = new List<byte>();
                var ends = 0;
                var reader = new ChannelReader(isBase64 ? ChannelProtocol.Base64 : ChannelProtocol.Binary, (on, bytes, isLast) =>
                {
                    if (on != channel)
                    {
                        throw new InvalidOperationException($"channel {on}");
                    }

                    got.AddRange(bytes);
                    ends += isLast ? 1 : 0;
                });
                for (int at = 0, i = 0; at < message.Length; i++)
                {
                    var count = Math.Min(cuts[i % cuts.Length], message.Length - at);
                    reader.Take(message.AsSpan(at, count));
                    at += count;
                }

                reader.End();
                return ends == 1 && got.SequenceEqual(data);
            },
            iter: 300);

    [Fact]
    public void What_is_no_base64_is_shown_as_it_is()
    {
        var got = new StringBuilder();
        var reader = new ChannelReader(ChannelProtocol.Base64, (_, bytes, _) => got.Append(Encoding.ASCII.GetString(bytes)));

        reader.Take("1aGk=!!! not base64"u8);
        reader.End();
        reader.Take("1aGk="u8);
        reader.End();

        got.ToString().Should().Be("aGk=!!! not base64hi");
    }

    [Fact]
    public void An_empty_message_is_of_no_channel()
    {
        var calls = 0;
        var reader = new ChannelReader(ChannelProtocol.Binary, (_, _, _) => calls++);

        reader.End();

        calls.Should().Be(0);
    }

    [Theory]
    [InlineData("""{"Width":120,"Height":40}""", 120, 40)]
    [InlineData("""{"width":120,"height":40,"more":1}""", 120, 40)]
    public void A_size_is_read(string text, int width, int height) => Size(text).Should().Be(new TerminalSize(width, height));

    [Theory]
    [InlineData("")]
    [InlineData("120x40")]
    [InlineData("""{"Width":"wide"}""")]
    [InlineData("[]")]
    public void What_is_no_size_is_none(string text) => Size(text).Should().BeNull();

    private static TerminalSize? Size(string text)
    {
        var message = new ResizeMessage();
        message.Take(Encoding.UTF8.GetBytes(text), isLast: false).Should().BeNull();
        return message.Take([], isLast: true);
    }
}
