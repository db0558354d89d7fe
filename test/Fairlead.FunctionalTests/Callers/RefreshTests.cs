using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.FunctionalTests.Sessions;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>Sessions whose tokens expire, at a provider that rotates refresh tokens and ends the session of whoever uses one twice.</summary>
public sealed class RefreshTests
{
    private const string Pods = "/clusters/trusting/api/v1/pods";

    [Fact]
    public async Task Tokens_are_renewed_before_they_expire()
    {
        await using var world = await LoginWorld.StartAsync();
        world.Issuer.Lifetime = TimeSpan.FromSeconds(4);
        var tab = await world.SignedInAsync();
        (await tab.FetchAsync("GET", Pods)).Status.Should().Be(200);
        var first = world.Upstream.Requests[^1].Header("Authorization");

        await Eventually.BeTrueAsync(
            async () =>
            {
                (await tab.FetchAsync("GET", Pods)).Status.Should().Be(200);
                return !string.Equals(world.Upstream.Requests[^1].Header("Authorization"), first, StringComparison.Ordinal);
            },
            "another token travels");

        world.Issuer.Revoked.Should().Be(0);
        world.Issuer.Calls("/token refresh_token").Should().BeGreaterThan(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task T90_Fifty_requests_at_once_on_two_replicas_refresh_once(bool isShared)
    {
        await using var redis = isShared ? await StartRedisAsync() : null;
        await using var world = await LoginWorld.StartAsync(options => redis is null ? options : options with { Sessions = Shared(redis) });
        world.Issuer.Lifetime = TimeSpan.FromSeconds(1);
        var tab = await world.SignedInAsync();
        var ports = isShared ? new[] { world.Gateway.Port, (await world.AddGatewayAsync()).Port } : [world.Gateway.Port];
        await Task.Delay(TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken);
        world.Issuer.Lifetime = TimeSpan.FromHours(1);
        var request = tab.WithCookies(RawRequest.Get(Pods).With("Sec-Fetch-Site", "same-origin"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => WireClient.ExchangeAsync(WireProtocol.Http11, ports[i % ports.Length], request)));

        answers.Select(static answer => answer.Status).Should().AllBeEquivalentTo(200);
        world.Issuer.Calls("/token refresh_token").Should().Be(1);
        world.Issuer.Revoked.Should().Be(0);
        world.Upstream.Requests.Select(static sent => sent.Header("Authorization")).Distinct(StringComparer.Ordinal).Should().ContainSingle("no dead token was sent");
        (await tab.FetchAsync("GET", "/auth/me")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_refresh_that_the_provider_refuses_ends_the_session()
    {
        await using var world = await LoginWorld.StartAsync();
        world.Issuer.Lifetime = TimeSpan.FromSeconds(1);
        var tab = await world.SignedInAsync();
        world.Issuer.Forget("7");

        await Eventually.BeTrueAsync(async () => (await tab.FetchAsync("GET", Pods)).Status == 401, "the session ends");

        var sent = world.Upstream.Requests.Count;
        world.Issuer.Lifetime = TimeSpan.FromHours(1);
        (await tab.FetchAsync("GET", "/auth/me")).Status.Should().Be(401);
        world.Upstream.Requests.Count.Should().Be(sent);
    }

    [Fact]
    public async Task A_provider_that_is_away_ends_nothing_and_no_dead_token_is_sent()
    {
        await using var world = await LoginWorld.StartAsync();
        world.Issuer.Lifetime = TimeSpan.FromSeconds(1);
        var tab = await world.SignedInAsync();
        world.Issuer.Fails = 503;

        await Eventually.BeTrueAsync(async () => (await tab.FetchAsync("GET", Pods)).Status == 503, "the tokens are dead");

        var asked = world.Issuer.Calls("/token refresh_token");
        for (var i = 0; i < 10; i++)
        {
            (await tab.FetchAsync("GET", Pods)).Status.Should().Be(503);
        }

        world.Issuer.Calls("/token refresh_token").Should().BeLessThanOrEqualTo(asked + 1, "an attempt that failed is not repeated at once");
        world.Issuer.Fails = null;
        world.Issuer.Lifetime = TimeSpan.FromHours(1);
        await Eventually.BeTrueAsync(async () => (await tab.FetchAsync("GET", Pods)).Status == 200, "the session goes on");
    }

    [Fact]
    public async Task A_refresh_goes_on_when_nobody_waits_for_it_any_more()
    {
        await using var world = await LoginWorld.StartAsync();
        world.Issuer.Lifetime = TimeSpan.FromSeconds(1);
        var tab = await world.SignedInAsync();
        await Task.Delay(TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken);
        world.Issuer.Lifetime = TimeSpan.FromHours(1);
        world.Issuer.TokenGate = new Gate();
        await using (var client = await RawClient.ConnectAsync(world.Gateway.Port))
        {
            await client.WriteAsync(tab.WithCookies(RawRequest.Get(Pods).With("Sec-Fetch-Site", "same-origin")).ToHttp11());
            await Eventually.BeTrueAsync(() => world.Issuer.Calls("/token refresh_token") == 1, "the provider is asked");
            client.Reset();
        }

        world.Issuer.TokenGate.Open();

        (await tab.FetchAsync("GET", Pods)).Status.Should().Be(200);
        (world.Issuer.Calls("/token refresh_token"), world.Issuer.Revoked).Should().Be((1, 0));
    }

    [Fact]
    public async Task Without_a_refresh_token_a_session_ends_with_its_tokens()
    {
        await using var world = await LoginWorld.StartAsync();
        world.Issuer.GivesRefreshTokens = false;
        world.Issuer.Lifetime = TimeSpan.FromSeconds(2);
        var tab = await world.SignedInAsync();

        (await tab.FetchAsync("GET", "/auth/me")).Status.Should().Be(200);
        await Eventually.BeTrueAsync(async () => (await tab.FetchAsync("GET", "/auth/me")).Status == 401, "the session ends");
    }

    [Fact]
    public async Task An_ID_token_that_the_provider_does_not_renew_is_never_sent_dead()
    {
        await using var world = await LoginWorld.StartAsync();
        world.Issuer.RenewsIdTokens = false;
        world.Issuer.Lifetime = TimeSpan.FromSeconds(2);
        var tab = await world.SignedInAsync();
        (await tab.FetchAsync("GET", Pods)).Status.Should().Be(200);

        await Eventually.BeTrueAsync(async () => (await tab.FetchAsync("GET", Pods)).Status == 401, "the cluster's token is gone");

        (await tab.FetchAsync("GET", "/clusters/kind/api/v1/pods")).Status.Should().Be(200, "who they are is known all the same");
    }

    [Fact]
    public async Task Replicas_share_sessions_and_one_may_die()
    {
        await using var redis = await StartRedisAsync();
        await using var world = await LoginWorld.StartAsync(options => options with { Sessions = Shared(redis) });
        var tab = await world.SignedInAsync();
        var other = await world.AddGatewayAsync();

        // A login that begins on one replica may end on the other.
        var second = world.Tab();
        var address = (await second.OpenAsync("/auth/login")).Header("Location")!;
        second.Port = other.Port;
        (await LoginWorld.ReturnAsync(second, world.Issuer.SignIn(address))).Status.Should().Be(200);

        await world.Gateway.DisposeAsync();
        tab.Port = other.Port;
        (await tab.FetchAsync("GET", "/clusters/kind/api/v1/pods")).Status.Should().Be(200);
        (await tab.FetchAsync("POST", "/auth/logout")).Status.Should().Be(200);
        (await tab.FetchAsync("GET", "/auth/me")).Status.Should().Be(401);
    }

    [Fact]
    public async Task Redis_that_is_down_is_503_and_never_a_pass()
    {
        await using var redis = await StartRedisAsync();
        await using var world = await LoginWorld.StartAsync(options => options with { Sessions = Shared(redis) });
        var tab = await world.SignedInAsync();
        await redis.StopAsync();

        var response = await tab.FetchAsync("GET", "/clusters/kind/api/v1/pods");

        response.Status.Should().Be(503);
        response.BodyText.Should().Contain("store of sessions").And.NotContain("127.0.0.1");
        tab.Plant("headlamp-auth-kind.0", "somebody-elses-token", "/clusters/kind");
        (await tab.FetchAsync("GET", "/clusters/kind/api/v1/pods")).Status.Should().Be(503, "nobody becomes somebody else for it");
        (await tab.FetchAsync("POST", "/auth/logout")).Status.Should().Be(503, "whoever is told that they are signed out is");
        (await tab.SendAsync(RawRequest.Get("/api/kubernetes/clusters").WithBearer("portal-token"))).Status.Should().Be(200, "other logins do not need it");
        world.Upstream.Requests.Should().BeEmpty();
    }

    private static BrowserSessionOptions Shared(RedisServer redis) => new() { Redis = redis.Address, EncryptionSecret = new Secret(new string('s', 40)) };

    private static Task<RedisServer> StartRedisAsync()
    {
        RedisServer.SkipIfMissing();
        return RedisServer.StartAsync();
    }
}
