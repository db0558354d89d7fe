using AwesomeAssertions;
using Fairlead.Callers;
using Xunit;

namespace Fairlead.Tests.Callers;

public sealed class TokenHashTests
{
    [Fact]
    public void Texts_that_are_divided_otherwise_have_another_hash()
    {
        string[][] all = [["a", "bc"], ["ab", "c"], ["abc"], ["abc", ""], ["", "abc"], ["a", "b", "c"], ["a\0\0b"], ["a", "b"], [new string('a', 70_000)], [new string('a', 70_000), ""], [new string('a', 70_001)]];

        all.Select(static parts => TokenHash.Of(parts.AsSpan())).Should().OnlyHaveUniqueItems();
        TokenHash.Of((ReadOnlySpan<string>)["a", "bc"]).Should().Be(TokenHash.Of((ReadOnlySpan<string>)["a", "bc"]));
    }
}
