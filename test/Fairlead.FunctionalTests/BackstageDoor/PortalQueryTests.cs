using System.Text.Json.Nodes;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

/// <summary>Queries by catalog entity go to the portal's own backend, with the portal's own token (decision 26).</summary>
public sealed class PortalQueryTests : IAsyncLifetime
{
    private const string Body = """{"entity":{"kind":"Component"},"auth":{"google":"g"}}""";

    private readonly IssuerKey _key = IssuerKey.Ec("k");
    private readonly RawUpstream _portal = new();
    private readonly RawUpstream _cluster = new();
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _portal.Respond(request => request.Target.EndsWith("/jwks.json", StringComparison.Ordinal)
            ? RawAnswer.Json(200, new JsonObject { ["keys"] = new JsonArray(_key.ToJwk()) }.ToJsonString())
            : RawAnswer.Text(201, """{"items":[]}""", "application/json", "Set-Cookie: portal=1", "X-Portal: 1"));
        var options = TestGateway.Options(TestCluster.Held("kind", _cluster.Url));
        _gateway = await TestGateway.StartAsync(options with { Auth = options.Auth! with { Backstage = new BackstageOptions(new Uri(_portal.Url), _portal.Url, [], null) } });
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _portal.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Theory]
    [InlineData("/services/component%2Fweb?x=1")]
    [InlineData("/resources/workloads/query")]
    [InlineData("/resources/custom/query")]
    public async Task Decision26_A_query_arrives_as_it_was_sent_and_its_answer_comes_back(string path)
    {
        var token = Token();
        var request = new RawRequest("POST", "/api/kubernetes" + path).WithBearer(token).WithBody(Body).With("Cookie", "a=b").With("Backstage-Kubernetes-Authorization", "Bearer own").With("X-Other", "x");

        var response = await _gateway.SendBareAsync(request);

        response.Status.Should().Be(201);
        response.BodyText.Should().Be("""{"items":[]}""");
        response.Headers("Set-Cookie").Should().BeEmpty();
        response.Header("X-Portal").Should().BeNull();
        var sent = _portal.Requests[^1];
        (sent.Method, sent.Target, sent.BodyText).Should().Be(("POST", "/api/kubernetes" + path, Body));
        sent.Header("Authorization").Should().Be("Bearer " + token);
        sent.ToString().Should().NotContain("Cookie").And.NotContain("own").And.NotContain("X-Other");
        _cluster.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Decision26_A_token_that_the_portal_has_not_issued_does_not_reach_it()
    {
        (await _gateway.SendAsync(new RawRequest("POST", "/api/kubernetes/resources/custom/query").WithBody(Body))).Status.Should().Be(403);
        (await _gateway.SendBareAsync(new RawRequest("POST", "/api/kubernetes/resources/custom/query").WithBody(Body))).Status.Should().Be(401);
        (await _gateway.SendBareAsync(new RawRequest("POST", "/api/kubernetes/resources/custom/query").WithBearer("x").WithBody(Body))).Status.Should().Be(401);

        _portal.Requests.Select(static request => request.Target).Should().AllSatisfy(static target => target.Should().EndWith("/jwks.json"));
    }

    [Fact]
    public async Task Decision26_A_portal_that_is_away_is_502_without_its_address()
    {
        var token = Token();
        (await _gateway.SendBareAsync(RawRequest.Get("/auth/me").WithBearer(token))).Status.Should().Be(200);
        _portal.OnConnection(static _ => Task.CompletedTask);

        var response = await _gateway.SendBareAsync(new RawRequest("POST", "/api/kubernetes/services/x").WithBearer(token).WithBody(Body));

        response.Status.Should().Be(502);
        response.BodyText.Should().NotContain($"{_portal.Port}").And.NotContain("127.0.0.1");
    }

    private string Token()
    {
        var now = DateTimeOffset.UtcNow;
        return _key.Sign(
            new JsonObject
            {
                ["iss"] = _portal.Url + "/api/auth", ["aud"] = "backstage", ["sub"] = "user:default/jane", ["ent"] = new JsonArray("user:default/jane"),
                ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = now.AddHours(1).ToUnixTimeSeconds(),
            },
            ("typ", "vnd.backstage.user"));
    }
}
