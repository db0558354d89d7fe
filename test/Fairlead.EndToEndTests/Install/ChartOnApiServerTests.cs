using AwesomeAssertions;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.EndToEndTests.Kubectl;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Install;

/// <summary>A real API server takes what is shipped, checked field by field (strict validation), first as a trial and then for good.</summary>
public sealed class ChartOnApiServerTests(Fleet fleet)
{
    /// <summary>The two kinds that come with operators, as far as an API server needs them to take objects: their fields are not checked.</summary>
    private const string Kinds =
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: servicemonitors.monitoring.coreos.com}
        spec:
          group: monitoring.coreos.com
          scope: Namespaced
          names: {kind: ServiceMonitor, plural: servicemonitors, singular: servicemonitor}
          versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
        ---
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: httproutes.gateway.networking.k8s.io, annotations: {api-approved.kubernetes.io: unapproved}}
        spec:
          group: gateway.networking.k8s.io
          scope: Namespaced
          names: {kind: HTTPRoute, plural: httproutes, singular: httproute}
          versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
        """;

    private const string Space = "install-chart";

    [Theory]
    [MemberData(nameof(Chart.Values), MemberType = typeof(Chart))]
    public async Task The_API_server_takes_every_object_of_the_chart(string values)
    {
        var kubeconfig = await PrepareAsync();
        using var helm = new Services.Helm();
        var objects = await helm.RunAsync(["template", Space, Chart.Folder, "--namespace", Space, .. Chart.With(values)]);

        await CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig, "apply --validate=strict --dry-run=server -f -", objects);
        await CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig, "apply --validate=strict -f -", objects);
        await CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig, "delete --wait=false -f -", objects);
    }

    [Theory]
    [InlineData("base")]
    [InlineData("two-replicas")]
    public async Task The_API_server_takes_every_object_of_kustomize(string folder)
    {
        var kubeconfig = await PrepareAsync();
        await NamespaceAsync(kubeconfig, "fairlead");

        await CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig, $"apply --validate=strict --dry-run=server -k {Path.Combine(ExternalTools.RepositoryRoot(), "deploy", "kustomize", folder)}");
    }

    [Fact]
    public async Task Helm_installs_upgrades_rolls_back_and_leaves_nothing()
    {
        var kubeconfig = await PrepareAsync();
        using var helm = new Services.Helm();
        string[] release = ["--kubeconfig", kubeconfig, "--namespace", "install-helm"];

        await helm.RunAsync(["upgrade", "--install", "by-helm", Chart.Folder, "--create-namespace", .. release]);
        await helm.RunAsync(["upgrade", "by-helm", Chart.Folder, .. Chart.With("two-replicas-values.yaml"), .. release]);
        (await ObjectsAsync()).Should().Contain("Deployment/by-helm-fairlead-2;").And.Contain("PodDisruptionBudget/by-helm-fairlead");
        await helm.RunAsync(["rollback", "by-helm", .. release]);
        (await ObjectsAsync()).Should().Contain("Deployment/by-helm-fairlead-1;").And.NotContain("PodDisruptionBudget");
        await helm.RunAsync(["uninstall", "by-helm", .. release]);
        (await ObjectsAsync()).Trim().Should().BeEmpty();

        async Task<string> ObjectsAsync() => await CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig,
            "get deployments,poddisruptionbudgets,services,configmaps,networkpolicies,ingresses,servicemonitors,clusterroles,clusterrolebindings --namespace install-helm --selector app.kubernetes.io/instance=by-helm "
            + "--output go-template={{range.items}}{{.kind}}/{{.metadata.name}}-{{with(.spec)}}{{.replicas}}{{end}};{{end}}");
    }

    private async Task<string> PrepareAsync()
    {
        var target = await fleet.GetAsync(ClusterKind.KubeApiServer);
        await CommandRunner.RunAsync(ExternalTools.Kubectl, target.Direct, "apply -f -", Kinds);
        await CommandRunner.RunAsync(ExternalTools.Kubectl, target.Direct, "wait --for=condition=Established crd/servicemonitors.monitoring.coreos.com crd/httproutes.gateway.networking.k8s.io");
        foreach (var name in (string[])[Space, "argocd", "capi", "edge", "team-a"])
        {
            await NamespaceAsync(target.Direct, name);
        }

        return target.Direct;
    }

    private static Task<string> NamespaceAsync(string kubeconfig, string name) =>
        CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig, "apply -f -", $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
}
