using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Identity;

/// <summary>Whose token arrives at the cluster, seen at the wire.</summary>
public sealed class ClusterTokenTests
{
    private const string Pods = "/api/kubernetes/proxy/api/v1/namespaces/team-a/pods";

    [Fact]
    public async Task B33_B57_B58_Without_a_cluster_token_the_gateways_travels_and_only_for_a_known_caller()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        (await gateway.GetAsync("/api/v1/pods", "kind")).Status.Should().Be(200);
        upstream.Requests[0].Header("Authorization").Should().Be("Bearer SA");

        var onlyClusterToken = await gateway.SendBareAsync(Request("kind").With("Backstage-Kubernetes-Authorization", "Bearer user"));
        var onlyCookie = await gateway.SendBareAsync(Request("kind").With("Cookie", "backstage-auth=" + TestGateway.Token));

        onlyClusterToken.Status.Should().Be(401);
        onlyCookie.Status.Should().Be(401);
        upstream.Requests.Should().HaveCount(1);
    }

    [Theory]
    [InlineData("tokenB")]
    [InlineData("Bearer user-token")]
    [InlineData("Basic dXNlcjpwYXNz")]
    public async Task B34_B35_The_callers_own_authorization_travels_as_it_is_and_needs_no_rule(string value)
    {
        await using var upstream = new RawUpstream();
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { AccessRules = [] };
        await using var gateway = await TestGateway.StartAsync(options);

        var response = await gateway.SendAsync(Request("kind").With("Backstage-Kubernetes-Authorization", value));

        response.Status.Should().Be(200);
        upstream.Requests[0].Headers("Authorization").Should().Equal(value);
    }

    [Fact]
    public async Task B36_An_empty_or_repeated_cluster_token_is_refused()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        (await gateway.SendAsync(Request("kind").With("Backstage-Kubernetes-Authorization", ""))).Status.Should().Be(400);
        (await gateway.SendAsync(Request("kind").With("Backstage-Kubernetes-Authorization", "Bearer a").With("Backstage-Kubernetes-Authorization", "Bearer b")))
            .Status.Should().Be(400);
        upstream.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("Bearer " + TestGateway.Token)]
    [InlineData(TestGateway.Token)]
    [InlineData("bearer  " + TestGateway.Token)]
    public async Task B37_A_portal_token_is_never_taken_for_a_cluster_token(string value)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(
            TestCluster.Held("kind", upstream.Url), TestCluster.ClientSide("g", upstream.Url, "google"));

        (await gateway.SendAsync(Request("kind").With("Backstage-Kubernetes-Authorization", value))).Status.Should().Be(400);
        (await gateway.SendAsync(Request("g").With("Backstage-Kubernetes-Authorization-google", value))).Status.Should().Be(400);
        upstream.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("okta", "-oidc-okta", "T", "Bearer T")]
    [InlineData("Okta", "-oidc-okta", "T", "Bearer T")]
    [InlineData("okta", "-OIDC-OKTA", "Bearer T", "Bearer T")]
    public async Task B38_B39_The_token_of_the_clusters_provider_travels(string configured, string header, string sent, string expected)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.ClientSide("okta", upstream.Url, "oidc", configured));

        (await gateway.SendAsync(Request("okta").With("Backstage-Kubernetes-Authorization" + header, sent))).Status.Should().Be(200);

        upstream.Requests[0].Headers("Authorization").Should().Equal(expected);
    }

    [Fact]
    public async Task B40_B41_Of_many_provider_tokens_only_the_clusters_travels_and_no_other_header_of_the_portals()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.ClientSide("okta", upstream.Url, "oidc", "okta"));
        var request = Request("okta");
        foreach (var (suffix, token) in new[] { ("google", "g"), ("aks", "a"), ("oidc-okta", "o"), ("oidc-gitlab", "l"), ("pinniped-audience1", "p1"), ("pinniped-au-b-c-d-e", "p2") })
        {
            request = request.With("Backstage-Kubernetes-Authorization-" + suffix, token);
        }

        (await gateway.SendAsync(request.With("Backstage-Something", "x"))).Status.Should().Be(200);

        var seen = upstream.Requests[0];
        seen.Headers("Authorization").Should().Equal("Bearer o");
        seen.HeaderLines.Should().NotContain(line => line.Name.StartsWith("Backstage-", StringComparison.OrdinalIgnoreCase));
        seen.HeaderLines.ToString().Should().NotContain(TestGateway.Token);
    }

    [Theory]
    [InlineData("google", null, "none", "Backstage-Kubernetes-Authorization-google")]
    [InlineData("oidc", "okta", "oidc-gitlab", "Backstage-Kubernetes-Authorization-oidc-okta")]
    [InlineData("aks", null, "none", "Backstage-Kubernetes-Authorization-aks")]
    [InlineData("passThrough", null, "none", "Backstage-Kubernetes-Authorization")]
    public async Task B42_B43_B44_A_missing_cluster_token_is_401_and_names_the_header(string provider, string? sub, string sent, string expected)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.ClientSide("c", upstream.Url, provider, sub));

        var response = await gateway.SendAsync(Request("c").With("Backstage-Kubernetes-Authorization-" + sent, "T"));

        response.Status.Should().Be(401);
        response.Json.RootElement.GetProperty("error").GetProperty("name").GetString().Should().Be("AuthenticationError");
        response.Json.RootElement.GetProperty("error").GetProperty("message").GetString().Should().EndWith(expected);
        response.Header("WWW-Authenticate").Should().Be("Bearer");
        upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task B45_A_cluster_without_a_credential_gets_no_authorization_and_needs_a_rule_whatever_is_sent()
    {
        await using var upstream = new RawUpstream();
        var local = TestCluster.Of("local", upstream.Url, new CredentialDefinition.None("localKubectlProxy"));
        await using var gateway = await TestGateway.StartAsync(local);
        await using var strict = await TestGateway.StartAsync(TestGateway.Options(local) with { AccessRules = [] });

        (await gateway.SendAsync(Request("local"))).Status.Should().Be(200);
        upstream.Requests[0].Headers("Authorization").Should().BeEmpty();

        (await strict.SendAsync(Request("local").With("Backstage-Kubernetes-Authorization", "Bearer anything"))).Status.Should().BeOneOf(403, 404);
        (await strict.SendBareAsync(RawRequest.Get("/clusters/local/api/v1/pods").WithBearer("anything"))).Status.Should().BeOneOf(403, 404);
        upstream.Requests.Should().HaveCount(1);
    }

    [Fact]
    public async Task B50_A_source_that_fails_is_502_without_its_detail_and_nothing_is_sent()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Of("kind", upstream.Url, new CredentialDefinition.TokenFile("/nowhere/token")));

        var response = await gateway.GetAsync("/api/v1/pods", "kind");

        response.Status.Should().Be(502);
        response.BodyText.Should().Contain("Cluster 'kind' request error: no credential could be obtained").And.NotContain("nowhere");
        upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task B51_A_token_file_that_rotates_is_read_for_the_next_request()
    {
        await using var upstream = new RawUpstream();
        using var folder = new Fairlead.Testing.TempFolder();
        var file = folder.Write("token", "first\n");
        await using var gateway = await TestGateway.StartAsync(TestCluster.Of("kind", upstream.Url, new CredentialDefinition.TokenFile(file)));

        await gateway.GetAsync("/api/v1/pods", "kind");
        folder.Write("next", "second-token\n");
        File.Move(folder.PathOf("next"), file, overwrite: true);
        await gateway.GetAsync("/api/v1/pods", "kind");

        upstream.Requests.Select(request => request.Header("Authorization")).Should().Equal("Bearer first", "Bearer second-token");
    }

    private static RawRequest Request(string cluster) => RawRequest.Get(Pods).With("Backstage-Kubernetes-Cluster", cluster);
}
