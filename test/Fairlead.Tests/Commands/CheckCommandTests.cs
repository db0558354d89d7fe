using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Commands;
using Fairlead.Configuration;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Fairlead.Tests.Clusters.Sources;
using Xunit;

namespace Fairlead.Tests.Commands;

/// <summary><c>fairlead check</c> where a cluster is not as it should be.</summary>
public sealed class CheckCommandTests
{
    [Fact]
    public async Task One_cluster_that_fails_in_an_unknown_way_leaves_the_others_checked()
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Json(200, """{"gitVersion":"v1.33.0\u001b[2J"}"""));
        var bad = TestCluster.Held("bad\u001b[31m", upstream.Url);

        var (code, text) = await CheckAsync(bad with { Connection = bad.Connection with { TlsServerName = "a/b" } }, TestCluster.Held("good", upstream.Url));

        code.Should().Be(1);
        text.Should().MatchRegex(@"config/bad\?\[31m +WRONG: cannot be checked \(FormatException").And.MatchRegex(@"config/good +ok: v1\.33\.0\?").And.NotContain("\u001b");
    }

    [Fact]
    public async Task An_API_server_that_answers_without_end_is_wrong()
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Json(200, new string(' ', 2 << 20)));

        (await CheckAsync(TestCluster.Held("kind", upstream.Url))).Text.Should().Contain("longer than 1048576 bytes at GET /version");
    }

    [Fact]
    public async Task Secrets_in_a_cluster_of_another_source_are_asked_for_after_that_source()
    {
        await using var portal = Remote.Portal(("default", "mgmt"));
        var options = new GatewayOptions
        {
            ClusterLocators =
            [
                new ClusterLocator.ClusterSecrets("argo", TimeSpan.FromMinutes(1)) { Cluster = "catalog/default/mgmt", Format = ClusterSecretFormat.ArgoCd, LabelSelector = "x" },
                new ClusterLocator.BackstageCatalog("catalog", TimeSpan.FromMinutes(1)) { Url = new Uri(portal.Url) },
            ],
        };

        var (_, states) = await CatalogFactory.BuildOnceAsync(options, Local, TestContext.Current.CancellationToken);

        states[0].Failure.Should().StartWith("cannot be read at cluster 'catalog/default/mgmt'", "the cluster is known, and it is one whose callers bring their own token");
        states[1].Clusters.Should().Be(1);
    }

    private static ClusterSourceResult Local(ClusterLocator locator) => ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal));

    private static async Task<(int Code, string Text)> CheckAsync(params ClusterDefinition[] clusters)
    {
        await using var output = new StringWriter();
        var code = await CheckCommand.RunAsync(
            () => new ConfigurationResult(new GatewayOptions { ClusterLocators = [new ClusterLocator.Config("config", clusters)] }, []), Local, output, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }
}
