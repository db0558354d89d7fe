using System.Net;
using AwesomeAssertions;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>The harness itself: that oidc-provider does what tests of logins rely on.</summary>
public sealed class OidcProviderProcessTests
{
    [Fact]
    public async Task A_login_by_its_forms_gives_tokens_and_a_used_refresh_token_takes_them_all_away()
    {
        await using var provider = await OidcProviderProcess.StartAsync();
        using var client = await RelyingParty.RegisterAsync(provider);

        var first = await client.LogInAsync("alice");
        first.Status.Should().Be(HttpStatusCode.OK, "{0}", first.Body);
        first.Claims.GetProperty("iss").GetString().Should().Be(provider.Issuer);
        first.Claims.GetProperty("aud").GetString().Should().Be("relying-party");
        first.Claims.GetProperty("nonce").GetString().Should().Be("nonce");
        first.Claims.GetProperty("sid").GetString().Should().NotBeEmpty("back-channel logout needs it in the ID token");
        first.Claims.GetProperty("preferred_username").GetString().Should().Be("alice");
        first.Claims.GetProperty("email").GetString().Should().Be("alice@example.com");
        first.Claims.GetProperty("email_verified").GetBoolean().Should().BeTrue();
        first.Claims.GetProperty("groups").ToString().Should().Be("""["devs","admins"]""");

        var second = await client.RefreshAsync(first.RefreshToken);
        second.Status.Should().Be(HttpStatusCode.OK, "{0}", second.Body);
        second.RefreshToken.Should().NotBe(first.RefreshToken);
        second.Claims.GetProperty("groups").ToString().Should().Be("""["devs","admins"]""");

        (await client.RefreshAsync(first.RefreshToken)).Error.Should().Be("invalid_grant", "it was used before");
        (await client.RefreshAsync(second.RefreshToken)).Error.Should().Be("invalid_grant", "the grant is gone with it");
        provider.Events.Should().Contain(happened => happened.Event == "grant.error" && happened.Detail == "refresh token already used");
    }
}
