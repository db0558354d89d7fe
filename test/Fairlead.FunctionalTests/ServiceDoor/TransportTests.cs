using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Which way requests go to a Service.</summary>
public sealed class TransportTests
{
    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H51_Over_the_API_server_the_Service_sees_no_Authorization(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithService(static service => service with { Transport = TransportChoice.ApiServer }));
        foreach (var method in new[] { "GET", "POST" })
        {
            var response = await passage.ExchangeAsync(protocol, new RawRequest(method, "/serviceproxy/default/web/x").WithBearer(ServiceCluster.UserToken));

            response.Status.Should().Be(200, response.ToString());
            response.Headers("Fairlead-Transport").Should().Equal("apiserver");
        }

        passage.Seen.Should().HaveCount(2).And.OnlyContain(static request => request.Headers("Authorization").Count == 0);
        passage.Seen.Should().OnlyContain(static request => request.Headers("X-Forwarded-Access-Token").Count == 0);
    }

    [Theory]
    [InlineData(ServiceCluster.UserToken, "ann")]
    [InlineData(TestGateway.Token, "gateway")]
    public async Task H85_A_remote_clusters_Service_is_reached_over_its_API_server(string token, string account)
    {
        await using var passage = await ServicePassage.StartAsync(TransportChoice.ApiServer);
        foreach (var target in new[] { "/serviceproxy/default/web/api/charts?a=b", "/clusters/main/serviceproxy/default/web?request=api%2Fcharts%3Fa%3Db" })
        {
            var response = await passage.SendBareAsync(RawRequest.Get(target).WithBearer(token));

            response.Status.Should().Be(200, response.ToString());
            response.Headers("Fairlead-Transport").Should().Equal("apiserver");
        }

        passage.AskedBy(account).Where(static line => line.Contains("/proxy")).Should().Equal(
            "GET /api/v1/namespaces/default/services/http:web:80/proxy/api/charts?a=b", "GET /api/v1/namespaces/default/services/http:web:80/proxy/api/charts?a=b");
        passage.Seen.Select(static request => request.Target).Should().Equal("/api/charts?a=b", "/api/charts?a=b");
    }

    [Fact]
    public async Task H85_Two_clusters_are_never_mistaken_for_one_another()
    {
        // The first cluster is near, the second is not, and both have a Service of that name.
        await using var far = await ServiceCluster.StartClusterAsync();
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Text(200, "far"));
        ServiceCluster.AddService(far, "web", upstream.Port);
        await using var passage = await ServicePassage.StartAsync(change: options => options with
        {
            ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("more", [ServiceCluster.Definition(far, "far", isDirect: false) with { Locator = "more" }])],
            ServiceProxy = options.ServiceProxy with { DefaultCluster = "main" },
        });

        var near = await passage.GetAsync("/clusters/main/serviceproxy/default/web/x");
        var distant = await passage.GetAsync("/clusters/far/serviceproxy/default/web/x");

        near.BodyText.Should().Be("{}");
        near.Headers("Fairlead-Transport").Should().Equal("direct");
        distant.BodyText.Should().Be("far");
        distant.Headers("Fairlead-Transport").Should().Equal("apiserver");
        passage.Seen.Should().ContainSingle();
        upstream.Requests.Should().ContainSingle().Which.Headers("Authorization").Should().BeEmpty();
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H86_A_near_clusters_Service_is_dialled(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/api/charts").WithBearer(ServiceCluster.UserToken));

        response.Status.Should().Be(200, response.ToString());
        response.Headers("Fairlead-Transport").Should().Equal("direct");
        passage.Cluster.Requests.Should().NotContain(static request => request.Target.Contains("/proxy"));
        passage.Seen.Should().ContainSingle().Which.Header("Host").Should().Be("web.default.svc.cluster.local");
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H86_With_transport_apiserver_a_near_clusters_Service_goes_over_the_API_server(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithDoor(static door => door with { Transport = TransportChoice.ApiServer }));

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/api/charts").WithBearer(ServiceCluster.UserToken));

        response.Status.Should().Be(200, response.ToString());
        response.Headers("Fairlead-Transport").Should().Equal("apiserver");
        passage.AskedBy("ann").Should().Contain("GET /api/v1/namespaces/default/services/http:web:80/proxy/api/charts");
    }

    [Theory]
    [InlineData("/serviceproxy/default/web/a%2Fb//c/?x=1&x=&y", "/a%2Fb//c/?x=1&x=&y")]
    [InlineData("/serviceproxy/default/web", "/")]
    [InlineData("/serviceproxy/default/web/", "/")]
    [InlineData("/clusters/main/serviceproxy/default/web?request=", "/")]
    public async Task H86_The_target_goes_byte_for_byte_over_the_API_server_too(string target, string expected)
    {
        await using var passage = await ServicePassage.StartAsync(TransportChoice.ApiServer);

        var response = await passage.GetAsync(target);

        response.Status.Should().Be(200, response.ToString());
        passage.AskedBy("ann").Should().Contain("GET /api/v1/namespaces/default/services/http:web:80/proxy" + expected);
        passage.Seen.Should().ContainSingle().Which.Target.Should().Be(expected);
    }
}
