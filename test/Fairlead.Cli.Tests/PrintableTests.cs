using AwesomeAssertions;
using Xunit;

namespace Fairlead.Cli.Tests;

/// <summary>What others wrote, on somebody's terminal.</summary>
public sealed class PrintableTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("plain, with \u00fcml\u00e4uts", "plain, with \u00fcml\u00e4uts")]
    [InlineData("\u001b[31mred\u0007\r\nnext", "[31mred   next")]
    [InlineData("left\u202eright\u200b\u2028", "left right")]
    public void Nothing_is_left_that_a_terminal_would_act_on(string? text, string shown) => Printable.Of(text).Should().Be(shown);

    [Fact]
    public void It_is_bounded() => Printable.Of(new string('x', 100_000)).Should().HaveLength(303).And.EndWith("...");
}
