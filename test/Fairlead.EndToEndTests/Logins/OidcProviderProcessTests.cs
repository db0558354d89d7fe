using System.Net;
using AwesomeAssertions;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Upstreams;
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

    [Fact]
    public async Task It_stops_and_starts_again_at_the_same_issuer_with_what_it_knew()
    {
        await using var provider = await OidcProviderProcess.StartAsync();
        using var client = await RelyingParty.RegisterAsync(provider);
        using var person = new BrowserlessLogin(provider);
        var landing = await person.GoAsync(client.AuthorizationUrl(), "alice", RelyingParty.IsRedirectUri);
        var tokens = await client.RedeemAsync(landing.Query("code")!);

        await provider.StopAsync();
        await client.Invoking(stranded => stranded.RefreshAsync(tokens.RefreshToken)).Should().ThrowAsync<HttpRequestException>();
        await provider.StartAgainAsync(newKey: true);

        var refreshed = await client.RefreshAsync(tokens.RefreshToken);
        refreshed.Status.Should().Be(HttpStatusCode.OK, "{0}", provider.Transcript);
        refreshed.Header.GetProperty("kid").GetString().Should().NotBe(tokens.Header.GetProperty("kid").GetString());
        (await client.KeysAsync()).Should().Contain([refreshed.Header.GetProperty("kid").GetString(), tokens.Header.GetProperty("kid").GetString()]);
        var again = await person.GoAsync(client.AuthorizationUrl(), "bob", RelyingParty.IsRedirectUri);
        (await client.RedeemAsync(again.Query("code")!)).Claims.GetProperty("sub").GetString().Should().Be("alice", "her session goes on and nobody is asked");
    }

    [Fact]
    public async Task What_an_operator_changes_shows_in_the_next_tokens_and_what_is_revoked_gives_none()
    {
        await using var provider = await OidcProviderProcess.StartAsync();
        using var client = await RelyingParty.RegisterAsync(provider);
        var tokens = await client.LogInAsync("alice");

        await provider.SetAccountAsync("alice", "devs");
        var fewer = await client.RefreshAsync(tokens.RefreshToken);
        await provider.RevokeAsync("alice");
        var none = await client.RefreshAsync(fewer.RefreshToken);

        fewer.Claims.GetProperty("groups").ToString().Should().Be("""["devs"]""");
        none.Error.Should().Be("invalid_grant");
    }

    [Fact]
    public async Task Clients_are_told_of_a_logout_over_TLS_with_the_session_that_ends()
    {
        var certificate = TestCertificates.Shared.Server();
        await using var listener = new RawUpstream(new RawUpstreamOptions { Certificate = certificate.Certificate });
        await using var provider = await OidcProviderProcess.StartAsync();
        using var client = await RelyingParty.RegisterAsync(provider, "told", $"{listener.Url}/back-channel");
        var tokens = await client.LogInAsync("alice");

        var problems = await provider.LogOutAsync("alice");

        problems.Should().Equal([null], provider.Transcript);
        var told = await listener.WaitForRequestAsync();
        told.RequestLine.Should().Be("POST /back-channel HTTP/1.1");
        var claims = TokenAnswer.Decode(told.BodyText["logout_token=".Length..], 1);
        claims.GetProperty("sid").GetString().Should().Be(tokens.Claims.GetProperty("sid").GetString());
        claims.GetProperty("events").ToString().Should().Be("""{"http://schemas.openid.net/event/backchannel-logout":{}}""");
        claims.TryGetProperty("nonce", out _).Should().BeFalse("OpenID Connect Back-Channel Logout 1.0, section 2.4");
    }

    [Fact]
    public async Task A_client_whose_certificate_it_does_not_trust_is_told_nothing()
    {
        var certificate = new TestCertificates().Server();
        await using var listener = new RawUpstream(new RawUpstreamOptions { Certificate = certificate.Certificate });
        await using var provider = await OidcProviderProcess.StartAsync();
        using var client = await RelyingParty.RegisterAsync(provider, "told", $"{listener.Url}/back-channel");
        await client.LogInAsync("alice");

        var problems = await provider.LogOutAsync("alice");

        problems.Should().ContainSingle().Which.Should().NotBeNull();
        listener.Requests.Should().BeEmpty();
    }
}
