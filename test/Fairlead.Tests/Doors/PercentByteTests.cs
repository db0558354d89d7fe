using AwesomeAssertions;
using CsCheck;
using Fairlead.Doors;
using Xunit;

namespace Fairlead.Tests.Doors;

public sealed class PercentByteTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%2fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("caf%C3%A9", "café")]
    [InlineData("%F0%9F%9A%A2", "\ud83d\udea2")]
    [InlineData("a+b", "a+b")]
    [InlineData("%00", "\0")]
    public void A_well_formed_text_is_decoded_once(string encoded, string expected) => PercentByte.Decode(encoded).Should().Be(expected);

    [Theory]
    [InlineData("%")]
    [InlineData("%2")]
    [InlineData("a%zz")]
    [InlineData("a%2g")]
    [InlineData("%%2F")]
    [InlineData("%ff")]
    [InlineData("%c0%ae")]
    [InlineData("%e0%80%ae")]
    [InlineData("%ed%a0%80")]
    [InlineData("%C3")]
    [InlineData("é%20")]
    [InlineData("%\u0662\u0663")]
    public void A_malformed_text_is_not_decoded(string encoded) => PercentByte.Decode(encoded).Should().BeNull();

    [Theory]
    [InlineData("a+b", "a b")]
    [InlineData("a%2Bb", "a+b")]
    [InlineData("%20+", "  ")]
    public void In_a_query_a_plus_is_a_blank(string encoded, string expected) => PercentByte.Decode(encoded, plusIsBlank: true).Should().Be(expected);

    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("%ff", "\u00ff")]
    [InlineData("%zz%", "%zz%")]
    [InlineData("%25%32%65", "%2e")]
    [InlineData("%c0%ae", "\u00c0\u00ae")]
    public void Bytes_are_decoded_one_by_one_and_malformed_triplets_stay(string encoded, string expected) => PercentByte.DecodeBytes(encoded).Should().Be(expected);

    [Fact]
    public void T115_Decoding_undoes_encoding() =>
        Gen.String.Where(static text => !text.Any(char.IsSurrogate)).Sample(static text => string.Equals(PercentByte.Decode(Uri.EscapeDataString(text)), text, StringComparison.Ordinal));

    [Fact]
    public void T115_No_input_makes_the_decoders_throw() =>
        Targets.Nasty.Sample(static text =>
        {
            PercentByte.Decode(text);
            PercentByte.Decode(text, plusIsBlank: true);
            PercentByte.DecodeBytes(text);
        });
}
