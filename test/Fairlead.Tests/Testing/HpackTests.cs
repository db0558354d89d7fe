using System.Text;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.Tests.Testing;

public sealed class HpackTests
{
    [Theory]
    [InlineData("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com")]
    [InlineData("a8eb10649cbf", "no-cache")]
    [InlineData("25a849e95ba97d7f", "custom-key")]
    [InlineData("25a849e95bb8e8b4bf", "custom-value")]
    [InlineData("6402", "302")]
    [InlineData("9d29ad171863c78f0b97c8e9ae82ae43d3", "https://www.example.com")]
    public void Huffman_strings_of_RFC_7541_appendix_C(string coded, string text) =>
        Encoding.ASCII.GetString(HpackHuffman.Decode(Convert.FromHexString(coded))).Should().Be(text);

    [Theory]
    [InlineData("f1e3c2e5f23a6ba0ab90f400")]
    [InlineData("ffffffff")]
    [InlineData("f1e3c2e5f23a6ba0ab90f4ffff")]
    public void Wrong_padding_and_the_end_of_string_symbol_are_refused(string coded) =>
        FluentActions.Invoking(() => HpackHuffman.Decode(Convert.FromHexString(coded))).Should().Throw<InvalidDataException>();

    [Fact]
    public void Responses_of_RFC_7541_appendix_C6_with_eviction()
    {
        var decoder = new HpackDecoder(tableSize: 256);

        var first = Decode(decoder, "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3");
        decoder.TableSize.Should().Be(222);
        var second = Decode(decoder, "4883640effc1c0bf");
        decoder.TableSize.Should().Be(222);
        var third = Decode(
            decoder,
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007");
        decoder.TableSize.Should().Be(215);

        first.Should().Equal(
            new(":status", "302"),
            new("cache-control", "private"),
            new("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
            new("location", "https://www.example.com"));
        second.Select(line => line.Value).Should().Equal("307", "private", "Mon, 21 Oct 2013 20:13:21 GMT", "https://www.example.com");
        third.Should().Equal(
            new(":status", "200"),
            new("cache-control", "private"),
            new("date", "Mon, 21 Oct 2013 20:13:22 GMT"),
            new("location", "https://www.example.com"),
            new("content-encoding", "gzip"),
            new("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"));
    }

    [Fact]
    public void What_the_encoder_writes_the_decoder_reads() =>
        Gen.Select(Gen.String[Gen.Char[' ', '\u00ff'], 0, 300], Gen.String[Gen.Char['!', '~'], 1, 300]).Array[0, 5].Sample(pairs =>
        {
            HeaderLine[] lines = [.. pairs.Select(pair => new HeaderLine(pair.Item2, pair.Item1))];
            return new HpackDecoder().Decode(HpackEncoder.Encode(lines)).SequenceEqual(lines);
        });

    private static HeaderLines Decode(HpackDecoder decoder, string hex) => decoder.Decode(Convert.FromHexString(hex));
}
