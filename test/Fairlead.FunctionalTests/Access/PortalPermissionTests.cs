using System.Text.Json.Nodes;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Access;

/// <summary>The portal's permission backend as one more judge at the Backstage door (contract S34, F48).</summary>
public sealed class PortalPermissionTests : IAsyncLifetime
{
    private const string Authorize = "/api/permission/authorize";
    private const string Pods = "/api/kubernetes/proxy/api/v1/namespaces/team/pods";
    private const string Exec = "/api/v1/namespaces/team/pods/web/exec?command=sh";

    private readonly IssuerKey _key = IssuerKey.Ec("k");
    private readonly RawUpstream _portal = new();
    private readonly RawUpstream _cluster = new();
    private Func<RecordedRequest, RawAnswer> _judge = Answer("ALLOW");
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _portal.Respond(request => request.Target switch
        {
            Authorize => _judge(request),
            _ when request.Target.EndsWith("jwks.json", StringComparison.Ordinal) => RawAnswer.Json(200, new JsonObject { ["keys"] = new JsonArray(_key.ToJwk()) }.ToJsonString()),
            _ => RawAnswer.Json(404, "{}"),
        });
        _gateway = await StartAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _portal.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task B64_What_the_portal_allows_and_a_rule_too_goes_upstream()
    {
        var token = UserToken();

        (await GetAsync(Pods, token)).Status.Should().Be(200);

        var asked = Questions.Should().ContainSingle().Subject;
        asked.Method.Should().Be("POST");
        asked.Header("Authorization").Should().Be("Bearer " + token);
        asked.Header("Content-Type").Should().Be("application/json");
        var item = JsonNode.Parse(asked.BodyText)!["items"]!.AsArray().Should().ContainSingle().Subject!;
        Guid.TryParse(item["id"]!.GetValue<string>(), out _).Should().BeTrue();
        item["permission"]!.ToJsonString().Should().Be("""{"type":"basic","name":"kubernetes.proxy","attributes":{}}""");
        _cluster.Requests.Should().ContainSingle().Which.ToString().Should().NotContain(token);
    }

