using System.Net;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>Browser logins with <c>oidc-provider</c>, unmodified: refresh tokens rotate, the use of an old one ends everything, and it tells clients of logouts.</summary>
public sealed class OidcProviderTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string> _alice = new(StringComparer.Ordinal) { ["login"] = "alice" };

    private readonly RawUpstream _upstream = new();
    private readonly Uri _origin = LoginHouse.NewOrigin();
    private OidcProviderProcess _provider = null!;
    private LoginHouse _house = null!;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_house is not null)
        {
            await _house.DisposeAsync();
        }

        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }

        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task Somebody_signs_in_and_is_who_the_provider_says()
    {
        await StartAsync();
        using var browser = new FormBrowser();

        var end = await browser.WalkAsync(At("/auth/login?return=%2Fauth%2Fme"), _alice);

        end.StatusCode.Should().Be(HttpStatusCode.OK, _provider.Transcript);
        var (_, body) = await browser.FetchAsync(HttpMethod.Get, At("/auth/me"));
        var me = JsonSerializer.Deserialize<JsonElement>(body);
        me.GetProperty("name").GetString().Should().Be("alice");
        me.GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Should().Equal("devs", "admins");
        me.GetProperty("email").GetString().Should().Be("alice@example.com");
    }

    [Fact]
    public async Task T90_Tokens_are_refreshed_and_the_provider_never_sees_an_old_refresh_token()
    {
        await StartAsync(accessTokenSeconds: 3);
        using var browser = new FormBrowser();
        await browser.WalkAsync(At("/auth/login?return=%2Fauth%2Fme"), _alice);

        while (_provider.Refreshes < 3)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => browser.FetchAsync(HttpMethod.Get, At("/clusters/trusting/api/v1/pods"))));
            answers.Select(static answer => answer.Status).Should().AllBeEquivalentTo(HttpStatusCode.OK);
        }

        _provider.Revocations.Should().Be(0, _provider.Transcript);
        _upstream.Requests.Select(static request => request.Header("Authorization")).Should().AllSatisfy(static value => value.Should().StartWith("Bearer ey"));
    }

    [Fact]
    public async Task T89_A_sign_out_at_the_provider_ends_the_session_here()
    {
        await StartAsync();
        using var browser = new FormBrowser();
        await browser.WalkAsync(At("/auth/login?return=%2Fauth%2Fme"), _alice);

        await browser.WalkAsync(new Uri($"{_provider.Issuer}/session/end?client_id={OidcProviderProcess.ClientId}"));

        await Eventually.BeTrueAsync(() => _provider.Told == 1, $"the provider tells the gateway: {_provider.Transcript}");
        (await browser.FetchAsync(HttpMethod.Get, At("/auth/me"))).Status.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_sign_out_here_is_one_at_the_provider_too_and_comes_back()
    {
        await StartAsync();
        using var browser = new FormBrowser();
        await browser.WalkAsync(At("/auth/login?return=%2Fauth%2Fme"), _alice);
        var (status, body) = await browser.FetchAsync(HttpMethod.Post, At("/auth/logout"));
        status.Should().Be(HttpStatusCode.OK);

        var end = await browser.WalkAsync(new Uri(JsonSerializer.Deserialize<JsonElement>(body).GetProperty("redirect").GetString()!));

        end.RequestMessage!.RequestUri.Should().Be(_origin, _provider.Transcript);
        (await browser.FetchAsync(HttpMethod.Get, At("/auth/me"))).Status.Should().Be(HttpStatusCode.Unauthorized);
        var again = await browser.WalkAsync(At("/auth/login?return=%2Fauth%2Fme"), new Dictionary<string, string>(StringComparer.Ordinal) { ["login"] = "bob" });
        (await again.Content.ReadAsStringAsync()).Should().Contain("\"bob\"", "the provider has forgotten alice");
    }

    private Uri At(string path) => new(_origin, path);

    private async Task StartAsync(int accessTokenSeconds = 3600)
    {
        _provider = await OidcProviderProcess.StartAsync(_origin, accessTokenSeconds);
        _house = await LoginHouse.StartAsync(
            _origin, _provider.Issuer, OidcProviderProcess.ClientId, OidcProviderProcess.ClientSecret, null,
            TestCluster.Held("kind", _upstream.Url), TestCluster.ClientSide("trusting", _upstream.Url, "oidc", "oidc"));
    }
}
