using AwesomeAssertions;
using Fairlead.Cli.Gateways;
using Fairlead.Cli.Http;
using Fairlead.Cli.Logins;
using Xunit;

namespace Fairlead.Cli.Tests.Logins;

/// <summary>RFC 8628, with answers that a provider gives in their time.</summary>
public sealed class DeviceLoginTests : IAsyncLifetime
{
    private readonly InstantTime _time = new();
    private readonly SecureHttp _http = new(null);
    private Person _person = null!;
    private ScriptedProvider _provider = null!;

    public async ValueTask InitializeAsync() => (_person, _provider) = (new Person { Time = _time }, await ScriptedProvider.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        _http.Dispose();
        _person.Dispose();
    }

    [Fact]
    public async Task Somebody_types_the_code_and_is_waited_for_as_slowly_as_the_provider_asks()
    {
        Begin(interval: 3);
        _provider.Fail("authorization_pending");
        _provider.Fail("slow_down");
        _provider.Fail("authorization_pending");
        _provider.Answer("busy", status: 503);
        var token = _provider.Grant("refresh", ("exp", DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds()));

        var tokens = await RunAsync();

        tokens.IdToken.Should().Be(token);
        tokens.RefreshToken.Should().Be("refresh");
        _time.Waits.Select(static wait => wait.TotalSeconds).Should().Equal(3, 3, 8, 8, 16);
        _person.Errors.ToString().Should().Contain("https://idp.test/device").And.Contain("WDJB-MJHT").And.Contain("https://idp.test/device?user_code=WDJB-MJHT");
        _person.Output.ToString().Should().BeEmpty();
        _provider.Asked[0].Should().Contain("scope", "openid offline_access").And.Contain("client_id", ScriptedProvider.ClientId);
        _provider.Asked[1].Should().Contain("grant_type", "urn:ietf:params:oauth:grant-type:device_code").And.Contain("device_code", "device");
    }

    [Theory]
    [InlineData("access_denied", "refused on the other device")]
    [InlineData("expired_token", "expired before anybody entered it")]
    [InlineData("invalid_grant", "Signing in failed: http*says 'invalid_grant'")]
    public async Task An_end_without_a_login_says_why(string error, string why)
    {
        Begin(interval: null);
        _provider.Fail("authorization_pending");
        _provider.Fail(error);

        await FluentActions.Awaiting(RunAsync).Should().ThrowAsync<CommandFailure>().WithMessage($"*{why}*");

        _time.Waits.Select(static wait => wait.TotalSeconds).Should().Equal(5, 5);
    }

    [Fact]
    public async Task A_provider_that_never_decides_is_asked_until_the_code_expires()
    {
        Begin(interval: 30);
        for (var i = 0; i < 4; i++)
        {
            _provider.Fail("authorization_pending");
        }

        await FluentActions.Awaiting(RunAsync).Should().ThrowAsync<CommandFailure>().WithMessage("*expired*");

        _provider.Asked.Should().HaveCount(5, "two minutes have four times thirty seconds");
    }

    [Fact]
    public async Task A_client_that_may_not_sign_in_so_learns_why()
    {
        _provider.Fail("unauthorized_client", "device flow is not allowed for this client");

        await FluentActions.Awaiting(RunAsync).Should().ThrowAsync<CommandFailure>().WithMessage("*'device flow is not allowed for this client' (unauthorized_client)*");
    }

    private void Begin(int? interval) => _provider.Answer(new
    {
        device_code = "device", user_code = "WDJB-MJHT", verification_uri = "https://idp.test/device", verification_uri_complete = "https://idp.test/device?user_code=WDJB-MJHT", expires_in = 120, interval,
    });

    private async Task<ProviderTokens> RunAsync()
    {
        var provider = await ProviderClient.FindAsync(_provider.Issuer, ScriptedProvider.ClientId, null, _http, _time, CancellationToken.None);
        return await new DeviceLogin(provider, new LoginProvider("oidc", _provider.Issuer, ScriptedProvider.ClientId, null, ["openid", "offline_access"], null), _person.Surroundings).RunAsync(CancellationToken.None);
    }
}
