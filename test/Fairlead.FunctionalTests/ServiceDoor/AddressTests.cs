using System.Net;
using AwesomeAssertions;
using Fairlead.Demo;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Where a Service may point, and what goes there.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("localhost")]
    [InlineData("10.0.0.1")]
    [InlineData("192.168.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    public async Task H82_An_ExternalName_that_is_not_public_is_403(string name)
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithDoor(static door => door with { AllowedAddresses = [] }));
        Point(passage, name);

        foreach (var target in new[] { "/serviceproxy/default/hub/x", "/clusters/main/serviceproxy/default/hub?request=x" })
        {
            var response = await passage.GetAsync(target);

            response.ShouldRefuse(403, "Forbidden");
            response.ToString().Should().NotContain(name);
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("user@localhost")]
    [InlineData("localhost/x")]
    [InlineData("")]
    public async Task H82_What_is_no_host_name_leads_nowhere(string name)
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithDoor(static door => door with { AllowedAddresses = [] }));
        Point(passage, name);

        var response = await passage.GetAsync("/serviceproxy/default/hub/x");

        response.Status.Should().BeOneOf([403, 404, 502, 503], response.ToString());
        response.ShouldGiveNothingAway();
        passage.ShouldHaveSentNothing();
    }

    [Fact]
    public async Task H82_The_same_name_listed_in_externalNames_is_reached()
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithDoor(static door => door with { AllowedAddresses = [], ExternalNames = ["localhost"] }));
        Point(passage, "localhost");

        (await passage.GetAsync("/serviceproxy/default/hub/x")).Status.Should().Be(200);
        passage.Seen.Should().ContainSingle();
    }

    [Fact]
    public async Task H82_The_same_name_with_its_range_in_allowedAddresses_is_reached()
    {
        await using var passage = await ServicePassage.StartAsync(
            change: static options => options.WithDoor(static door => door with { AllowedAddresses = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")] }));
        Point(passage, "localhost");

        (await passage.GetAsync("/serviceproxy/default/hub/x")).Status.Should().Be(200);
        passage.Seen.Should().ContainSingle();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("0.0.0.0")]
    public async Task H82_An_endpoint_that_is_not_allowed_is_403(string address)
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithDoor(static door => door with { AllowedAddresses = [] }));
        passage.Cluster.Put(Slice(address, passage.Upstream.Port));

        var response = await passage.GetAsync("/serviceproxy/default/web/x");

        response.ShouldRefuse(403, "Forbidden");
        response.ToString().Should().NotContain(address);
        passage.ShouldHaveSentNothing();
    }

    [Fact]
    public async Task H82_One_endpoint_among_others_that_is_not_allowed_is_enough_for_403()
    {
        await using var passage = await ServicePassage.StartAsync(
            change: static options => options.WithDoor(static door => door with { AllowedAddresses = [IPNetwork.Parse("127.0.0.1/32")] }));
        passage.Cluster.Put(Slice("127.0.0.1", passage.Upstream.Port).Replace(
            "\"endpoints\":[", "\"endpoints\":[{\"addresses\":[\"127.0.0.2\"],\"conditions\":{\"ready\":true} },", StringComparison.Ordinal));

        (await passage.GetAsync("/serviceproxy/default/web/x")).ShouldRefuse(403, "Forbidden");
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H83_An_ExternalName_never_sees_the_callers_token(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithDoor(static door => door with { ExternalNames = ["localhost"] }));
        Point(passage, "localhost");

        foreach (var token in new[] { ServiceCluster.UserToken, TestGateway.Token })
        {
            (await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/hub/x").WithBearer(token))).Status.Should().Be(200);
            (await passage.ExchangeAsync(protocol, RawRequest.Get("/clusters/main/serviceproxy/default/hub?request=x").WithBearer(token))).Status.Should().Be(200);
        }

        passage.Seen.Should().HaveCount(4).And.OnlyContain(static request => request.Headers("Authorization").Count == 0);
        passage.Seen.Should().OnlyContain(static request => !request.ToString().Contains("Bearer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task H83_An_ExternalName_sees_it_where_that_is_configured_for_the_Service()
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options.WithDoor(static door => door with
        {
            ExternalNames = ["localhost"],
            Services = [new() { Cluster = "main", Namespace = "default", Name = "hub", Authorization = Fairlead.Configuration.ServiceAuthorization.Forward }],
        }));
        Point(passage, "localhost");

        (await passage.GetAsync("/serviceproxy/default/hub/x")).Status.Should().Be(200);

        passage.Seen.Should().ContainSingle().Which.Headers("Authorization").Should().Equal("Bearer U");
    }

    private static void Point(ServicePassage passage, string name) => Put(passage.Cluster, name, passage.Upstream.Port);

    private static void Put(DemoCluster cluster, string name, int port) => cluster.Put($$"""
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"hub","namespace":"default"},
         "spec":{"type":"ExternalName","externalName":"{{name}}","ports":[{"name":"http","port":{{port}}}]} }
        """);

    private static string Slice(string address, int port) => $$"""
        {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
         "metadata":{"name":"web-1","namespace":"default","labels":{"kubernetes.io/service-name":"web"} },
         "ports":[{"name":"http","port":{{port}},"protocol":"TCP"}],"endpoints":[{"addresses":["{{address}}"],"conditions":{"ready":true} }]}
        """;
}
