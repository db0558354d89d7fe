using AwesomeAssertions;
using CsCheck;
using Fairlead.Callers;
using Fairlead.Configuration;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.Tests.Callers;

public sealed class CallerDirectoryTests
{
    [Fact]
    public void A_token_leads_to_its_owner_and_their_groups()
    {
        Make.Directory.Find("jane-token")!.Caller.Groups.Should().Equal("devs");
        Make.Directory.Find("bob-token")!.Caller.Name.Should().Be("bob");
        Make.Directory.Find("").Should().BeNull();
        Make.Directory.Find("nobody").Should().BeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(340)]
    [InlineData(342)]
    [InlineData(20_000)]
    public void A_token_of_any_length_is_found(int length)
    {
        var token = new string('t', length);
        var directory = new CallerDirectory(new AuthOptions { Static = [TestGateway.Caller("long", token)] });

        directory.Find(token)!.Caller.Name.Should().Be("long");
        directory.Find(token[1..] + "u").Should().BeNull();
    }

    [Fact]
    public void Two_texts_have_the_same_hash_only_if_they_are_the_same() =>
        Gen.Select(Gen.Char['a', 'c'].Array[0, 4], Gen.Char['a', 'c'].Array[0, 4]).Sample(static (one, other) =>
            TokenHash.Of(one) == TokenHash.Of(other) == one.AsSpan().SequenceEqual(other));

    [Fact]
    public void Nobody_configured_is_something_else_than_nobody_known()
    {
        new CallerDirectory(null).KnowsPortalCallers.Should().BeFalse();
        new CallerDirectory(new AuthOptions()).KnowsPortalCallers.Should().BeTrue();
    }
}
