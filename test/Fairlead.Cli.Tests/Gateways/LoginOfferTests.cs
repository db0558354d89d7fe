using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Issuers;
using Xunit;

namespace Fairlead.Cli.Tests.Gateways;

/// <summary>What <c>auth.oidc[].cli</c> makes of a gateway: it tells how people sign in, and takes their tokens.</summary>
public sealed class LoginOfferTests : IAsyncLifetime
{
    private TestIssuer _issuer = null!;
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await TestIssuer.StartAsync();
        var options = TestGateway.Options();
        var provider = new OidcOptions { Name = "corp", Issuer = _issuer.Issuer, ClientId = "browsers", CallbackUrl = new Uri("http://127.0.0.1:1/auth/callback"), Claims = new ClaimOptions { Username = "email" } };
        _gateway = await TestGateway.StartAsync(options with
        {
            Auth = options.Auth! with { Oidc = [provider with { Cli = new CliOptions { ClientId = "cli", Scopes = ["openid", "offline_access"] } }, provider with { Name = "browsers-only" }] },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task Everybody_may_know_where_and_as_what_to_sign_in()
    {
        var response = await _gateway.SendBareAsync(RawRequest.Get("/auth/cli"));

        response.Status.Should().Be(200);
        response.Header("Cache-Control").Should().Contain("no-cache");
        JsonSerializer.Deserialize<JsonElement>(response.BodyText).GetRawText().Should().Be(
            $$"""{"providers":[{"name":"corp","issuer":"{{_issuer.Issuer}}","clientId":"cli","scopes":["openid","offline_access"],"redirectUrl":"http://127.0.0.1/callback"}]}""");
        (await _gateway.SendBareAsync(RawRequest.Get("/auth/cli") with { Method = "HEAD" })).Status.Should().Be(200);
        (await _gateway.SendBareAsync(RawRequest.Get("/auth/cli") with { Method = "POST" })).Status.Should().Be(405);
    }

    [Fact]
    public async Task One_key_makes_the_gateway_take_the_tokens_and_read_them_as_those_of_browsers()
    {
        var token = _issuer.Token(("aud", "cli"));

        var response = await _gateway.SendBareAsync(RawRequest.Get("/auth/me").WithBearer(token));

        response.Status.Should().Be(200);
        response.BodyText.Should().Contain("\"name\":\"jane@example.com\"").And.Contain("\"login\":\"jwt\"");
    }

    [Theory]
    [InlineData("browsers")]
    [InlineData("somebody-else")]
    public async Task Tokens_for_others_are_not_taken(string audience) =>
        (await _gateway.SendBareAsync(RawRequest.Get("/auth/me").WithBearer(_issuer.Token(("aud", audience))))).Status.Should().Be(401);

    [Fact]
    public void An_issuer_of_bearer_tokens_gets_one_audience_more()
    {
        var jwt = new JwtOptions { Name = "own", Issuer = "https://idp", Audiences = ["api"], Claims = new ClaimOptions { Username = "email" } };
        var oidc = new OidcOptions { Name = "oidc", Issuer = "https://idp", ClientId = "b", CallbackUrl = new Uri("https://gw/auth/callback"), Cli = new CliOptions { ClientId = "cli", Scopes = [] } };

        var issuer = new AuthOptions { Jwt = [jwt], Oidc = [oidc] }.BearerIssuers().Should().ContainSingle().Which;

        issuer.Should().BeEquivalentTo(jwt with { Audiences = ["api", "cli"] });
        new AuthOptions { Jwt = [jwt], Oidc = [oidc with { Cli = null }] }.BearerIssuers().Should().ContainSingle().Which.Should().BeSameAs(jwt);
    }
}
