using AwesomeAssertions;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Kubectl;

/// <summary>kubectl's everyday commands: the same outputs directly and through the cluster door.</summary>
public sealed class ObjectTests(Fleet fleet)
{
    /// <summary>Both kinds of cluster with both kubectls.</summary>
    public static TheoryData<ClusterKind, string> Matrix => new()
    {
        { ClusterKind.StandIn, "1.34" },
        { ClusterKind.StandIn, "1.20" },
        { ClusterKind.KubeApiServer, "1.34" },
        { ClusterKind.KubeApiServer, "1.20" },
    };

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task The_life_of_an_object_prints_the_same_directly_and_through_the_gateway(ClusterKind kind, string version)
    {
        var target = await fleet.GetAsync(kind);
        var kubectl = Tool(version);

        var direct = await LifeAsync(kubectl, target.Direct, $"life-direct-{version.Replace('.', '-')}");
        var through = await LifeAsync(kubectl, target.ThroughGateway, $"life-gateway-{version.Replace('.', '-')}");

        through.Replace("life-gateway", "life-direct", StringComparison.Ordinal).Should().Be(direct);
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task A_list_in_pages_is_whole(ClusterKind kind, string version)
    {
        var target = await fleet.GetAsync(kind);
        var kubectl = Tool(version);
        var ns = $"pages-{version.Replace('.', '-')}";
        await CommandRunner.RunAsync(kubectl, target.Direct, $"create namespace {ns}");
        var objects = string.Join("\n---\n", Enumerable.Range(0, 120).Select(i =>
            $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c{{{i:000}}}","namespace":"{{{ns}}}"}}"""));
        await CommandRunner.RunAsync(ExternalTools.Kubectl, target.ThroughGateway, "create -f -", objects);

        var names = await CommandRunner.RunAsync(kubectl, target.ThroughGateway, $"-n {ns} get configmaps -o name --chunk-size=50");

        names.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCountGreaterThanOrEqualTo(120).And.OnlyHaveUniqueItems();
        names.Should().Be(await CommandRunner.RunAsync(kubectl, target.Direct, $"-n {ns} get configmaps -o name --chunk-size=50"));
    }

    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task Server_side_apply_and_its_conflicts_are_the_clusters(ClusterKind kind)
    {
        var target = await fleet.GetAsync(kind);
        var kubectl = ExternalTools.Kubectl;
        await CommandRunner.RunAsync(kubectl, target.Direct, "create namespace ssa");
        const string First = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"s","namespace":"ssa"},"data":{"k":"1"}}""";

        var applied = await CommandRunner.RunAsync(kubectl, target.ThroughGateway, "apply --server-side --field-manager=one -f -", First);
        var conflict = await CommandRunner.TryAsync(
            kubectl, target.ThroughGateway, "apply --server-side --field-manager=two -f -", First.Replace("\"1\"", "\"2\"", StringComparison.Ordinal));

        applied.Trim().Should().Be("configmap/s serverside-applied");
        conflict.ExitCode.Should().NotBe(0);
        conflict.Errors.Should().Contain("conflict");
    }

    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task Can_i_is_answered_for_whose_token_travels(ClusterKind kind)
    {
        var target = await fleet.GetAsync(kind);

        foreach (var (kubeconfig, expected) in new[]
        {
            (target.Direct, "yes"), (target.ThroughGateway, "yes"), (target.AsUserDirect, "no"), (target.AsUserThroughGateway, "no"),
        })
        {
            var answer = await CommandRunner.TryAsync(ExternalTools.Kubectl, kubeconfig, "auth can-i delete secrets -A");
            answer.Output.Trim().Should().Be(expected);
        }
    }

    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task A_refusal_of_the_cluster_prints_the_same_directly_and_through_the_gateway(ClusterKind kind)
    {
        var target = await fleet.GetAsync(kind);

        var direct = await CommandRunner.TryAsync(ExternalTools.Kubectl, target.AsUserDirect, "get secrets -n default");
        var through = await CommandRunner.TryAsync(ExternalTools.Kubectl, target.AsUserThroughGateway, "get secrets -n default");

        through.Errors.Should().Be(direct.Errors).And.Contain("\"bob\"");
        through.ExitCode.Should().Be(direct.ExitCode);
    }

    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task Impersonation_with_the_callers_own_token_is_judged_by_the_cluster(ClusterKind kind)
    {
        var target = await fleet.GetAsync(kind);

        var refused = await CommandRunner.TryAsync(ExternalTools.Kubectl, target.AsUserThroughGateway, "get pods --as=alice");
        var byGateway = await CommandRunner.TryAsync(ExternalTools.Kubectl, target.ThroughGateway, "get pods --as=alice");

        // "cannot impersonate resource users", and since 1.36 "cannot impersonate-on:user-info:list".
        refused.Errors.Should().Contain("User \"bob\" cannot impersonate");
        byGateway.Errors.Should().Contain("Unauthorized to impersonate");
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task A_watch_shows_what_happens_after_it_began(ClusterKind kind, string version)
    {
        var target = await fleet.GetAsync(kind);
        var kubectl = Tool(version);
        var ns = $"watch-{version.Replace('.', '-')}";
        await CommandRunner.RunAsync(kubectl, target.Direct, $"create namespace {ns}");
        await CommandRunner.RunAsync(kubectl, target.Direct, $"-n {ns} create configmap before");
        await using var watch = RunningProcess.Start(
            kubectl.Require(),
            ["-n", ns, "get", "configmaps", "--watch", "-o", "name"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["KUBECONFIG"] = target.ThroughGateway });

        await watch.WaitForLineAsync("configmap/before");
        await CommandRunner.RunAsync(kubectl, target.Direct, $"-n {ns} create configmap after");

        await watch.WaitForLineAsync("configmap/after");
    }

    internal static ExternalTool Tool(string version) => version is "1.20" ? ExternalTools.OldKubectl : ExternalTools.Kubectl;

    private static async Task<string> LifeAsync(ExternalTool kubectl, string kubeconfig, string ns)
    {
        const string Deployment =
            """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"web"}},
             "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"nginx:1"}]}}}}
            """;
        var steps = new (string Arguments, string Input)[]
        {
            ($"create namespace {ns}", ""),
            ($"-n {ns} create configmap a --from-literal=x=1", ""),
            ($"-n {ns} apply -f -", Deployment),
            ($"-n {ns} apply -f -", Deployment.Replace("nginx:1", "nginx:2", StringComparison.Ordinal)),
            ($"-n {ns} get deployment web -o jsonpath={{.spec.template.spec.containers[*].image}}", ""),
            ($"-n {ns} scale deployment web --replicas=2", ""),
            ($"-n {ns} patch configmap a -p {{\"data\":{{\"y\":\"2\"}}}}", ""),
            ($"-n {ns} patch configmap a --type=json -p [{{\"op\":\"remove\",\"path\":\"/data/x\"}}]", ""),
            ($"-n {ns} label configmap a tier=front", ""),
            ($"-n {ns} get configmap a -o jsonpath={{.data}}{{.metadata.labels}}", ""),
            ($"-n {ns} get configmaps -l tier=front -o name", ""),
            ($"-n {ns} get configmap a", ""),
            ($"-n {ns} delete configmap a", ""),
        };
        var transcript = new List<string>();
        foreach (var (arguments, input) in steps)
        {
            transcript.Add($"$ {arguments}\n{CommandRunner.Normalise(await CommandRunner.RunAsync(kubectl, kubeconfig, arguments, input))}");
        }

        return string.Join('\n', transcript);
    }
}
