using AwesomeAssertions;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.EndToEndTests.Kubectl;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Helm;

/// <summary>The life of a helm release through the cluster door.</summary>
public sealed class ReleaseTests(Fleet fleet)
{
    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task Install_list_upgrade_rollback_history_uninstall_print_the_same_directly_and_through_the_gateway(ClusterKind kind)
    {
        var target = await fleet.GetAsync(kind);
        using var folder = new TempFolder();
        WriteChart(folder);

        var direct = await LifeAsync(target.Direct, folder.PathOf("chart"), "helm-direct");
        var through = await LifeAsync(target.ThroughGateway, folder.PathOf("chart"), "helm-gateway");

        through.Replace("helm-gateway", "helm-direct", StringComparison.Ordinal).Should().Be(direct);
        through.Should().Contain("Rollback was a success").And.Contain("uninstalled");
    }

    private static void WriteChart(TempFolder folder)
    {
        folder.Write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 0.1.0\n");
        folder.Write("chart/values.yaml", "greeting: hello\n");
        folder.Write(
            "chart/templates/all.yaml",
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: "{{ .Release.Name }}-config"}
            data: {greeting: "{{ .Values.greeting }}"}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: "{{ .Release.Name }}"}
            spec: {ports: [{name: http, port: 80}], selector: {app: none}}
            """);
    }

    private static async Task<string> LifeAsync(string kubeconfig, string chart, string ns)
    {
        var transcript = new List<string>();
        foreach (var arguments in new[]
        {
            $"install rel {chart} -n {ns} --create-namespace",
            $"list -n {ns}",
            $"upgrade rel {chart} -n {ns} --set greeting=goodbye",
            $"get values rel -n {ns}",
            $"rollback rel 1 -n {ns}",
            $"history rel -n {ns}",
            $"uninstall rel -n {ns}",
        })
        {
            transcript.Add($"$ {arguments}\n{CommandRunner.Normalise(await CommandRunner.RunAsync(ExternalTools.Helm, kubeconfig, arguments))}");
        }

        return string.Join('\n', transcript);
    }
}
