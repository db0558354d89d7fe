using System.Globalization;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Services;

/// <summary>Pages in a real browser: a web UI on its Service's own host, and the page that Fairlead serves.</summary>
public sealed class PageTests
{
    private const string Host = "prometheus.apps.example";

    [Fact]
    public async Task Decision21_Prometheus_works_on_a_host_of_its_own_and_its_pages_reach_nothing_else()
    {
        Assert.SkipUnless(Directory.Exists("/usr/share/prometheus/web"), "no pages of Prometheus: test/clients/install.sh puts them there as root");
        using var folder = new TempFolder();
        await using var prometheus = await PrometheusTests.StartAsync(folder);
        await using var world = await ServiceWorld.StartAsync("direct", options => options with
        {
            ServiceProxy = options.ServiceProxy with { Services = [new ServiceOptions { Cluster = "main", Namespace = "monitoring", Name = "prometheus", Host = Host }] },
        });
        world.AddService("prometheus", prometheus.Port, "web", 9090, "monitoring");
        var handover = await world.CurlAsync("/auth/handover", ServiceWorld.Ann(), "-X", "POST", "-d", $$"""{"host":"{{Host}}","path":"/graph?g0.expr=up"}""");
        handover.Status.Should().Be(200, handover.Body);
        using var answer = JsonDocument.Parse(handover.Body);
        var screenshot = Path.Combine(ExternalTools.RepositoryRoot(), "artifacts", "prometheus.png");
        Directory.CreateDirectory(Path.GetDirectoryName(screenshot)!);

        using var page = await EvaluateAsync(new
        {
            url = answer.RootElement.GetProperty("url").GetString(),
            hosts = "*.apps.example",
            // Drawn by the page's own script, after it has asked its own API.
            expect = "#root nav, nav",
            screenshot,
            script = $$"""
                const own = await fetch('/api/v1/query?query=up').then(response => response.status);
                const foreign = await fetch('{{world.Https}}/clusters/main/api/v1/namespaces', { credentials: 'include' }).then(response => response.status, error => error.name);
                return { own, foreign, cookie: document.cookie, scripts: document.scripts.length };
                """,
        });

        var root = page.RootElement;
        root.GetProperty("url").GetString().Should().StartWith(string.Create(CultureInfo.InvariantCulture, $"https://{Host}:{world.Gateway.TlsPort}/"), "Prometheus redirects within its own host");
        root.GetProperty("title").GetString().Should().Contain("Prometheus");
        root.GetProperty("value").GetProperty("own").GetInt32().Should().Be(200);
        root.GetProperty("value").GetProperty("foreign").GetString().Should().Be("TypeError");
        root.GetProperty("value").GetProperty("cookie").GetString().Should().BeEmpty("no script reads the session's cookie");
        var cookie = root.GetProperty("cookies").EnumerateArray().Should().ContainSingle().Subject;
        cookie.GetProperty("name").GetString().Should().Be("__Host-fairlead-service");
        cookie.GetProperty("domain").GetString().Should().Be(Host);
        cookie.GetProperty("httpOnly").GetBoolean().Should().BeTrue();
        cookie.GetProperty("secure").GetBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("/headlamp")]
    public async Task H100_A_page_of_Fairlead_fetches_by_the_documented_line(string baseUrl)
    {
        await using var service = new RawUpstream();
        service.Respond(RawAnswer.Json(200, """{"hello":[]}"""));
        await using var world = await ServiceWorld.StartAsync("direct", options => options with { BaseUrl = baseUrl });
        world.AddService("my-helm-repo", service.Port);

        using var page = await EvaluateAsync(new
        {
            url = $"{world.Http}{baseUrl}/",
            script = $$"""
                const response = await fetch(`${window.__headlampBaseURL__ ?? ''}/serviceproxy/default/my-helm-repo/api/charts`, { headers: { Authorization: 'Bearer {{ServiceWorld.Ann()}}' } });
                return { status: response.status, charts: await response.json(), same: window.headlampBaseUrl === window.__headlampBaseURL__ };
                """,
        });

        var value = page.RootElement.GetProperty("value");
        value.GetProperty("status").GetInt32().Should().Be(200);
        value.GetProperty("charts").GetProperty("hello").GetArrayLength().Should().Be(0);
        value.GetProperty("same").GetBoolean().Should().BeTrue();
        service.Requests.Should().ContainSingle().Which.Target.Should().Be("/api/charts");
    }

    private static async Task<JsonDocument> EvaluateAsync(object page)
    {
        Assert.SkipUnless(ExternalTools.Chromium.IsAvailable, ExternalTools.Chromium.WhyMissing);
        _ = ExternalTools.NodeModules.Require();
        var result = await ProcessRunner.RunAsync(
            ExternalTools.Node.Require(), ["--no-warnings", Script.PathOf("evaluate.mjs"), ExternalTools.Chromium.Require(), JsonSerializer.Serialize(page)]);
        return JsonDocument.Parse(result.Succeeded().Output);
    }
}
