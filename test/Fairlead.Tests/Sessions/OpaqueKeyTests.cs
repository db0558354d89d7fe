using AwesomeAssertions;
using Fairlead.Sessions;
using Xunit;

namespace Fairlead.Tests.Sessions;

public sealed class OpaqueKeyTests
{
    [Fact]
    public void A_key_is_read_from_its_text()
    {
        var key = OpaqueKey.Create();

        OpaqueKey.TryRead(key.Reveal(), out var read).Should().BeTrue();

        read!.Hash.Should().Be(key.Hash);
        read.HashText.Should().Be(key.HashText).And.NotBe(key.Reveal());
        key.Reveal().Should().HaveLength(OpaqueKey.TextLength).And.MatchRegex("^[A-Za-z0-9_-]+$");
        key.ToString().Should().Be("[secret]");
    }

    [Fact]
    public void No_two_are_the_same() =>
        Enumerable.Range(0, 1000).Select(static _ => OpaqueKey.Create().Reveal()).Should().OnlyHaveUniqueItems();

    [Fact]
    public void One_key_has_one_text()
    {
        // The last character carries four bits, in the upper ones of six.
        var text = new string('A', OpaqueKey.TextLength - 1);

        OpaqueKey.TryRead(text + "A", out _).Should().BeTrue();
        OpaqueKey.TryRead(text + "B", out _).Should().BeFalse();
        OpaqueKey.TryRead(text + "E", out _).Should().BeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData(" AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ÄAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_key_is_not_read(string text) => OpaqueKey.TryRead(text, out _).Should().BeFalse();
}
