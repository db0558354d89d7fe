using AwesomeAssertions;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Libraries;

/// <summary>curl over HTTP/1.1 and HTTP/2 at both doors.</summary>
public sealed class CurlTests(Fleet fleet)
{
    [Theory]
    [InlineData(ClusterKind.StandIn, "--http1.1", "HTTP/1.1 200")]
    [InlineData(ClusterKind.StandIn, "--http2", "HTTP/2 200")]
    [InlineData(ClusterKind.KubeApiServer, "--http1.1", "HTTP/1.1 200")]
    [InlineData(ClusterKind.KubeApiServer, "--http2", "HTTP/2 200")]
    public async Task Both_doors_answer_over_both_protocols(ClusterKind kind, string protocol, string statusLine)
    {
        var target = await fleet.GetAsync(kind);
        var gateway = target.GatewayHttps.GetLeftPart(UriPartial.Authority);

        foreach (var url in new[] { $"{gateway}/api/kubernetes/proxy/api/v1/namespaces/default", $"{gateway}/clusters/{ClusterUnderTest.Name}/api/v1/namespaces/default" })
        {
            var result = await ProcessRunner.RunAsync(
                "/usr/bin/env",
                [
                    "curl", "-sS", "-i", protocol, "--cacert", target.GatewayAuthorityFile,
                    "-H", $"Authorization: Bearer {TestGateway.Token}", "-H", $"Backstage-Kubernetes-Cluster: {ClusterUnderTest.Name}", url,
                ]);

            result.ExitCode.Should().Be(0, result.Errors);
            result.Output.Should().StartWith(statusLine);
            result.Output.Replace(" ", "", StringComparison.Ordinal).Should().Contain("\"name\":\"default\"");
        }
    }
}
