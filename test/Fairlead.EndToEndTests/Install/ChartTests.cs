using System.Text.RegularExpressions;
using AwesomeAssertions;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Install;

/// <summary>What helm makes of the chart, with its own values and with those in <c>ci</c>.</summary>
public sealed partial class ChartTests
{
    [Theory]
    [MemberData(nameof(Chart.Values), MemberType = typeof(Chart))]
    public async Task Helm_finds_no_fault(string values)
    {
        using var helm = new Services.Helm();
        (await helm.RunAsync(["lint", "--strict", Chart.Folder, .. Chart.With(values)])).Should().Contain("0 chart(s) failed");
    }

    [Theory]
    [MemberData(nameof(Chart.Values), MemberType = typeof(Chart))]
    public async Task The_gateway_takes_the_rendered_configuration(string values)
    {
        using var configuration = new RenderedConfiguration(await Chart.RenderAsync(Chart.With(values)));

        configuration.Result.Errors.Should().BeEmpty();
        configuration.Result.Options!.ManagementListen!.Port.Should().Be(8090);
    }

    [Theory]
    [MemberData(nameof(Chart.Values), MemberType = typeof(Chart))]
    public async Task Pods_get_no_more_than_they_need(string values)
    {
        var objects = await Chart.RenderAsync(Chart.With(values));

        var pod = objects.Single(static item => item.Kind is "Deployment");
        pod.Text("spec", "template", "spec", "securityContext", "runAsNonRoot").Should().Be("true");
        pod.Text("spec", "template", "spec", "securityContext", "seccompProfile", "type").Should().Be("RuntimeDefault");
        string[] container = ["spec", "template", "spec", "containers", "0"];
        pod.Text([.. container, "securityContext", "readOnlyRootFilesystem"]).Should().Be("true");
        pod.Text([.. container, "securityContext", "allowPrivilegeEscalation"]).Should().Be("false");
        pod.Text([.. container, "securityContext", "capabilities", "drop", "0"]).Should().Be("ALL");
        pod.Text([.. container, "resources", "limits", "memory"]).Should().Be("512Mi");
        pod.Node.ToJsonString().Should().NotContain("subPath", "changes of a ConfigMap do not arrive through it");
        objects.Single(static item => item.Kind is "Service" && item.At("spec", "clusterIP") is null).Node.ToJsonString().Should().NotContain("management");
    }

    [Theory]
    [InlineData("", true, "ClusterRole fairlead")]
    [InlineData("config.serviceProxy.enabled=false", true)]
    [InlineData("config.kubernetes.clusterLocatorMethods[0].type=localKubectlProxy", false)]
    [InlineData("rbac.create=false", true)]
    public async Task Rights_and_the_token_are_there_only_where_the_configuration_uses_them(string setting, bool hasToken, params string[] roles)
    {
        var objects = await Chart.RenderAsync(setting.Length == 0 ? [] : ["--set", setting]);

        objects.Where(static item => item.Kind is "ClusterRole" or "Role").Select(static item => item.Id).Should().Equal(roles);
        objects.Single(static item => item.Kind is "Deployment").Text("spec", "template", "spec", "automountServiceAccountToken").Should().Be(hasToken ? "true" : "false");
    }

    [Theory]
    [InlineData("replicas=2", "config.sessions.redis.url")]
    [InlineData("replicas=2,config.sessions.redis.url=redis://redis", "config.sessions.secret")]
    [InlineData("ingress.enabled=true", "ingress.host")]
    [InlineData("httpRoute.enabled=true", "httpRoute.parentRefs")]
    [InlineData("listen.http=false", "tls.secretName")]
    [InlineData("replica=2", "additional properties 'replica' not allowed")]
    [InlineData("image.tags=2", "additional properties 'tags' not allowed")]
    [InlineData("config.listen=http://0.0.0.0:80", "listen")]
    [InlineData("replicas=-1", "minimum")]
    [InlineData("config.sessions.secret=cleartext", "config holds a secret in clear text")]
    [InlineData("config.auth.oidc[0].clientSecret=cleartext", "config holds a secret in clear text")]
    public async Task What_cannot_work_is_refused_before_it_is_installed(string settings, string message)
    {
        var result = await Chart.TryRenderAsync("--set", settings);

        result.ExitCode.Should().NotBe(0);
        result.Errors.Should().Contain(message);
    }

    [Fact]
    public async Task Replicas_may_share_nothing_where_callers_bring_tokens_only() =>
        (await Chart.RenderAsync("--set", "replicas=2,stateless=true")).Should().ContainSingle(static item => item.Kind.Equals("PodDisruptionBudget", StringComparison.Ordinal));

    [Theory]
    [InlineData("config.access.rules[0].verbs[0]=get", false)]
    [InlineData("config.auth.tokenReview=true", false)]
    [InlineData("config.limits.requestBody=1048576", true)]
    [InlineData("config.sessions.idle=2h", true)]
    [InlineData("tls.secretName=fairlead-tls", true)]
    public async Task Pods_restart_for_what_is_read_at_the_start_and_for_nothing_else(string setting, bool restarts)
    {
        var before = Checksum(await Chart.RenderAsync());

        string.Equals(Checksum(await Chart.RenderAsync("--set", setting)), before, StringComparison.Ordinal).Should().Be(!restarts);

        static string Checksum(IEnumerable<Manifest> objects) =>
            objects.Single(static item => item.Kind is "Deployment").Text("spec", "template", "metadata", "annotations", "checksum/restart");
    }

    [Fact]
    public async Task Every_key_that_the_documentation_says_needs_a_restart_restarts_the_pods()
    {
        var root = ExternalTools.RepositoryRoot();
        var documented = NeedRestart().Match(await File.ReadAllTextAsync(Path.Combine(root, "docs", "replicas.md"))).Groups["keys"].Value;
        var chart = Picked().Match(await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "templates", "_config.tpl"))).Groups["keys"].Value;

        Documented().Matches(documented).Select(static word => word.Groups["key"].Value).Should().NotBeEmpty()
            .And.BeSubsetOf(Word().Matches(chart).Select(static word => word.Groups["key"].Value));
    }

    [Fact]
    public async Task The_charts_version_is_the_servers()
    {
        var root = ExternalTools.RepositoryRoot();
        var version = Version().Match(await File.ReadAllTextAsync(Path.Combine(root, "Directory.Build.props"))).Groups["version"].Value;
        var chart = Manifest.Read(await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "Chart.yaml"))).Single();

        chart.Text("version").Should().Be(version);
        chart.Text("appVersion").Should().Be(version);
    }

    [GeneratedRegex(@"\| needs a restart \|\n\|[-|]+\n\|[^|]*\|(?<keys>[^|]*)\|", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex NeedRestart();

    [GeneratedRegex("`(?<key>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Documented();

    [GeneratedRegex(@"pick \(.*?\) (?<keys>.*?) \|", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Picked();

    [GeneratedRegex("\"(?<key>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Word();

    [GeneratedRegex("<VersionPrefix>(?<version>.*)</VersionPrefix>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Version();
}
