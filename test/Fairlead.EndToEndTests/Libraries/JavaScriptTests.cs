using System.Text.Json;
using AwesomeAssertions;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.EndToEndTests.Kubectl;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Libraries;

/// <summary>Backstage's own client at the Backstage door, and @kubernetes/client-node at the cluster door.</summary>
public sealed class JavaScriptTests(Fleet fleet)
{
    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task Backstages_own_client_works_unchanged(ClusterKind kind)
    {
        var target = await fleet.GetAsync(kind);

        using var seen = await RunAsync(
            "backstage.mjs",
            new Dictionary<string, string?>(StringComparer.Ordinal),
            target.GatewayHttp.GetLeftPart(UriPartial.Authority), TestGateway.Token, ClusterUnderTest.Name, "default", target.Cluster.RunningPod.Name);

        var root = seen.RootElement;
        root.GetProperty("clusters").ToString().Should().Be($$"""[{"name":"{{ClusterUnderTest.Name}}","authProvider":"serviceAccount"}]""");
        root.GetProperty("status").GetInt32().Should().Be(200);
        root.GetProperty("namespaces").EnumerateArray().Select(name => name.GetString()).Should().Contain("default");
        root.GetProperty("created").GetInt32().Should().Be(201);
        root.GetProperty("events").ValueKind.Should().Be(JsonValueKind.Array);
        root.GetProperty("unknownCluster").GetProperty("error").GetString().Should().Contain("Cluster nowhere not found");
        root.GetProperty("entityQuery").GetProperty("error").GetString().Should().Contain("501").And.Contain("NotImplementedError");
    }

    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task The_JavaScript_client_lists_creates_watches_and_deletes(ClusterKind kind)
    {
        var target = await fleet.GetAsync(kind);
        await CommandRunner.RunAsync(ExternalTools.Kubectl, target.Direct, "create namespace node-client");

        using var seen = await RunAsync(
            "client-node.mjs", new Dictionary<string, string?>(StringComparer.Ordinal), target.ThroughGateway, "node-client");

        seen.RootElement.GetProperty("namespaces").EnumerateArray().Select(name => name.GetString()).Should().Contain("node-client");
        seen.RootElement.GetProperty("watched").ToString().Should().Be("""["ADDED NAME","DELETED NAME"]""");
    }

    private static async Task<JsonDocument> RunAsync(string script, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        _ = ExternalTools.NodeModules.Require();
        var path = Path.Combine(ExternalTools.RepositoryRoot(), "test", "clients", script);
        var result = await ProcessRunner.RunAsync(ExternalTools.Node.Require(), ["--no-warnings", path, .. arguments], environment);
        result.ExitCode.Should().Be(0, "{0} should succeed: {1}", script, result.ToString());
        return JsonDocument.Parse(result.Output);
    }
}
