using System.Globalization;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.EndToEndTests.Services;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Monitoring;

/// <summary>A real Prometheus scrapes a gateway, and the alerts that are shipped are about what it finds.</summary>
public sealed class ScrapeTests
{
    [Fact]
    public async Task Prometheus_scrapes_a_gateway_and_an_alert_of_ours_goes_off()
    {
        Assert.SkipUnless(Programs.Prometheus.IsAvailable, Programs.Prometheus.WhyMissing);
        using var folder = new TempFolder();
        using var nobody = new RefusedPort();
        // A process of its own: meters of one process have one list of listeners.
        var management = FreePort.Next();
        var (gateway, listening) = await GatewayProcess.StartAsync(@"listens on http://127\.0\.0\.1:(\d+)", ["serve"], $$"""
            listen: http://127.0.0.1:0
            management: { listen: "http://127.0.0.1:{{management}}" }
            auth: { static: [{ subject: caller, tokenSha256: "{{TestGateway.TokenHash}}", groups: [portal] }] }
            access: { rules: [{ subjects: { groups: [portal] }, clusters: ["*"], namespaces: ["*"], resources: ["*"], verbs: ["*"] }] }
            kubernetes: { clusterLocatorMethods: [{ type: config, clusters: [{ name: scraped, url: "http://127.0.0.1:{{nobody.Port}}", authProvider: serviceAccount, serviceAccountToken: held }] }] }
            """);
        await using var served = gateway;
        (await RawClient.ExchangeAsync(int.Parse(listening.Groups[1].Value, CultureInfo.InvariantCulture), RawRequest.Get("/clusters/scraped/api/v1/pods").WithBearer(TestGateway.Token))).Status.Should().Be(502);
        // Waiting is Prometheus' own; promtool tests how long each alert does.
        var rules = folder.Write("alerts.yaml", (await File.ReadAllTextAsync(Path.Combine(ExternalTools.RepositoryRoot(), "deploy", "prometheus", "alerts.yaml"))).Replace("for: 5m", "for: 0s", StringComparison.Ordinal));
        var (process, port) = await Programs.StartAsync(
            port =>
            {
                var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
                var configuration = folder.Write(
                    "prometheus.yml",
                    $$"""
                    global: { scrape_interval: 1s, evaluation_interval: 1s }
                    rule_files: ["{{rules}}"]
                    scrape_configs:
                      - { job_name: fairlead, static_configs: [{ targets: ["127.0.0.1:{{management}}"] }] }
                    """);
                return RunningProcess.Start(
                    Programs.Prometheus.Require(),
                    [$"--config.file={configuration}", $"--storage.tsdb.path={folder.PathOf("data")}", $"--web.listen-address={address}"]);
            },
            "Server is ready to receive web requests");
        await using var running = process;

        await Eventually.BeTrueAsync(
            async () => (await ResultAsync("""ALERTS{alertname="FairleadClusterFailing",alertstate="firing",k8s_cluster_name="config/scraped"}""")).GetArrayLength() == 1, "the alert to go off");

        (await ResultAsync("up{job=\"fairlead\"}"))[0].GetProperty("value")[1].GetString().Should().Be("1");
        (await ResultAsync("fairlead_refusals_total{error_type=\"connection_refused\",k8s_cluster_name=\"config/scraped\"}"))[0].GetProperty("value")[1].GetString().Should().Be("1");

        async Task<JsonElement> ResultAsync(string query)
        {
            var response = await RawClient.ExchangeAsync(port, RawRequest.Get("/api/v1/query?query=" + Uri.EscapeDataString(query)));
            using var json = response.Json;
            return json.RootElement.GetProperty("data").GetProperty("result").Clone();
        }
    }
}
