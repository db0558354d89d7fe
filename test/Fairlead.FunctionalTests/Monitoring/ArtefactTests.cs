using System.Text.Json;
using System.Text.RegularExpressions;
using AwesomeAssertions;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Telemetry;
using Xunit;

namespace Fairlead.FunctionalTests.Monitoring;

/// <summary>The dashboard, the alerts and the page about them are about what a running gateway really says.</summary>
[Collection(AloneTests.Name)]
public sealed partial class ArtefactTests
{
    private static readonly string _root = ExternalTools.RepositoryRoot();
    private static readonly string _alerts = Path.Combine(_root, "deploy", "prometheus", "alerts.yaml");
    private static readonly string _dashboard = Path.Combine(_root, "deploy", "grafana", "fairlead.json");
    private static readonly string _page = Path.Combine(_root, "docs", "monitoring.md");

    [Theory]
    [InlineData("check", "alerts.yaml")]
    [InlineData("test", "alerts_test.yaml")]
    public async Task Prometheus_takes_the_alerts_and_their_tests_pass(string command, string file)
    {
        Assert.SkipUnless(ExternalTools.Promtool.IsAvailable, ExternalTools.Promtool.WhyMissing);

        var result = await ProcessRunner.RunAsync(ExternalTools.Promtool.Require(), [command, "rules", file], workingDirectory: Path.GetDirectoryName(_alerts));

        result.ExitCode.Should().Be(0, result.Output + result.Errors);
    }

    [Fact]
    public async Task Prometheus_takes_the_page_of_metrics()
    {
        Assert.SkipUnless(ExternalTools.Promtool.IsAvailable, ExternalTools.Promtool.WhyMissing);
        await using var world = await MonitoredGateway.StartAsync();
        await world.UseAllAsync();

        var result = await ProcessRunner.RunAsync(ExternalTools.Promtool.Require(), ["check", "metrics"], standardInput: (await world.ScrapeAsync()).Text);

        // 1 is for what cannot be read; 3 for style, in which the runtime's own names have their share.
        result.ExitCode.Should().BeOneOf([0, 3], result.Errors);
        result.Errors.Split('\n').Should().NotContain(static line => line.StartsWith("fairlead_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_metric_that_is_asked_for_is_exported_and_every_one_of_ours_is_documented()
    {
        await using var world = await MonitoredGateway.StartAsync();
        await world.UseAllAsync();
        await world.SumAsync(1, "fairlead_stream_duration_seconds_count", ("fairlead_stream", "exec"));
        await world.SumAsync(1, "kestrel_connection_duration_seconds_count", ("error_type", "invalid_request_headers"));
        var page = await world.ScrapeAsync();
        var exported = page.All.Select(static series => series.Name).ToHashSet(StringComparer.Ordinal);
        var rules = File.ReadAllText(_alerts);
        using var dashboard = JsonDocument.Parse(await File.ReadAllBytesAsync(_dashboard));
        var expressions = Expressions(dashboard.RootElement).ToArray();

        expressions.Length.Should().BeGreaterThan(40);
        foreach (var (where, text) in expressions.Select(static text => ("dashboard", text)).Append(("alerts", rules)))
        {
            MetricName().Matches(text).Select(static match => match.Value).Where(name => !IsLabel(name, page)).Except(exported, StringComparer.Ordinal)
                .Should().BeEmpty($"the {where} asks for it: {text}");
        }

        // Counters of what has not happened yet are not there; those of the library for sessions in Redis neither.
        var documented = MetricName().Matches(await File.ReadAllTextAsync(_page)).Select(static match => match.Value).ToHashSet(StringComparer.Ordinal);
        page.Types.Keys.Where(static name => name.StartsWith("fairlead_", StringComparison.Ordinal)).Except(documented, StringComparer.Ordinal).Should().BeEmpty();
        var labels = page.All.Where(static series => series.Name.StartsWith("fairlead_", StringComparison.Ordinal)).SelectMany(static series => series.Labels.Keys).Where(static label => label is not "le").Distinct(StringComparer.Ordinal);
        labels.Except(MetricName().Matches(await File.ReadAllTextAsync(_page)).Select(static match => match.Value).Concat(["error_type", "k8s_cluster_name"]), StringComparer.Ordinal).Should().BeEmpty();
        page.All.Should().NotContain(static series => series.Labels.ContainsKey("otel_metric_overflow"));
    }

    [Fact]
    public async Task Every_alert_has_a_section_that_says_what_to_do_and_a_test()
    {
        var page = await File.ReadAllTextAsync(_page);
        var tests = await File.ReadAllTextAsync(Path.ChangeExtension(_alerts, null) + "_test.yaml");
        var alerts = Alerts().ToArray();

        alerts.Should().HaveCountGreaterThan(10).And.OnlyHaveUniqueItems();
        foreach (var (name, runbook) in alerts)
        {
            runbook.Should().Be("docs/monitoring.md#" + name.ToLowerInvariant());
            page.Should().Contain($"\n### {name}\n");
            Regex.Matches(tests, $"alertname: {name}\n +exp_alerts:\n", RegexOptions.None, TimeSpan.FromSeconds(1)).Should().NotBeEmpty($"{name} is tested to fire");
        }
    }

    [Fact]
    public void The_dashboard_has_a_place_for_everything()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllBytes(_dashboard));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToArray();

        panels.Select(static panel => panel.GetProperty("id").GetInt32()).Should().OnlyHaveUniqueItems();
        panels.Where(static panel => panel.GetProperty("type").GetString() is "row").Select(static row => row.GetProperty("title").GetString())
            .Should().Equal("At a glance", "Requests", "Streams", "Upstreams and credentials", "Limits, audit, configuration", "Process");
        foreach (var (one, other) in from one in panels from other in panels where one.GetProperty("id").GetInt32() < other.GetProperty("id").GetInt32() select (one, other))
        {
            Overlap(one.GetProperty("gridPos"), other.GetProperty("gridPos")).Should().BeFalse($"{one.GetProperty("title")} and {other.GetProperty("title")}");
        }
    }

    private static bool Overlap(JsonElement one, JsonElement other) =>
        Of(one, "x") < Of(other, "x") + Of(other, "w") && Of(other, "x") < Of(one, "x") + Of(one, "w") && Of(one, "y") < Of(other, "y") + Of(other, "h") && Of(other, "y") < Of(one, "y") + Of(one, "h");

    private static int Of(JsonElement place, string name) => place.GetProperty(name).GetInt32();

    // A label's name begins as a metric's does.
    private static bool IsLabel(string name, Scrape page) => page.All.Any(series => series.Labels.ContainsKey(name));

    private static IEnumerable<string> Expressions(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(static property => property.Name is "expr" or "definition" ? [property.Value.GetString()!] : Expressions(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Expressions),
        _ => [],
    };

    private static IEnumerable<(string Name, string Runbook)> Alerts() =>
        AlertWithRunbook().Matches(File.ReadAllText(_alerts)).Select(static match => (match.Groups["name"].Value, match.Groups["runbook"].Value));

    [GeneratedRegex(@"- alert: (?<name>\w+)\n( +[^-\s].*\n)+? +runbook_url: (?<runbook>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AlertWithRunbook();

    [GeneratedRegex(@"\b(fairlead|kestrel|dotnet)_[a-z0-9_]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MetricName();
}
