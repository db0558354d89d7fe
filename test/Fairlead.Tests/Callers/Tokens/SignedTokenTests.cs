using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Callers.Tokens;
using Fairlead.Sessions.Oidc;
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
    [InlineData("""{"iss":"https://idp.example","sub":"\ud800"}""", "\ufffd")]
    [InlineData("""{"iss":"https://idp.example","sub":"7","su\udfff":1}""", "7")]
    [InlineData("""{"iss":"https://idp.example","sub":"\ud83d\ude00"}""", "\ud83d\ude00")]
    public void T115_Half_a_character_does_not_hide_whose_a_token_is(string payload, string subject)
    {
        var token = SignedToken.Read($"eyJhbGciOiJFUzI1NiJ9.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}.")!;

        (token.Issuer, token.Subject, token.Algorithm).Should().Be(("https://idp.example", subject, "ES256"));
    }

    [Theory]
    [InlineData("""{"access_token":"\ud800"}""")]
    [InlineData("""{"access_token":"a","x\ud800":1}""")]
    public void T115_An_answer_with_half_a_character_is_none(string body) => TokenResponse.Read(Encoding.UTF8.GetBytes(body)).Should().BeNull();

    [Theory]
    [InlineData("")]
    [InlineData("a.b.c")]
    [InlineData("eyJhIjoxfQ.eyJhIjoxfQ")]
    [InlineData("eyJhIjoxfQ.eyJhIjoxfQ.a.b")]
    [InlineData("eyJhIjoxfQ.WzFd.a")]
    [InlineData("eyJhIjoxfQ.eyJhIjoxfQ==.a.")]
    public void What_is_no_JWT_is_none(string text) => SignedToken.Read(text).Should().BeNull();
}
