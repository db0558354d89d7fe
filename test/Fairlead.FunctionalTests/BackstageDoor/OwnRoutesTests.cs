using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class OwnRoutesTests
{
    private const string Clusters = "/api/kubernetes/clusters";

    [Fact]
    public async Task B94_The_clusters_are_listed_with_their_public_properties_alone()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(
            TestCluster.Held("kind", upstream.Url) with { Title = "Kind <1>", DashboardUrl = "https://dashboard.example.org" },
            TestCluster.ClientSide("g", upstream.Url, "google"),
            TestCluster.ClientSide("o", upstream.Url, "oidc", "Okta"));

        var response = await gateway.SendAsync(RawRequest.Get(Clusters));

        response.Status.Should().Be(200);
        response.Header("Content-Type").Should().Be("application/json; charset=utf-8");
        response.BodyText.Should().Be(
            """{"items":[{"name":"kind","title":"Kind <1>","dashboardUrl":"https://dashboard.example.org","authProvider":"serviceAccount"},{"name":"g","authProvider":"google"},{"name":"o","authProvider":"oidc","oidcTokenProvider":"Okta"}]}""");
        upstream.ConnectionCount.Should().Be(0);
    }

    [Fact]
    public async Task B95_Clusters_of_one_name_are_listed_under_qualified_names_and_reached_by_them()
    {
        await using var one = new RawUpstream();
        await using var two = new RawUpstream();
        var options = TestGateway.Options(TestCluster.Held("prod", one.Url), TestCluster.Held("alone", one.Url));
        options = options with
        {
            ClusterLocators =
                [.. options.ClusterLocators, new ClusterLocator.Config("gke", [TestCluster.Held("prod", two.Url) with { Locator = "gke", Title = "Production" }])],
        };
        await using var gateway = await TestGateway.StartAsync(options);

        using var list = (await gateway.SendAsync(RawRequest.Get(Clusters))).Json;

        var items = list.RootElement.GetProperty("items").EnumerateArray().ToArray();
        items.Select(static item => item.GetProperty("name").GetString()).Should().Equal("config/prod", "alone", "gke/prod");
        items[0].GetProperty("title").GetString().Should().Be("prod");
        items[1].TryGetProperty("title", out _).Should().BeFalse();
        items[2].GetProperty("title").GetString().Should().Be("Production");
        (await gateway.GetAsync("/api", "config/prod")).Status.Should().Be(200);
        one.Requests.Should().ContainSingle();
        two.Requests.Should().BeEmpty();
        (await gateway.GetAsync("/api", "gke/prod")).Status.Should().Be(200);
        two.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task B97_The_list_wants_a_token_and_a_caller_without_any_rule_is_refused()
    {
        await using var upstream = new RawUpstream();
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url));
        options = options with { Auth = new() { Static = [TestGateway.Caller("nobody", "nobody-token", "strangers")] } };
        await using var gateway = await TestGateway.StartAsync(options);
        var door = EitherDoor.Backstage;

        door.ShouldRefuse(await gateway.SendBareAsync(RawRequest.Get(Clusters)), 401, "AuthenticationError", "", "Missing credentials");
        door.ShouldRefuse(await gateway.SendBareAsync(RawRequest.Get(Clusters).WithBearer("garbage")), 401, "AuthenticationError", "", "Illegal token");
        var denied = await gateway.SendBareAsync(RawRequest.Get(Clusters).WithBearer("nobody-token"));
        door.ShouldRefuse(denied, 403, "NotAllowedError", "", "Unauthorized");
        denied.BodyText.Should().NotContain("kind");
    }

    [Fact]
    public async Task B97_A_caller_sees_only_the_clusters_of_its_rules_and_those_that_judge_tokens_themselves()
    {
        await using var upstream = new RawUpstream();
        var options = TestGateway.Options(
            TestCluster.Held("mine", upstream.Url), TestCluster.Held("hidden", upstream.Url), TestCluster.ClientSide("own", upstream.Url, "google"));
        options = options with { AccessRules = [TestGateway.AllowAll with { Clusters = ["mine"] }] };
        await using var gateway = await TestGateway.StartAsync(options);

        using var list = (await gateway.SendAsync(RawRequest.Get(Clusters))).Json;

        list.RootElement.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("name").GetString()).Should().Equal("mine", "own");
    }

    [Theory]
    [InlineData("/api/kubernetes/services/x")]
    [InlineData("/api/kubernetes/resources/custom/query")]
    [InlineData("/api/kubernetes/resources/workloads/query")]
    public async Task B98_Queries_by_catalog_entity_are_501(string path)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.SendAsync(new RawRequest("POST", path).WithBody("""{"entity":{}}"""));

        EitherDoor.Backstage.ShouldRefuse(response, 501, "NotImplementedError", "", "catalog");
        upstream.ConnectionCount.Should().Be(0);
    }

    [Fact]
    public async Task B99_The_permission_metadata_is_that_of_the_stock_backend()
    {
        await using var gateway = await TestGateway.StartAsync();

        var response = await gateway.SendAsync(RawRequest.Get("/api/kubernetes/.well-known/backstage/permissions/metadata"));

        response.Status.Should().Be(200);
        response.Header("Content-Type").Should().Be("application/json; charset=utf-8");
        response.BodyText.Trim().Should().Be(
            """{"permissions":[{"type":"basic","name":"kubernetes.proxy","attributes":{}},{"type":"basic","name":"kubernetes.resources.read","attributes":{"action":"read"}},{"type":"basic","name":"kubernetes.clusters.read","attributes":{"action":"read"}}],"rules":[]}""");
    }

    [Fact]
    public async Task B100_Requests_do_not_ask_the_sources_again_and_share_connections()
    {
        await using var upstream = new RawUpstream();
        var asked = 0;
        var clusters = new[] { TestCluster.Held("kind", upstream.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)) };
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(clusters), _ =>
        {
            Interlocked.Increment(ref asked);
            return new(clusters, []);
        });

        for (var i = 0; i < 100; i++)
        {
            (await gateway.GetAsync("/api/v1/namespaces", "kind")).Status.Should().Be(200);
        }

        upstream.Requests.Should().HaveCount(100);
        asked.Should().Be(1);
        upstream.ConnectionCount.Should().Be(1, "a name is resolved for a new connection only");
    }

    [Fact]
    public async Task B101_A_source_that_fails_leaves_the_clusters_of_the_others()
    {
        await using var upstream = new RawUpstream();
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url));
        options = options with
        {
            ClusterLocators =
            [
                new ClusterLocator.Kubeconfig("broken", ["/nowhere/kubeconfig"], []),
                .. options.ClusterLocators,
                new ClusterLocator.InCluster("pod", "main"),
            ],
        };
        await using var gateway = await TestGateway.StartAsync(options);

        (await gateway.GetAsync("/api/v1/namespaces", "kind")).Status.Should().Be(200);
        using var list = (await gateway.SendAsync(RawRequest.Get(Clusters))).Json;
        list.RootElement.GetProperty("items").GetArrayLength().Should().Be(1);
        gateway.Log.Lines.Should().Contain(static line => line.Contains("'broken'") && line.Contains("/nowhere/kubeconfig"));
        gateway.Log.Lines.Should().Contain(static line => line.Contains("'pod'"));
    }
}
