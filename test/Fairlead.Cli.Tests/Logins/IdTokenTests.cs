using System.Buffers.Text;
using System.Text;
using AwesomeAssertions;
using Fairlead.Cli.Logins;
using Xunit;

namespace Fairlead.Cli.Tests.Logins;

/// <summary>Reading an ID token.</summary>
public sealed class IdTokenTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a.!.c")]
    [InlineData("a.e3.c")]
    [InlineData("a.W10.c")]
    [InlineData("a.b.c.d.e")]
    [InlineData("a\r\n.e30.c")]
    [InlineData("a.e30.c d")]
    [InlineData("a.eyJpc3MiOiJcdWQ4MDAifQ.c")] // {"iss":"\ud800"}
    public void What_is_none_is_none(string text) => IdToken.Read(text).Should().BeNull();

    [Fact]
    public void Claims_of_another_kind_count_as_missing()
    {
        var token = Read("""{"iss":7,"sub":["x"],"aud":{"a":1},"exp":"soon","iat":1e300,"nonce":null}""");

        token.Should().BeEquivalentTo(new { Issuer = (string?)null, Subject = (string?)null, ExpiresAt = (DateTimeOffset?)null, IssuedAt = (DateTimeOffset?)null, Nonce = (string?)null });
        token.Audiences.Should().BeEmpty();
    }

    [Theory]
    [InlineData("""{"aud":"one"}""", "one")]
    [InlineData("""{"aud":["one","two",3]}""", "one two")]
    public void Audiences_are_one_or_several(string claims, string audiences) => string.Join(' ', Read(claims).Audiences).Should().Be(audiences);

    private static IdToken Read(string claims) => IdToken.Read($"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.x")!;
}
