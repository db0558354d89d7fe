using AwesomeAssertions;
using Fairlead.Doors;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Fairlead.Tests.Doors;

public sealed class WebSocketProtocolsTests
{
    private const string Bearer = "base64url.bearer.authorization.k8s.io.";

    [Theory]
    [InlineData("")]
    [InlineData("v5.channel.k8s.io, v4.channel.k8s.io")]
    [InlineData("base64.channel.k8s.io")]
    [InlineData("BASE64URL.bearer.authorization.k8s.io.dG9rZW4")]
    public void B83_An_offer_without_a_token_is_left_alone(string offer) => WebSocketProtocols.Parse(offer).Should().BeSameAs(WebSocketProtocols.Untouched);

    [Theory]
    [InlineData(Bearer + "dG9rZW4, v5.channel.k8s.io", "token", "v5.channel.k8s.io")]
    [InlineData("v5.channel.k8s.io," + Bearer + "dG9rZW4", "token", "v5.channel.k8s.io")]
    [InlineData("a,  b ,," + Bearer + "dG9rZW4 , c", "token", "a, b, c")]
    [InlineData(Bearer + "YS5iLWNfZD09, x", "a.b-c_d==", "x")]
    public void B91_The_token_is_decoded_and_taken_out(string offer, string token, string remaining)
    {
        var protocols = WebSocketProtocols.Parse(offer);

        (protocols.BearerToken, protocols.Offered, protocols.Problem).Should().Be((token, remaining, null));
    }

    [Fact]
    public void B91_The_header_may_come_on_several_lines() =>
        WebSocketProtocols.Parse(new StringValues(["v5.channel.k8s.io", Bearer + "dG9rZW4", "v4.channel.k8s.io"])).Offered
            .Should().Be("v5.channel.k8s.io, v4.channel.k8s.io");

    [Theory]
    [InlineData(Bearer + "dG9rZW4")]
    [InlineData(Bearer + "dG9rZW4, " + Bearer + "dG9rZW4, x")]
    [InlineData(Bearer + ", x")]
    [InlineData(Bearer + "dG9rZW4=, x")]
    [InlineData(Bearer + "dG9+ZW4, x")]
    [InlineData(Bearer + "dG9rZW4a*, x")]
    [InlineData(Bearer + "d, x")]
    [InlineData(Bearer + "dG9r IA, x")]
    [InlineData(Bearer + "YSBi, x")]
    [InlineData(Bearer + "YQ0KYg, x")]
    [InlineData(Bearer + "AA, x")]
    [InlineData(Bearer + "_w, x")]
    public void A_malformed_offer_is_a_problem_without_a_token(string offer)
    {
        var protocols = WebSocketProtocols.Parse(offer);

        protocols.Problem.Should().StartWith("Sec-WebSocket-Protocol").And.NotContain("dG9");
        (protocols.BearerToken, protocols.Offered).Should().Be((null, null));
    }

    [Fact]
    public void T73_Neither_an_offer_nor_a_providers_header_prints_its_token()
    {
        WebSocketProtocols.Parse(Bearer + "dG9rZW4, x").ToString().Should().NotContain("token").And.Contain("x");
        new ProviderToken("google", null, "SENTINEL").ToString().Should().NotContain("SENTINEL").And.Contain("google");
    }
}
