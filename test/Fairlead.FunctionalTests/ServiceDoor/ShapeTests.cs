using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Demo;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>The URL shapes of the door, where they lie, and which cluster they mean (contract H01 to H17).</summary>
public sealed class ShapeTests
{
    private const string SP = "/serviceproxy";
    private const string CSP = "/clusters/main/serviceproxy";

    /// <summary>The same path of the same Service in every shape.</summary>
    private static readonly string[] _shapes =
    [
        SP + "/default/web/api/charts",
        CSP + "/default/web/api/charts",
        CSP + "/default/web?request=api%2Fcharts",
        SP + "/default/web?request=api%2Fcharts",
    ];

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H01_The_path_form_leads_to_a_Service_of_the_default_cluster(ServiceWay way) => ReachesAsync(way, _shapes[0]);

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H02_The_path_form_below_a_cluster_leads_to_the_same(ServiceWay way) => ReachesAsync(way, _shapes[1]);

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H03_The_request_form_below_a_cluster_leads_to_the_same(ServiceWay way) => ReachesAsync(way, _shapes[2]);

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public Task H04_The_request_form_without_a_cluster_leads_to_the_same(ServiceWay way) => ReachesAsync(way, _shapes[3]);

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H05_The_chart_list_of_a_ChartMuseum_comes_back(ServiceWay way)
    {
        const string Charts = """{"nginx":[{"name":"nginx","version":"1.0.0"}]}""";
        await using var passage = await ServiceWire.StartAsync(way);
        ServiceCluster.AddService(passage.Cluster, "my-catalog-chartmuseum", passage.Upstream.Port);
        passage.Upstream.Respond(RawAnswer.Json(200, Charts));

        var response = await passage.GetAsync(way, SP + "/default/my-catalog-chartmuseum/api/charts");

        response.Status.Should().Be(200, response.ToString());
        response.Header("Content-Type").Should().Be("application/json");
        response.BodyText.Should().Be(Charts);
        var seen = passage.Seen.Should().ContainSingle().Which;
        seen.RequestLine.Should().Be("GET /api/charts HTTP/1.1");
        if (way.IsDirect())
        {
            seen.Header("Host").Should().Be("my-catalog-chartmuseum.default.svc.cluster.local");
        }
        else
        {
            passage.Cluster.Proxied().Should().Equal("/api/v1/namespaces/default/services/http:my-catalog-chartmuseum:80/proxy/api/charts");
        }
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H06_Everything_lies_below_the_base_url_and_nothing_beside_it(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way, static options => options with { BaseUrl = "/headlamp" });
        string[] outside = [.. _shapes, .. _shapes.Select(static shape => "/headlampx" + shape), .. _shapes.Select(static shape => "/headlamp/headlamp" + shape)];
        foreach (var shape in outside)
        {
            (await passage.GetAsync(way, shape)).Status.Should().Be(404, shape);
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.ShouldHaveServedNobody();

        (await passage.TargetsOfAsync(way, _shapes.Select(static shape => "/headlamp" + shape)))
            .Should().Equal(Enumerable.Repeat("/api/charts", _shapes.Length));
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H07_A_slash_behind_the_Service_makes_it_the_path_form(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);

        (await passage.TargetsOfAsync(way, CSP + "/default/web/?request=x", SP + "/default/web/?request=x"))
            .Should().Equal("/?request=x", "/?request=x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H08_The_Service_alone_is_its_root(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);

        (await passage.TargetsOfAsync(way, CSP + "/default/web", CSP + "/default/web/", SP + "/default/web", SP + "/default/web/", SP + "/default/web?a=b"))
            .Should().Equal("/", "/", "/", "/", "/?a=b");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H09_A_request_parameter_behind_a_path_is_the_Services_own(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);

        (await passage.TargetsOfAsync(way, SP + "/default/web/a?request=b", CSP + "/default/web/a?request=b&request=../c"))
            .Should().Equal("/a?request=b", "/a?request=b&request=../c");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H10_An_empty_request_is_the_root(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);

        (await passage.TargetsOfAsync(
            way, CSP + "/default/web?request=", CSP + "/default/web?request", SP + "/default/web?request=", SP + "/default/web?request", SP + "/default/web?a=b&request"))
            .Should().Equal("/", "/", "/", "/", "/");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H11_T102_T104_An_encoded_spelling_of_the_prefix_is_400(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        string[] targets =
        [
            "/clusters/main/%73erviceproxy/default/web/x",
            "/clusters/main/serviceprox%79/default/web?request=x",
            "/%63lusters/main/serviceproxy/default/web/x",
            "/%73erviceproxy/default/web/x",
            "/serviceprox%79/default/web/x",
            "/serviceproxy%2Fdefault/web/x",
        ];
        foreach (var target in targets)
        {
            var response = await passage.GetAsync(way, target);
            response.Status.Should().Be(400, "{0} is refused, and the answer is {1}", target, response);
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.ShouldHaveServedNobody();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H12_A_door_that_is_switched_off_says_so_in_every_shape(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(
            way, static options => options with { ServiceProxy = options.ServiceProxy with { Enabled = false } });

        foreach (var shape in _shapes)
        {
            (await passage.GetAsync(way, shape)).ShouldBeRefused(404, "serviceProxy.enabled", shape);
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.ShouldHaveServedNobody();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H12_A_door_that_is_switched_on_serves_every_shape(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(
            way, static options => options with { ServiceProxy = options.ServiceProxy with { Enabled = true } });

        (await passage.TargetsOfAsync(way, _shapes)).Should().Equal(Enumerable.Repeat("/api/charts", _shapes.Length));
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H13_Without_a_Service_there_is_no_route_and_an_empty_name_is_400(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        foreach (var target in new[] { SP + "/default", CSP + "/default", SP + "/default?request=x", CSP + "/default?request=x" })
        {
            (await passage.GetAsync(way, target)).ShouldBeRefused(404, " ", target);
        }

        await passage.ShouldRefuseAsync(way, 400, SP + "//web/x", CSP + "//web/x", SP + "/default//x", CSP + "/default//x", SP + "//web?request=x", CSP + "//web?request=x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H14_Several_clusters_and_no_default_name_the_shape_with_a_cluster(ServiceWay way)
    {
        await using var both = await TwoServices.StartAsync(way, ("config", "one"), ("config", "two"));
        foreach (var target in new[] { SP + "/default/web/x", SP + "/default/web?request=x" })
        {
            (await both.GetAsync(target)).ShouldBeRefused(404, "/clusters/{cluster}/serviceproxy/", target);
        }

        both.ShouldHaveSentNothing();
        (await both.GetAsync("/clusters/two/serviceproxy/default/web/x")).BodyText.Should().Be("second");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H14_The_configured_default_is_taken_among_several(ServiceWay way)
    {
        await using var both = await TwoServices.StartAsync(
            way, static options => options with { ServiceProxy = options.ServiceProxy with { DefaultCluster = "two" } }, ("config", "one"), ("config", "two"));

        (await both.GetAsync(SP + "/default/web/x")).BodyText.Should().Be("second");
        (await both.GetAsync(SP + "/default/web?request=x")).BodyText.Should().Be("second");
        both.First.ConnectionCount.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H15_An_unknown_cluster_is_404_for_a_known_caller_and_401_for_a_token_only_a_cluster_could_verify(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        foreach (var target in new[] { "/clusters/zzz/serviceproxy/default/web/x", "/clusters/zzz/serviceproxy/default/web?request=x" })
        {
            (await passage.Gateway.ExchangeAsync(way, RawRequest.Get(target).WithBearer(TestGateway.Token))).ShouldBeRefused(404, "zzz", target);

            var unverified = await passage.GetAsync(way, target);
            unverified.ShouldBeRefused(401, " ", target);
            unverified.Header("WWW-Authenticate").Should().StartWith("Bearer");
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.ShouldHaveServedNobody();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H16_A_context_with_a_slash_or_a_space_is_reached_by_every_spelling(ServiceWay way)
    {
        await using var both = await TwoServices.StartAsync(way, ("config", "arn:aws:eks:eu:1:cluster/prod"), ("config", "my context"));
        foreach (var spelling in new[] { "arn:aws:eks:eu:1:cluster--prod", "arn:aws:eks:eu:1:cluster%2Fprod", "arn:aws:eks:eu:1:cluster%2fprod", "arn%3Aaws%3Aeks%3Aeu%3A1%3Acluster--prod" })
        {
            (await both.GetAsync($"/clusters/{spelling}/serviceproxy/default/web/x")).BodyText.Should().Be("first", spelling);
            (await both.GetAsync($"/clusters/{spelling}/serviceproxy/default/web?request=x")).BodyText.Should().Be("first", spelling);
        }

        foreach (var spelling in new[] { "my__context", "my%20context" })
        {
            (await both.GetAsync($"/clusters/{spelling}/serviceproxy/default/web/x")).BodyText.Should().Be("second", spelling);
        }
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H17_A_name_of_two_clusters_is_409_with_both_qualified_names(ServiceWay way)
    {
        await using var both = await TwoServices.StartAsync(way, ("config", "prod"), ("other", "prod"));
        foreach (var target in new[] { "/clusters/prod/serviceproxy/default/web/x", "/clusters/prod/serviceproxy/default/web?request=x" })
        {
            var response = await both.Gateway.ExchangeAsync(way, RawRequest.Get(target).WithBearer(TestGateway.Token));

            response.ShouldBeRefused(409, "config--prod", target);
            response.BodyText.Should().Contain("other--prod");
        }

        both.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H17_A_qualified_name_reaches_the_Service_of_that_cluster(ServiceWay way)
    {
        await using var both = await TwoServices.StartAsync(way, ("config", "prod"), ("other", "prod"));
        foreach (var (locator, answer) in new[] { ("config", "first"), ("other", "second") })
        {
            foreach (var spelling in new[] { $"{locator}--prod", $"{locator}%2Fprod", $"{locator}%2fprod" })
            {
                (await both.GetAsync($"/clusters/{spelling}/serviceproxy/default/web/x")).BodyText.Should().Be(answer, spelling);
                (await both.GetAsync($"/clusters/{spelling}/serviceproxy/default/web?request=x")).BodyText.Should().Be(answer, spelling);
            }
        }
    }

    /// <summary>H01 to H04: what the Service sees, and what comes back.</summary>
    private static async Task ReachesAsync(ServiceWay way, string target)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        passage.Upstream.Respond(RawAnswer.Text(200, "the charts", "text/x-charts"));

        var response = await passage.GetAsync(way, target);

        response.Status.Should().Be(200, response.ToString());
        response.BodyText.Should().Be("the charts");
        response.End.Should().Be(ResponseEnd.Complete);
        response.Header("Content-Type").Should().Be("text/x-charts");
        response.Header("Fairlead-Transport").Should().Be(way.TransportName());
        response.Header("Proxy-Status").Should().BeNull();
        var seen = passage.Seen.Should().ContainSingle().Which;
        seen.RequestLine.Should().Be("GET /api/charts HTTP/1.1");
        if (way.IsDirect())
        {
            seen.Header("Host").Should().Be("web.default.svc.cluster.local");
            passage.Cluster.Proxied().Should().BeEmpty();
        }
        else
        {
            passage.Cluster.Proxied().Should().Equal("/api/v1/namespaces/default/services/http:web:80/proxy/api/charts");
        }
    }

    /// <summary>Two clusters, each with a Service <c>default/web</c> that says which it is.</summary>
    private sealed class TwoServices : IAsyncDisposable
    {
        private readonly ServiceWay _way;
        private readonly DemoCluster[] _clusters;

        private TwoServices(ServiceWay way, TestGateway gateway, DemoCluster[] clusters, RawUpstream first, RawUpstream second)
        {
            _way = way;
            Gateway = gateway;
            _clusters = clusters;
            First = first;
            Second = second;
        }

        public TestGateway Gateway { get; }

        public RawUpstream First { get; }

        public RawUpstream Second { get; }

        public static Task<TwoServices> StartAsync(ServiceWay way, params (string Locator, string Name)[] names) => StartAsync(way, static options => options, names);

        public static async Task<TwoServices> StartAsync(ServiceWay way, Func<GatewayOptions, GatewayOptions> change, params (string Locator, string Name)[] names)
        {
            RawUpstream[] upstreams = [new(), new()];
            var clusters = new DemoCluster[upstreams.Length];
            for (var i = 0; i < upstreams.Length; i++)
            {
                upstreams[i].Respond(RawAnswer.Text(200, i == 0 ? "first" : "second"));
                clusters[i] = await ServiceCluster.StartClusterAsync();
                ServiceCluster.AddService(clusters[i], "web", upstreams[i].Port);
            }

            var locators = names
                .Zip(clusters, (name, cluster) => ServiceCluster.Definition(cluster, name.Name, way.IsDirect()) with { Locator = name.Locator })
                .GroupBy(static cluster => cluster.Locator, static (locator, group) => (ClusterLocator)new ClusterLocator.Config(locator, [.. group]))
                .ToArray();
            var options = ServicePassage.Options() with { ClusterLocators = locators };
            return new TwoServices(way, await TestGateway.StartAsync(change(options)), clusters, upstreams[0], upstreams[1]);
        }

        public Task<RawResponse> GetAsync(string target) => Gateway.ExchangeAsync(_way, RawRequest.Get(target).WithBearer(ServiceCluster.UserToken));

        public void ShouldHaveSentNothing()
        {
            First.ConnectionCount.Should().Be(0);
            Second.ConnectionCount.Should().Be(0);
            foreach (var cluster in _clusters)
            {
                cluster.ShouldHaveServedNobody();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            foreach (var cluster in _clusters)
            {
                await cluster.DisposeAsync();
            }

            await First.DisposeAsync();
            await Second.DisposeAsync();
        }
    }
}
