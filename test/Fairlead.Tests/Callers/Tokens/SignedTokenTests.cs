using System.Text.Json.Nodes;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Callers.Tokens;
using Fairlead.Testing.Issuers;
using Xunit;

namespace Fairlead.Tests.Callers.Tokens;

public sealed class SignedTokenTests
{
    [Fact]
    public void T115_Any_text_is_read_quietly() =>
        Gen.String[Gen.OneOf(Gen.Char["..eyJ=-_"], Gen.Char['0', 'z']), 0, 60].Sample(static text => SignedToken.Read("ey" + text) is null or { Issuer: not null });

    [Fact]
    public void What_a_token_says_of_itself_is_read_whatever_else_is_wrong_with_it()
    {
        var key = IssuerKey.Ec("k");
        var token = SignedToken.Read(key.Sign(new JsonObject { ["iss"] = "https://idp.example", ["sub"] = "7", ["exp"] = "never", ["groups"] = new JsonArray([.. Enumerable.Range(0, 5000).Select(static i => (JsonNode)$"g{i}")]) }, ("typ", "X")))!;

        (token.Issuer, token.Subject, token.Type, token.Algorithm).Should().Be(("https://idp.example", "7", "X", "ES256"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b.c")]
    [InlineData("eyJhIjoxfQ.eyJhIjoxfQ")]
    [InlineData("eyJhIjoxfQ.eyJhIjoxfQ.a.b")]
    [InlineData("eyJhIjoxfQ.WzFd.a")]
    [InlineData("eyJhIjoxfQ.eyJhIjoxfQ==.a.")]
    public void What_is_no_JWT_is_none(string text) => SignedToken.Read(text).Should().BeNull();
}
