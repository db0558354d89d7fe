using System.Text;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Sources;

/// <summary>Clusters that Secrets describe, through a whole gateway.</summary>
public sealed class ClusterSecretsTests : IAsyncDisposable
{
    private const string Argo = "argocd.argoproj.io%2Fsecret-type%3Dcluster";

    private readonly RawUpstream _holder = new();
    private readonly RawUpstream _cluster = new();
    private volatile string _secrets = "";
    private volatile int _status = 200;

    public ClusterSecretsTests() => _holder.Respond(request =>
        _status != 200 ? RawAnswer.Json(_status, "{}")
        : request.Target.Contains("continue=", StringComparison.Ordinal) ? RawAnswer.Json(200, $$"""{ "metadata": { "resourceVersion": "1" }, "items": [{{_secrets}}] }""")
        : RawAnswer.Json(200, """{ "metadata": { "resourceVersion": "1", "continue": "a+b" }, "items": [] }"""));

    [Fact]
    public async Task Argo_CDs_clusters_come_and_go_with_their_Secrets()
    {
        _secrets = ArgoSecret("prod", _cluster.Url, """{ "bearerToken": "argo-token" }""");
        await using var gateway = await StartAsync(Locator() with { Namespace = "argocd" });
        await KnownAsync(gateway, "prod");

        (await gateway.GetAsync("/api", "clusterSecrets/argocd/prod")).Status.Should().Be(200);
        _cluster.Requests[0].Header("Authorization").Should().Be("Bearer argo-token");
        _holder.Requests.Take(2).Select(static request => request.Target).Should().Equal(
            $"/api/v1/namespaces/argocd/secrets?labelSelector={Argo}&limit=200", $"/api/v1/namespaces/argocd/secrets?labelSelector={Argo}&limit=200&continue=a%2Bb");
        _holder.Requests[0].Header("Authorization").Should().Be("Bearer SA");

        _secrets = "";
        await Eventually.BeTrueAsync(async () => (await gateway.GetAsync("/api", "prod")).Status == 404, "the cluster to be gone");
        gateway.Log.Lines.Should().NotContain(static line => line.Contains("argo-token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_Secret_that_cannot_be_used_leaves_the_others_alone_and_no_value_shows()
    {
        _secrets = string.Join(',', ArgoSecret("good", _cluster.Url, "{}"), ArgoSecret("runs", _cluster.Url, """{ "execProviderConfig": { "command": "geheim" } }"""), ArgoSecret("broken", "geheim", "{}"));
        await using var gateway = await StartAsync(Locator());
        await KnownAsync(gateway, "good");

        (await gateway.GetAsync("/api", "good")).Status.Should().Be(200);
        (await gateway.GetAsync("/api", "runs")).Status.Should().Be(502);
        (await gateway.GetAsync("/api", "broken")).Status.Should().Be(404);
        gateway.Log.Lines.Should().Contain(static line => line.Contains("Secret argocd/runs gives a cluster that only callers with a cluster token of their own reach: execProviderConfig names a program", StringComparison.Ordinal))
            .And.Contain(static line => line.Contains("Secret argocd/broken is ignored: server has to be a full URL", StringComparison.Ordinal))
            .And.NotContain(static line => line.Contains("geheim", StringComparison.Ordinal));
        _cluster.Requests.Should().HaveCount(2, "only the good one was sent anything");
    }

    [Fact]
    public async Task A_kubeconfig_of_Cluster_API_is_a_cluster()
    {
        var kubeconfig = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""
            clusters: [{ name: c, cluster: { server: "{{_cluster.Url}}" } }]
            users: [{ name: u, user: { token: capi-token } }]
            contexts: [{ name: x, context: { cluster: c, user: u } }]
            current-context: x
            """));
        _secrets = $$"""
            { "metadata": { "name": "prod-kubeconfig", "namespace": "default", "labels": { "cluster.x-k8s.io/cluster-name": "prod" } }, "type": "cluster.x-k8s.io/secret", "data": { "value": "{{kubeconfig}}" } },
            { "metadata": { "name": "prod-ca", "namespace": "default", "labels": { "cluster.x-k8s.io/cluster-name": "prod" } }, "type": "cluster.x-k8s.io/secret", "data": { "tls.key": "eA==" } }
            """;
        await using var gateway = await StartAsync(Locator() with { Format = ClusterSecretFormat.ClusterApi, LabelSelector = "cluster.x-k8s.io/cluster-name" });
        await KnownAsync(gateway, "clusterSecrets/default/prod");

        _cluster.Requests[0].Header("Authorization").Should().Be("Bearer capi-token");
        _holder.Requests[0].Target.Should().Be("/api/v1/secrets?labelSelector=cluster.x-k8s.io%2Fcluster-name&limit=200");
        gateway.Log.Count(201).Should().Be(0);
    }

    [Fact]
    public async Task Where_Secrets_may_not_be_listed_the_last_ones_stand()
    {
        _secrets = ArgoSecret("prod", _cluster.Url, "{}");
        await using var gateway = await StartAsync(Locator());
        await KnownAsync(gateway, "prod");

        _status = 403;
        await Eventually.BeTrueAsync(() => gateway.Log.Lines.Any(static line => line.Contains("may not list Secrets in all namespaces", StringComparison.Ordinal)), "the refusal to be noticed");

        (await gateway.GetAsync("/api", "prod")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_Secret_that_takes_the_holders_name_does_not_keep_the_source_from_being_read()
    {
        _secrets = ArgoSecret("mgmt", _cluster.Url, "{}");
        await using var gateway = await StartAsync(Locator());
        await Eventually.BeTrueAsync(async () => (await gateway.GetAsync("/api", "mgmt")).Status == 409, "the name to be ambiguous");

        _secrets = "";

        await Eventually.BeTrueAsync(async () => (await gateway.GetAsync("/api", "mgmt")).Status == 200, "the name to be the holder's again");
    }

    [Fact]
    public async Task A_cluster_that_does_not_exist_is_named()
    {
        await using var gateway = await StartAsync(Locator() with { Cluster = "zzz" });

        await Eventually.BeTrueAsync(() => gateway.Log.Lines.Any(static line => line.Contains("there is no single cluster 'zzz'", StringComparison.Ordinal)), "the problem to be logged");
    }

    public async ValueTask DisposeAsync()
    {
        await _holder.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    private static ClusterLocator.ClusterSecrets Locator() => new("clusterSecrets", TimeSpan.FromMilliseconds(50))
    {
        Cluster = "mgmt", Format = ClusterSecretFormat.ArgoCd, LabelSelector = "argocd.argoproj.io/secret-type=cluster",
    };

    private static string ArgoSecret(string name, string server, string config) => $$"""
        { "metadata": { "name": "{{name}}", "namespace": "argocd" }, "type": "Opaque", "data": { "name": "{{Base64(name)}}", "server": "{{Base64(server)}}", "config": "{{Base64(config)}}" } }
        """;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static Task KnownAsync(TestGateway gateway, string name) =>
        Eventually.BeTrueAsync(async () => (await gateway.GetAsync("/api", name)).Status == 200, $"cluster {name} to be there");

    private Task<TestGateway> StartAsync(ClusterLocator.ClusterSecrets locator)
    {
        var options = TestGateway.Options(TestCluster.Held("mgmt", _holder.Url));
        return TestGateway.StartAsync(options with { ClusterLocators = [.. options.ClusterLocators, locator] });
    }
}
