using System.Globalization;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Services;

/// <summary>A real Prometheus behind the service door, with its port named <c>web</c>.</summary>
public sealed class PrometheusTests
{
    private const string Service = "/serviceproxy/monitoring/prometheus";

    [Theory]
    [InlineData("direct")]
    [InlineData("apiserver")]
    public async Task It_answers_queries_by_GET_and_by_form_with_the_port_in_the_name_in_the_query_and_found_by_itself(string transport)
    {
        using var folder = new TempFolder();
        await using var started = await StartAsync(folder);
        await using var world = await ServiceWorld.StartAsync(transport);
        world.AddService("prometheus", started.Port, "web", 9090, "monitoring");
        await Eventually.BeTrueAsync(
            async () => UpOf(await AskAsync(world, $"{Service}:web/api/v1/query?query=up")) is "1", "Prometheus has looked at itself");

        UpOf(await AskAsync(world, $"{Service}:9090/api/v1/query?query=up%7Bjob%3D%22itself%22%7D")).Should().Be("1");
        UpOf(await AskAsync(world, $"/clusters/main{Service}:web/api/v1/query?query=up")).Should().Be("1");
        UpOf(await AskAsync(world, $"{Service}/api/v1/query?query=up&port=web")).Should().Be("1");
        UpOf(await AskAsync(world, $"{Service}/api/v1/query?query=up")).Should().Be("1");
        UpOf(await AskAsync(world, $"/clusters/main{Service}?request=api%2Fv1%2Fquery%3Fquery%3Dup%257Bjob%253D%2522itself%2522%257D")).Should().Be("1");
        UpOf(await AskAsync(world, $"{Service}:web/api/v1/query", "--data-urlencode", "query=up{job=\"itself\"}")).Should().Be("1");
        UpOf(await AskAsync(world, $"{Service}:web/api/v1/query?port=1", "--data-urlencode", "query=up")).Should().Be("1");

        async Task<CurlAnswer> AskAsync(ServiceWorld to, string target, params string[] more)
        {
            var answer = await to.CurlAsync(target, ServiceWorld.Ann(), more);
            answer.Status.Should().Be(200, "{0} {1}", target, answer.Body);
            answer.Header("Content-Type").Should().Be("application/json");
            answer.Header("Fairlead-Transport").Should().Be(transport);
            return answer;
        }
    }

    [Fact]
    public async Task Its_own_refusals_redirects_and_compressed_answers_come_through()
    {
        using var folder = new TempFolder();
        await using var started = await StartAsync(folder);
        await using var world = await ServiceWorld.StartAsync("direct");
        world.AddService("prometheus", started.Port, "web", 9090, "monitoring");

        var wrong = await world.CurlAsync($"{Service}:web/api/v1/query?query=up%7B", ServiceWorld.Ann());
        var redirect = await ProcessRunner.RunAsync(
            "/usr/bin/env", ["curl", "-sS", "-i", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{started.Port}/")]);
        var root = await world.CurlAsync($"{Service}:web/", ServiceWorld.Ann());
        var metrics = await world.CurlAsync($"{Service}:web/metrics", ServiceWorld.Ann(), "--compressed");
        var other = await world.CurlAsync($"{Service}:9091/metrics", ServiceWorld.Ann());

        wrong.Status.Should().Be(400);
        wrong.Body.Should().Contain("bad_data");
        wrong.Header("Proxy-Status").Should().BeNull();
        root.Status.Should().Be(302);
        root.Header("Location").Should().Be($"{Service}:web{CurlAnswer.Parse(redirect.Succeeded().Output).Header("Location")}");
        metrics.Status.Should().Be(200);
        metrics.Header("Content-Encoding").Should().Be("gzip");
        metrics.Body.Should().Contain("prometheus_build_info");
        other.Status.Should().Be(404);
        other.Body.Should().Contain("web (9090)");
    }

    private static string? UpOf(CurlAnswer answer)
    {
        using var json = JsonDocument.Parse(answer.Body);
        var result = json.RootElement.GetProperty("data").GetProperty("result");
        return result.GetArrayLength() == 0 ? null : result[0].GetProperty("value")[1].GetString();
    }

    internal static async Task<Started> StartAsync(TempFolder folder)
    {
        Assert.SkipUnless(Programs.Prometheus.IsAvailable, Programs.Prometheus.WhyMissing);
        var (process, port) = await Programs.StartAsync(
            port =>
            {
                var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
                var configuration = folder.Write(
                    "prometheus.yml",
                    $"""
                    global:
                      scrape_interval: 1s
                    scrape_configs:
                      - job_name: itself
                        static_configs:
                          - targets: ["{address}"]
                    """);
                return RunningProcess.Start(
                    Programs.Prometheus.Require(),
                    [$"--config.file={configuration}", $"--storage.tsdb.path={folder.PathOf("data")}", $"--web.listen-address={address}"]);
            },
            "Server is ready to receive web requests");
        return new Started(process, port);
    }

    internal sealed record Started(RunningProcess Process, int Port) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
