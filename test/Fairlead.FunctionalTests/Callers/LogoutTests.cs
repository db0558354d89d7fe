using System.Text.Json.Nodes;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.FunctionalTests.Sessions;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Issuers;
using Xunit;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>The provider says that somebody has left (OpenID Connect Back-Channel Logout 1.0).</summary>
public sealed class LogoutTests
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    public static TheoryData<string> Faults =>
    [
        "a nonce", "no events", "another event", "an event that is no object", "neither sub nor sid", "another audience", "another issuer", "another type", "an old iat", "no iat", "iat ahead",
        "no jti", "alg none", "HS256", "another key", "an ID token", "no JWT", "no token", "JSON",
    ];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task T89_A_logout_token_that_is_not_acceptable_ends_nothing(string fault)
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync();

        var response = await BothProtocols.SendAsync(world.Gateway, Request(Forge(world.Issuer, fault), fault is "JSON"));

        response.Status.Should().Be(400);
        (await tab.FetchAsync("GET", "/auth/me")).Status.Should().Be(200);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task T89_A_good_one_ends_the_session_on_every_replica_and_counts_once(bool isShared)
    {
        await using var redis = isShared ? await RedisAsync() : null;
        await using var world = await LoginWorld.StartAsync(options => redis is null ? options : options with
        {
            Sessions = new BrowserSessionOptions { Redis = redis.Address, EncryptionSecret = new Secret(new string('s', 40)) },
        });
        var first = await world.SignedInAsync(session: "sid-1");
        var second = await world.SignedInAsync(session: "sid-2");
        if (isShared)
        {
            second.Port = (await world.AddGatewayAsync()).Port;
        }

        var token = world.Issuer.LogoutToken();
        var response = await SendAsync(world, token);

        response.Status.Should().Be(200, response.BodyText);
        response.Header("Cache-Control").Should().Be("no-store");
        (await first.FetchAsync("GET", "/auth/me")).Status.Should().Be(401);
        (await second.FetchAsync("GET", "/auth/me")).Status.Should().Be(200, "only one session of theirs has ended");
        (await SendAsync(world, token)).Status.Should().Be(400, "a logout token counts once");

        (await SendAsync(world, world.Issuer.LogoutToken(changes: ("sid", null)))).Status.Should().Be(200);
        (await second.FetchAsync("GET", "/auth/me")).Status.Should().Be(401, "without a session all of the person's end");
    }

    [Fact]
    public async Task T89_The_route_takes_a_POST_without_cookies_from_anywhere()
    {
        await using var world = await LoginWorld.StartAsync();
        await world.SignedInAsync();

        (await world.Gateway.SendBareAsync(RawRequest.Get("/auth/backchannel-logout").With("Host", LoginWorld.Host))).Status.Should().Be(405);
        (await SendAsync(world, new string('x', 100_000))).Status.Should().Be(400);
    }

    private static string Forge(TestIssuer issuer, string fault) => fault switch
    {
        "a nonce" => issuer.LogoutToken(changes: ("nonce", "n")),
        "no events" => issuer.LogoutToken(changes: ("events", null)),
        "another event" => issuer.LogoutToken(changes: ("events", new JsonObject { ["x"] = new JsonObject() })),
        "an event that is no object" => issuer.LogoutToken(changes: ("events", new JsonObject { [Event] = true })),
        "neither sub nor sid" => issuer.LogoutToken(changes: [("sub", null), ("sid", null)]),
        "another audience" => issuer.LogoutToken(changes: ("aud", "else")),
        "another issuer" => issuer.LogoutToken(changes: ("iss", "https://else.example")),
        "another type" => issuer.LogoutToken(header: [("typ", "at+jwt")]),
        "an old iat" => issuer.LogoutToken(changes: ("iat", DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds())),
        "no iat" => issuer.LogoutToken(changes: ("iat", null)),
        "iat ahead" => issuer.LogoutToken(changes: ("iat", DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds())),
        "no jti" => issuer.LogoutToken(changes: ("jti", null)),
        "alg none" => issuer.LogoutToken(header: [("alg", "none")]),
        "HS256" => issuer.LogoutToken(header: [("alg", "HS256")]),
        "another key" => issuer.LogoutToken(IssuerKey.Rsa("one")),
        "an ID token" => issuer.Token(),
        "no JWT" => "x",
        "no token" => "",
        _ => issuer.LogoutToken(),
    };

    private static Task<RawResponse> SendAsync(LoginWorld world, string token) => world.Gateway.SendBareAsync(Request(token));

    private static RawRequest Request(string token, bool asJson = false) => new RawRequest("POST", "/auth/backchannel-logout").With("Host", LoginWorld.Host)
        .WithBody(asJson ? $$"""{"logout_token":"{{token}}"}""" : "logout_token=" + token, asJson ? "application/json" : "application/x-www-form-urlencoded");

    private static Task<RedisServer> RedisAsync()
    {
        RedisServer.SkipIfMissing();
        return RedisServer.StartAsync();
    }
}