    [Fact]
    public async Task B64_What_the_portal_allows_and_no_rule_is_403()
    {
        (await GetAsync(Pods, UserToken("group:default/readers"))).Status.Should().Be(403);
        (await GetAsync(Pods, UserToken("group:default/others"))).Status.Should().Be(403);
        _cluster.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("DENY")]
    [InlineData("CONDITIONAL")]
    public async Task B64_What_the_portal_does_not_allow_is_403_whatever_cluster_was_asked_for(string result)
    {
        _judge = Answer(result);

        var known = await GetAsync(Pods, UserToken());
        var unknown = await GetAsync(Pods, UserToken(), "no-such-cluster");

        known.Status.Should().Be(403);
        var error = JsonNode.Parse(known.BodyText)!["error"]!;
        error["name"]!.GetValue<string>().Should().Be("NotAllowedError");
        error["message"]!.GetValue<string>().Should().StartWith("Unauthorized").And.Contain("kubernetes.proxy");
        unknown.BodyText.Should().Be(known.BodyText);
        unknown.Status.Should().Be(403);
        _cluster.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("""{"items":[{"id":"another","result":"ALLOW"}]}""")]
    [InlineData("""{"items":[]}""")]
    [InlineData("""{"items":[null]}""")]
    [InlineData("""{"items":"ALLOW"}""")]
    [InlineData("""{}""")]
    [InlineData("null")]
    [InlineData("ALLOW")]
    [InlineData("")]
    public async Task B64_An_answer_to_another_question_is_503(string answer)
    {
        _judge = _ => RawAnswer.Json(200, answer);

        (await GetAsync(Pods, UserToken())).Status.Should().Be(503);
        _cluster.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(403)]
    [InlineData(302)]
    [InlineData(201)]
    public async Task B64_Any_other_status_than_200_is_503_and_asked_again(int status)
    {
        _judge = request => Answer("ALLOW", status)(request);
        var token = UserToken();

        var refused = await GetAsync(Pods, token);
        _judge = Answer("ALLOW");

        refused.Status.Should().Be(503);
        refused.Header("Retry-After").Should().NotBeNull();
        refused.BodyText.Should().NotContain($"{_portal.Port}");
        (await GetAsync(Pods, token)).Status.Should().Be(200);
        _cluster.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task B64_A_portal_that_cannot_be_reached_is_503()
    {
        var token = UserToken();
        (await GetAsync("/auth/me", token)).Status.Should().Be(200);
        _portal.OnConnection(static _ => Task.CompletedTask);

        (await GetAsync(Pods, token)).Status.Should().Be(503);
        (await GetAsync("/api/kubernetes/clusters", token)).Status.Should().Be(503);
        _cluster.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task B64_A_token_that_the_portal_no_longer_accepts_is_401()
    {
        _judge = static _ => RawAnswer.Json(401, """{"error":{"name":"AuthenticationError"}}""");

        (await GetAsync(Pods, UserToken())).Status.Should().Be(401);
    }

    [Fact]
    public async Task B64_The_list_of_clusters_needs_a_permission_of_its_own()
    {
        _judge = request => Answer(request.BodyText.Contains("kubernetes.clusters.read", StringComparison.Ordinal) ? "DENY" : "ALLOW")(request);
        var token = UserToken();

        var denied = await GetAsync("/api/kubernetes/clusters", token);
        (await GetAsync(Pods, token)).Status.Should().Be(200);

        denied.Status.Should().Be(403);
        JsonNode.Parse(Questions.First().BodyText)!["items"]![0]!["permission"]!.ToJsonString().Should().Be("""{"type":"basic","name":"kubernetes.clusters.read","attributes":{"action":"read"}}""");
        _judge = Answer("ALLOW");
        (await GetAsync("/api/kubernetes/clusters", UserToken("group:default/devs", "joe"))).BodyText.Should().Contain("kind");
    }

    [Fact]
    public async Task An_answer_is_remembered_for_its_token_and_permission()
    {
        var (one, other) = (UserToken(), UserToken("group:default/devs", "joe"));
        for (var i = 0; i < 5; i++)
        {
            (await GetAsync(Pods, one)).Status.Should().Be(200);
            (await GetAsync(Pods, other)).Status.Should().Be(200);
        }

        Questions.Should().HaveCount(2);
    }

    [Fact]
    public async Task S34_Machines_are_not_asked_about_and_the_rules_decide()
    {
        _judge = Answer("DENY");

        (await GetAsync(Pods, TestGateway.Token)).Status.Should().Be(200);
        (await GetAsync(Pods, PluginToken())).Status.Should().Be(200);

        Questions.Should().BeEmpty();
    }

    [Fact]
    public async Task A_plugin_on_behalf_of_a_user_is_refused_since_nobody_can_ask_about_them()
    {
        var response = await GetAsync(Pods, PluginToken(LimitedToken()));

        response.Status.Should().Be(403);
        response.BodyText.Should().Contain("auth.backstage.permissions");
        Questions.Should().BeEmpty();
    }

    [Fact]
    public async Task The_other_doors_are_not_the_portals()
    {
        _judge = Answer("DENY");

        (await GetAsync("/clusters/kind/api/v1/namespaces/team/pods", UserToken())).Status.Should().Be(200);

        Questions.Should().BeEmpty();
    }

    [Fact]
    public async Task B92_The_portal_is_asked_when_a_ticket_is_used()
    {
        _cluster.OnConnection(AcceptAsync);
        var allowed = await TicketAsync();
        _judge = Answer("DENY");
        var denied = await TicketAsync("joe");

        (await OpenAsync(denied)).Status.Should().Be(403);
        _judge = Answer("ALLOW");
        (await OpenAsync(allowed)).Status.Should().Be(101);
    }

    [Fact]
    public async Task T26_A_terminal_ends_when_the_portal_takes_the_permission_away()
    {
        _cluster.OnConnection(AcceptAsync);
        await _gateway.DisposeAsync();
        _gateway = await StartAsync(TimeSpan.FromMilliseconds(600));
        await using var client = await WireClient.ConnectAsync(WireProtocol.Http11, _gateway.Port);
        var response = await client.UpgradeAsync(Terminal(await TicketAsync()));
        response.Status.Should().Be(101);

        _judge = Answer("DENY");

        var close = await WebSocketFrames.ReadAsync(response.Duplex);
        close!.CloseCode.Should().Be(1008);
        close.CloseReason.Should().Contain("kubernetes.proxy");
    }

    private Task<TestGateway> StartAsync(TimeSpan revocation)
    {
        var options = TestGateway.Options(TestCluster.Held("kind", _cluster.Url));
        return TestGateway.StartAsync(options with
        {
            Auth = options.Auth! with { Backstage = new BackstageOptions(new Uri(_portal.Url), _portal.Url, ["scaffolder"], null) { Permissions = true } },
            AccessRules =
            [
                TestGateway.AllowAll,
                TestGateway.AllowAll with { Users = ["plugin:scaffolder"], Groups = ["group:default/devs"] },
                TestGateway.AllowAll with { Users = [], Groups = ["group:default/readers"], Resources = ["secrets"] },
            ],
            Timeouts = options.Timeouts with { Revocation = revocation },
        });
    }

    private IEnumerable<RecordedRequest> Questions => _portal.Requests.Where(static request => string.Equals(request.Target, Authorize, StringComparison.Ordinal));

    private static Func<RecordedRequest, RawAnswer> Answer(string result, int status = 200) => request => RawAnswer.Json(status, new JsonObject
    {
        ["items"] = new JsonArray(new JsonObject { ["id"] = JsonNode.Parse(request.BodyText)!["items"]![0]!["id"]!.GetValue<string>(), ["result"] = result }),
    }.ToJsonString());

    private static async Task AcceptAsync(RawUpstreamConnection connection)
    {
        if (await connection.ReadForwardedAsync() is { } handshake)
        {
            await connection.WriteAsync(WebSocketHandshake.Accept(handshake, "v5.channel.k8s.io"));
            await connection.PeerClosed;
        }
    }

    private static RawRequest Terminal(string ticket) =>
        RawRequest.WebSocket("/api/kubernetes/proxy" + Exec, "v5.channel.k8s.io").With("Sec-Fetch-Site", "same-origin").With("Cookie", ticket);

    private async Task<RawResponse> OpenAsync(string ticket) => await RawClient.ExchangeAsync(_gateway.Port, Terminal(ticket));

    private async Task<string> TicketAsync(string user = "jane")
    {
        var answer = await _gateway.SendBareAsync(
            new RawRequest("POST", "/auth/ticket").WithBearer(UserToken("group:default/devs", user)).WithBody(new JsonObject { ["cluster"] = "kind", ["path"] = Exec }.ToJsonString()));
        answer.Status.Should().Be(200, answer.BodyText);
        return answer.Header("Set-Cookie")!.Split(';')[0];
    }

    private Task<RawResponse> GetAsync(string path, string token, string cluster = "kind")
    {
        var request = RawRequest.Get(path).WithBearer(token);
        return _gateway.SendBareAsync(path.StartsWith(Pods, StringComparison.Ordinal) ? request.With("Backstage-Kubernetes-Cluster", cluster) : request);
    }

    private string UserToken(string group = "group:default/devs", string user = "jane") => _key.Sign(
        Timed(new JsonObject { ["iss"] = _portal.Url + "/api/auth", ["aud"] = "backstage", ["sub"] = "user:default/" + user, ["ent"] = new JsonArray("user:default/" + user, group) }),
        ("typ", "vnd.backstage.user"));

    private string LimitedToken() => _key.Sign(
        Timed(new JsonObject { ["sub"] = "user:default/jane", ["ent"] = new JsonArray("group:default/devs") }), ("typ", "vnd.backstage.limited-user"));

    private string PluginToken(string? onBehalfOf = null)
    {
        var claims = Timed(new JsonObject { ["sub"] = "scaffolder", ["aud"] = "kubernetes" });
        if (onBehalfOf is not null)
        {
            claims["obo"] = onBehalfOf;
        }

        return _key.Sign(claims, ("typ", "vnd.backstage.plugin"));
    }

    private static JsonObject Timed(JsonObject claims)
    {
        var now = DateTimeOffset.UtcNow;
        claims["iat"] = now.ToUnixTimeSeconds();
        claims["exp"] = now.AddHours(1).ToUnixTimeSeconds();
        return claims;
    }
}
