using AwesomeAssertions;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>A real browser signs in with each provider: directly, to show that the harness works, and at a gateway.</summary>
public sealed class BrowserLoginTests
{
    private const string Mine = "fetch('/auth/me').then(async answer => ({ me: await answer.json(), cookies: document.cookie }))";

    [Theory]
    [InlineData(ProviderKind.OidcProvider)]
    [InlineData(ProviderKind.OpenIddict)]
    public async Task A_browser_brings_a_code_to_the_client(ProviderKind kind)
    {
        await using var provider = await Providers.StartAsync(kind);
        using var client = await RelyingParty.RegisterAsync(provider);

        var landing = await BrowserLogin.GoAsync(new(client.AuthorizationUrl(), "bob", $"^{RelyingParty.RedirectUri}") { Absent = true });

        var tokens = await client.RedeemAsync(new Landing(landing.Url, Status: null, Page: "").Query("code")!);
        tokens.Claims.GetProperty("sub").GetString().Should().Be("bob");
    }

    [Theory]
    [InlineData(ProviderKind.OidcProvider)]
    [InlineData(ProviderKind.OpenIddict)]
    public async Task A_browser_signs_in_at_the_gateway_and_its_pages_get_no_hold_of_the_session(ProviderKind kind)
    {
        await using var provider = await Providers.StartAsync(kind);
        var origin = LoginHouse.NewOrigin();
        await provider.AddClientAsync(OidcProviderProcess.OfGateway(origin));
        await using var house = await LoginHouse.StartAsync(
            origin, provider.Issuer, OidcProviderProcess.ClientId, OidcProviderProcess.ClientSecret, change: null, TestCluster.Held("kind", "https://127.0.0.1:1"));

        var landing = await BrowserLogin.GoAsync(new(new Uri(origin, "/auth/login?return=%2Fauth%2Fme"), "alice", $"^{origin.AbsoluteUri}auth/me$") { Evaluate = Mine });

        landing.Status.Should().Be(200, landing.Page);
        var seen = landing.Value!.Value;
        seen.GetProperty("me").GetProperty("name").GetString().Should().Be("alice");
        seen.GetProperty("me").GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Should().Equal("devs", "admins");
        seen.GetProperty("cookies").GetString().Should().BeEmpty();
        landing.Visited.Should().Contain(visited => visited.Host == "127.0.0.1", "the provider is another site, from which the browser comes back");
        landing.Cookies.Where(static cookie => cookie.Domain is "localhost").Should().NotBeEmpty().And.AllSatisfy(static cookie =>
        {
            cookie.HttpOnly.Should().BeTrue();
            cookie.Secure.Should().BeTrue();
            cookie.SameSite.Should().BeOneOf("Lax", "Strict");
        });
    }
}
