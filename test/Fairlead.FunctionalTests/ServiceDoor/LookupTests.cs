using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>How a Service is found.</summary>
public sealed class LookupTests
{
    public static MatrixTheoryData<Via, WireProtocol> Ways { get; } = new(Enum.GetValues<Via>(), ServiceAnswers.Protocols);

    public static TheoryData<Via> Transports { get; } = [.. Enum.GetValues<Via>()];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H56_A_missing_Service_or_namespace_is_404(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());

        var service = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/x/y").WithBearer(ServiceCluster.UserToken));
        var @namespace = await passage.ExchangeAsync(protocol, RawRequest.Get("/clusters/main/serviceproxy/nowhere/web?request=y").WithBearer(ServiceCluster.UserToken));

        service.ShouldRefuse(404, "NotFound", "services \"x\" not found");
        @namespace.ShouldRefuse(404, "NotFound", "services \"web\" not found");
        passage.ShouldHaveSentNothing();
        passage.Cluster.Requests.Should().NotContain(static request => request.Target.Contains("/proxy"));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task H56_Where_the_gateway_may_not_watch_Services_the_callers_own_look_decides(Via via)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice(), prepare: cluster =>
        {
            ServiceCluster.Forbid(cluster, "gateway", "", "services");
            ServiceCluster.Allow(cluster, "ann", "get", "", "services");
            if (via is Via.Direct)
            {
                ServiceCluster.Allow(cluster, "ann", "list", "discovery.k8s.io", "endpointslices");
            }
        });

        var found = await passage.GetAsync("/serviceproxy/default/web/y");
        var missing = await passage.GetAsync("/serviceproxy/default/x/y");

        found.Status.Should().Be(200, found.ToString());
        missing.ShouldRefuse(404, "NotFound", "services \"x\" not found");
        passage.AskedBy("ann").Should().Contain("GET /api/v1/namespaces/default/services/web");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task H57_A_Service_that_was_just_created_is_found_and_one_that_was_just_deleted_is_404(Via via)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);
        (await passage.GetAsync("/serviceproxy/default/young/x")).Status.Should().Be(404);
        await using var upstream = new RawUpstream();

        ServiceCluster.AddService(passage.Cluster, "young", upstream.Port);
        await Eventually.BeTrueAsync(async () => (await passage.GetAsync("/serviceproxy/default/young/x")).Status == 200, "the new Service to be found");
        passage.Cluster.Remove("Service", "default", "young");

        await Eventually.BeTrueAsync(async () => (await passage.GetAsync("/serviceproxy/default/young/x")).Status == 404, "the old Service to be gone");
        (await passage.GetAsync("/serviceproxy/default/young/x")).ShouldRefuse(404, "NotFound", "services \"young\" not found");
        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);
    }

    [Fact]
    public async Task H57_A_Service_whose_endpoint_moves_is_followed()
    {
        await using var passage = await ServicePassage.StartAsync();
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Text(200, "moved"));
        (await passage.GetAsync("/serviceproxy/default/web/x")).BodyText.Should().Be("{}");

        ServiceCluster.AddService(passage.Cluster, "web", upstream.Port);

        await Eventually.BeTrueAsync(async () => (await passage.GetAsync("/serviceproxy/default/web/x")).BodyText is "moved", "requests to reach the new endpoint");
    }

    [Fact]
    public async Task H57_Once_warm_a_request_costs_no_call_of_the_API_server()
    {
        await using var passage = await ServicePassage.StartAsync();
        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);
        await passage.GetAsync("/serviceproxy/default/missing/x");
        await WarmAsync(passage, "services", "endpointslices");
        var before = passage.Cluster.Requests.Count;

        for (var i = 0; i < 10; i++)
        {
            (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);
            (await passage.GetAsync("/clusters/main/serviceproxy/default/web?request=y")).Status.Should().Be(200);
            (await passage.GetAsync("/serviceproxy/default/missing/x")).Status.Should().Be(404);
        }

        passage.Cluster.Requests.Skip(before).Should().BeEmpty();
    }

    [Fact]
    public async Task H57_Once_warm_a_request_over_the_API_server_costs_that_one_call()
    {
        await using var passage = await ServicePassage.StartAsync(Via.ApiServer.Choice());
        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);
        await WarmAsync(passage, "services");
        var before = passage.Cluster.Requests.Count;

        for (var i = 0; i < 10; i++)
        {
            (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);
        }

        passage.Cluster.Requests.Skip(before).Should().HaveCount(10)
            .And.OnlyContain(static request => request.User == "ann" && request.Target == "/api/v1/namespaces/default/services/http:web:80/proxy/x");
    }

    [Fact]
    public async Task H57_The_watches_end_with_the_gateway()
    {
        await using var server = new RawUpstream(new() { Certificate = TestCertificates.Shared.Server().Certificate });
        server.OnConnection(static async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (request.Target.Contains("watch=", StringComparison.Ordinal))
                {
                    await connection.WriteAsync(RawAnswer.ChunkedHead(200));
                    await connection.PeerClosed;
                    return;
                }

                var (kind, version) = request.Target.Contains("endpointslices", StringComparison.Ordinal) ? ("EndpointSliceList", "discovery.k8s.io/v1") : ("ServiceList", "v1");
                await connection.AnswerAsync(RawAnswer.Json(200, $$"""{"kind":"{{kind}}","apiVersion":"{{version}}","metadata":{"resourceVersion":"1"},"items":[]}"""));
            }
        });
        await using (var gateway = await TestGateway.StartAsync(TestCluster.Held("main", server.Url) with { IsDirect = true }))
        {
            (await gateway.SendAsync(RawRequest.Get("/serviceproxy/default/web/x"))).Status.Should().Be(404);
            await Eventually.BeTrueAsync(
                () => server.Requests.Count(static request => request.Target.Contains("watch=", StringComparison.Ordinal)) == 2, "both watches to run");
        }

        await server.WaitForNoConnectionAsync();
    }

    private static async Task WarmAsync(ServicePassage passage, params string[] resources)
    {
        foreach (var resource in resources)
        {
            await Eventually.BeTrueAsync(
                () => passage.AskedBy("gateway").Any(line => line.Contains('/' + resource + '?') && line.Contains("watch=")), $"the watch of {resource} to run");
        }
    }
}
