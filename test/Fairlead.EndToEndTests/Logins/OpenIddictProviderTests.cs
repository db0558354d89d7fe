using System.Net;
using AwesomeAssertions;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>The harness itself: that OpenIddict does what tests of logins rely on.</summary>
public sealed class OpenIddictProviderTests
{
    [Fact]
    public async Task A_login_by_its_form_gives_tokens_and_a_used_refresh_token_takes_them_all_away()
    {
        await using var provider = await OpenIddictProvider.StartAsync();
        using var client = await RelyingParty.RegisterAsync(provider);

        var first = await client.LogInAsync("alice");
        first.Status.Should().Be(HttpStatusCode.OK, "{0}", first.Body);
        first.Claims.GetProperty("iss").GetString().Should().Be(provider.Issuer);
        first.Claims.GetProperty("aud").GetString().Should().Be("relying-party");
        first.Claims.GetProperty("nonce").GetString().Should().Be("nonce");
        first.Claims.GetProperty("preferred_username").GetString().Should().Be("alice");
        first.Claims.GetProperty("email_verified").GetBoolean().Should().BeTrue();
        first.Claims.GetProperty("groups").ToString().Should().Be("""["devs","admins"]""");

        var second = await client.RefreshAsync(first.RefreshToken);
        second.Status.Should().Be(HttpStatusCode.OK, "{0}", second.Body);
        second.RefreshToken.Should().NotBe(first.RefreshToken);
        second.Claims.GetProperty("groups").ToString().Should().Be("""["devs","admins"]""");

        (await client.RefreshAsync(first.RefreshToken)).Error.Should().Be("invalid_grant", "it was used before");
        (await client.RefreshAsync(second.RefreshToken)).Error.Should().Be("invalid_grant", "the grant is gone with it");
    }

    [Fact]
    public async Task One_group_is_a_string_and_a_revoked_account_gets_no_new_tokens()
    {
        await using var provider = await OpenIddictProvider.StartAsync();
        using var client = await RelyingParty.RegisterAsync(provider);

        var tokens = await client.LogInAsync("bob");
        tokens.Claims.GetProperty("groups").GetString().Should().Be("devs");

        await provider.RevokeAsync("bob");

        (await client.RefreshAsync(tokens.RefreshToken)).Error.Should().Be("invalid_grant");
    }

    [Fact]
    public async Task A_logout_goes_back_to_the_client_and_the_next_login_asks_who_it_is()
    {
        await using var provider = await OpenIddictProvider.StartAsync();
        using var client = await RelyingParty.RegisterAsync(provider);
        using var person = new BrowserlessLogin(provider);
        var landing = await person.GoAsync(client.AuthorizationUrl(), "alice", RelyingParty.IsRedirectUri);
        var tokens = await client.RedeemAsync(landing.Query("code")!);

        var left = await person.GoAsync(client.EndSessionUrl(tokens.IdToken!), "alice", RelyingParty.IsRedirectUri);
        var again = await person.GoAsync(client.AuthorizationUrl(), "bob", RelyingParty.IsRedirectUri);

        left.Query("state").Should().Be("left");
        (await client.RedeemAsync(again.Query("code")!)).Claims.GetProperty("sub").GetString().Should().Be("bob");
    }
}
