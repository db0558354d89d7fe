using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Libraries;

/// <summary>Backstage's own client against clusters that share a name, ask for a token, refuse, or do not answer.</summary>
public sealed class BackstageErrorTests
{
    [Fact]
    public async Task B95_B107_The_stock_client_reaches_same_name_clusters_and_rejects_with_the_status_and_body_of_an_error()
    {
        await using var good = new RawUpstream();
        good.Respond(static _ => RawAnswer.Json(200, """{"items":[{"metadata":{"name":"first"}}]}"""));
        await using var other = new RawUpstream();
        other.Respond(static _ => RawAnswer.Json(200, """{"items":[{"metadata":{"name":"second"}}]}"""));
        await using var busy = new RawUpstream();
        busy.Respond(static _ => RawAnswer.Json(429, """{"kind":"Status","message":"too many"}""", "Retry-After: 1"));
        await using var silent = RawUpstream.NeverAnswering();
        using var refused = new RefusedPort();
        var options = TestGateway.Options() with
        {
            ClusterLocators =
            [
                new ClusterLocator.Config("config",
                [
                    TestCluster.Held("prod", good.Url), TestCluster.Held("busy", busy.Url), TestCluster.Held("silent", silent.Url),
                    TestCluster.Held("down", $"http://127.0.0.1:{refused.Port}"), TestCluster.ClientSide("okta", good.Url, "oidc", "okta"),
                ]),
                new ClusterLocator.Config("other", [TestCluster.Held("prod", other.Url) with { Locator = "other" }]),
            ],
            Timeouts = new TimeoutOptions { ResponseHeaders = TimeSpan.FromMilliseconds(300) },
        };
        await using var gateway = await TestGateway.StartAsync(options);

        var result = await ProcessRunner.RunAsync(
            ExternalTools.Node.Require(),
            [
                "--no-warnings", Path.Combine(ExternalTools.RepositoryRoot(), "test", "clients", "backstage-cases.mjs"),
                $"http://127.0.0.1:{gateway.Port}", TestGateway.Token, "config/prod", "other/prod", "okta", "prod", "busy", "silent", "down", "zzz",
            ]);

        result.ExitCode.Should().Be(0, result.ToString());
        using var seen = JsonDocument.Parse(result.Output);
        string Of(string cluster) => seen.RootElement.GetProperty(cluster).ToString();
        Of("config/prod").Should().Contain("first");
        Of("other/prod").Should().Contain("second");
        Of("okta").Should().Contain("first");
        good.Requests[^1].Header("Authorization").Should().Be("Bearer id-token");
        Of("prod").Should().Contain("409").And.Contain("config/prod, other/prod");
        Of("busy").Should().Contain("429").And.Contain("too many");
        Of("silent").Should().Contain("504").And.Contain("GatewayTimeoutError");
        Of("down").Should().Contain("502").And.Contain("connection refused");
        Of("zzz").Should().Contain("404");
    }
}
