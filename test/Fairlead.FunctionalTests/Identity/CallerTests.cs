using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Identity;

/// <summary>Who is let in, what a rule lets them do, and what never goes on.</summary>
public sealed class CallerTests
{
    [Theory]
    [InlineData(null, "Missing credentials")]
    [InlineData("Bearer garbage", "Illegal token")]
    [InlineData("Bearer", "Illegal token")]
    [InlineData("Bearer ", "Illegal token")]
    [InlineData("Bearer portal-token extra", "Illegal token")]
    [InlineData("Bearer portal-token, Bearer portal-token", "Illegal token")]
    [InlineData("Basic portal-token", "Illegal token")]
    public async Task B54_B55_T07_Without_a_valid_portal_token_the_answer_is_401(string? authorization, string message)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        var request = RawRequest.Get("/api/kubernetes/proxy/api/v1/pods?access_token=portal-token").With("Backstage-Kubernetes-Cluster", "kind");

        var response = await gateway.SendBareAsync(authorization is null ? request : request.With("Authorization", authorization));

        response.Status.Should().Be(401);
        response.Json.RootElement.GetProperty("error").GetProperty("message").GetString().Should().Be(message);
        response.Header("WWW-Authenticate").Should().Be("Bearer");
        response.BodyText.Should().NotContain("portal-token");
        upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task B56_The_scheme_is_read_without_regard_to_case_and_blanks()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.SendBareAsync(RawRequest.Get("/api/kubernetes/proxy/api").With("authorization", "bEaReR   " + TestGateway.Token));

