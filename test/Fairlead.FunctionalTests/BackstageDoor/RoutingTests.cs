using AwesomeAssertions;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class RoutingTests
{
    [Fact]
    public async Task B01_A_request_reaches_the_named_cluster_below_the_prefix()
    {
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.GetAsync("/api/v1/namespaces", "kind");

        response.Status.Should().Be(200);
        var seen = upstream.Requests.Should().ContainSingle().Subject;
        seen.Method.Should().Be("GET");
        seen.Target.Should().Be("/api/v1/namespaces");
        seen.Header("Authorization").Should().Be("Bearer SA");
    }
}