        response.Status.Should().Be(200);
    }

    [Fact]
    public async Task T07_Two_authorization_lines_are_refused_at_both_doors()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        foreach (var target in new[] { "/api/kubernetes/proxy/api", "/clusters/kind/api" })
        {
            (await gateway.SendAsync(RawRequest.Get(target).WithBearer("other"))).Status.Should().Be(400);
        }

        upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task B60_A_caller_without_any_rule_gets_403_for_known_and_unknown_clusters_alike()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { AccessRules = [] });

        var known = await gateway.GetAsync("/api/v1/pods", "kind");
        var unknown = await gateway.GetAsync("/api/v1/pods", "zzz");

        known.Status.Should().Be(403);
        known.Json.RootElement.GetProperty("error").GetProperty("name").GetString().Should().Be("NotAllowedError");
        known.Json.RootElement.GetProperty("error").GetProperty("message").GetString().Should().StartWith("Unauthorized");
        unknown.BodyText.Should().Be(known.BodyText.Replace("kind", "zzz", StringComparison.Ordinal));
        upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task B61_T45_A_hidden_cluster_and_an_unknown_one_answer_alike()
    {
        await using var upstream = new RawUpstream();
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url), TestCluster.Held("other", upstream.Url));
        await using var gateway = await TestGateway.StartAsync(options with { AccessRules = [TestGateway.AllowAll with { Clusters = ["kind"] }] });

        var hidden = await gateway.GetAsync("/api/v1/pods", "other");
        var unknown = await gateway.GetAsync("/api/v1/pods", "zzz");

        hidden.Status.Should().Be(404);
        unknown.BodyText.Should().Be(hidden.BodyText.Replace("other", "zzz", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/api/v1/namespaces/team-a/pods/x", 200)]
    [InlineData("GET", "/api/v1/namespaces/team-a/pods", 403)]
    [InlineData("DELETE", "/api/v1/namespaces/team-a/pods/x", 403)]
    [InlineData("GET", "/api/v1/namespaces/team-b/pods/x", 403)]
    [InlineData("GET", "/api/v1/secrets", 403)]
    [InlineData("GET", "/api/v1/namespaces/team-a/pods/x/log", 403)]
    [InlineData("GET", "/api/v1/namespaces/team-a/pods/x/exec", 403)]
    [InlineData("POST", "/api/v1/namespaces/team-a/pods/x/exec", 403)]
    [InlineData("GET", "/apis/apps/v1", 200)]
    [InlineData("GET", "/metrics", 403)]
    public async Task B62_B65_A_rule_permits_exactly_what_it_says_and_nothing_refused_is_sent(string method, string path, int status)
    {
        await using var upstream = new RawUpstream();
        var rule = TestGateway.AllowAll with { Namespaces = ["team-a"], Resources = ["pods"], Verbs = ["get"] };
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { AccessRules = [rule] });

        foreach (var request in new[] { new RawRequest(method, "/api/kubernetes/proxy" + path), new RawRequest(method, "/clusters/kind" + path) })
        {
            (await gateway.SendAsync(request.With("Backstage-Kubernetes-Cluster", "kind"))).Status.Should().Be(status);
        }

        upstream.Requests.Should().HaveCount(status == 200 ? 2 : 0);
    }

    [Fact]
    public async Task B63_T24_A_read_only_rule_opens_no_shell_by_any_upgrade()
    {
        await using var upstream = new RawUpstream();
        var readOnly = TestGateway.AllowAll with { Verbs = ["get", "list", "watch"] };
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { AccessRules = [readOnly] });
        const string Exec = "/clusters/kind/api/v1/namespaces/d/pods/x/exec?command=sh";

        (await gateway.SendAsync(RawRequest.WebSocket(Exec, "v5.channel.k8s.io"))).Status.Should().Be(403);
        (await gateway.SendAsync(RawRequest.WebSocket("/clusters/kind/api/v1/namespaces/d/services/x/proxy/"))).Status.Should().Be(403);
        (await gateway.SendAsync(new RawRequest("POST", Exec).With("Connection", "Upgrade").With("Upgrade", "SPDY/3.1").With("Content-Length", "0"))).Status.Should().Be(403);
        upstream.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("Impersonate-User")]
    [InlineData("impersonate-group")]
    [InlineData("Impersonate-Future")]
    [InlineData("Impersonate_User")]
    public async Task B66_T02_Impersonation_is_refused_where_the_cluster_does_not_judge_the_caller(string header)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        foreach (var target in new[] { "/api/kubernetes/proxy/api/v1/pods", "/clusters/kind/api/v1/pods" })
        {
            (await gateway.SendAsync(RawRequest.Get(target).With(header, "root"))).Status.Should().Be(403);
            (await gateway.SendAsync(RawRequest.Get(target).With(header, "root").With("Connection", header))).Status.Should().Be(403);
        }

        upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Impersonation_passes_with_a_cluster_token_of_the_callers_own_and_several_lines_are_never_merged()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        var request = RawRequest.Get("/clusters/kind/api/v1/pods").WithBearer("own").With("Impersonate-User", "jane").With("Impersonate-Group", "a");

        (await gateway.SendBareAsync(request)).Status.Should().Be(200);
        (await gateway.SendBareAsync(request.With("Impersonate-Group", "b").With("Impersonate-Group", "c,d"))).Status.Should().Be(200);

        upstream.Requests.Should().HaveCount(2).And.AllSatisfy(static seen =>
        {
            seen.Header("Impersonate-User").Should().Be("jane");
            seen.Headers("Authorization").Should().Equal("Bearer own");
        });
        upstream.Requests[0].Headers("Impersonate-Group").Should().Equal("a");
        upstream.Requests[1].Headers("Impersonate-Group").Should().Equal("a", "b", "c,d");
    }

    [Fact]
    public async Task B67_T01_T03_T87_Headers_that_claim_an_identity_stay_behind_and_nominated_ones_too()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        var request = RawRequest.Get("/clusters/kind/api/v1/pods").With("Connection", "Authorization, X-Forwarded-For, X-Mine").With("X-Mine", "1");
        foreach (var name in new[]
        {
            "Cookie", "X-Remote-User", "x_remote_user", "X-Remote-Extra-Scopes", "X-Forwarded-For", "X-Forwarded-User", "Forwarded", "X-Real-IP",
            "Proxy-Authorization", "X-Auth-Request-Email", "X-Kubernetes-Cluster",
        })
        {
            request = request.With(name, "9.9.9.9");
        }

        (await gateway.SendAsync(request)).Status.Should().Be(200);

        var seen = upstream.Requests[0];
        seen.HeaderLines.ToString().Should().NotContain("9.9.9.9").And.NotContain("X-Mine");
        seen.Headers("Authorization").Should().Equal("Bearer SA");
        seen.Headers("X-Forwarded-For").Should().Equal("127.0.0.1");
    }

    [Fact]
    public async Task B68_Ordinary_headers_arrive_unchanged()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        (string Name, string Value)[] sent =
        [
            ("User-Agent", "kubectl/v1.34.5 (linux/amd64) kubernetes/1"), ("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io, application/json"),
            ("Accept-Encoding", "br"), ("If-None-Match", "\"x\", W/\"y\""), ("Range", "bytes=0-1"), ("Origin", "http://portal.example"), ("Kubectl-Command", "kubectl get"),
        ];

        await gateway.SendAsync(sent.Aggregate(RawRequest.Get("/clusters/kind/api"), static (request, header) => request.With(header.Name, header.Value)));

        foreach (var (name, value) in sent)
        {
            upstream.Requests[0].Headers(name).Should().Equal(value);
        }
    }

    [Fact]
    public async Task At_the_cluster_door_an_unknown_token_is_the_callers_own_and_two_identities_are_refused()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        var request = RawRequest.Get("/clusters/kind/api/v1/pods");

        (await gateway.SendBareAsync(request.WithBearer("own"))).Status.Should().Be(200);
        (await gateway.SendBareAsync(request.WithBearer("own").With("Backstage-Kubernetes-Authorization", "Bearer other"))).Status.Should().Be(400);
        (await gateway.SendBareAsync(request)).Json.RootElement.GetProperty("kind").GetString().Should().Be("Status");
        (await gateway.SendBareAsync(request.With("Authorization", "Basic eDp5"))).Status.Should().Be(401);

        upstream.Requests.Should().ContainSingle().Which.Headers("Authorization").Should().Equal("Bearer own");
    }

    [Fact]
    public async Task T13_A_probes_user_agent_opens_nothing()
    {
        await using var gateway = await TestGateway.StartAsync();

        (await gateway.SendBareAsync(RawRequest.Get("/api/kubernetes/clusters").With("User-Agent", "kube-probe/1.33"))).Status.Should().Be(401);
    }
}
