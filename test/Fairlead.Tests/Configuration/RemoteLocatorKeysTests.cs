using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;
using Xunit;

namespace Fairlead.Tests.Configuration;

/// <summary>The keys of sources that are asked over the network, and those that say what clusters are called.</summary>
public sealed class RemoteLocatorKeysTests : IDisposable
{
    private const string Portal = "auth: { backstage: { url: http://portal:7007/, token: portal-token, caFile: portal.pem } }\n";

    private readonly Loading _loading = new();

    [Fact]
    public void B108_A_copied_catalog_asks_the_portal_of_auth_backstage()
    {
        Locator<ClusterLocator.BackstageCatalog>("type: catalog", Portal).Should().Be(new ClusterLocator.BackstageCatalog("catalog", TimeSpan.FromMinutes(1))
        {
            Url = new Uri("http://portal:7007"),
            Token = new Secret("portal-token"),
            CaFile = _loading.Folder.Of("portal.pem"),
        });
    }

    [Fact]
    public void B108_Without_any_portal_the_start_says_which_key_to_set()
    {
        var options = _loading.Options(Section("type: catalog"));

        options.ClusterLocators.Should().ContainSingle().Which.Should().BeOfType<ClusterLocator.BackstageCatalog>().Which.Url.Should().BeNull();
        options.Notices.Should().ContainSingle(static notice => notice.Contains("set kubernetes.clusterLocatorMethods[0].url or auth.backstage.url", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_meant_for_one_portal_is_not_shown_to_another() =>
        Locator<ClusterLocator.BackstageCatalog>("type: catalog, url: https://other", Portal).Should().Be(
            new ClusterLocator.BackstageCatalog("catalog", TimeSpan.FromMinutes(1)) { Url = new Uri("https://other") });

    [Fact]
    public void Every_key_of_a_catalog_is_read() =>
        Locator<ClusterLocator.BackstageCatalog>(
            "type: catalog, name: portal, url: https://p, tokenFile: tok, caFile: ca, refresh: 5m, dangerouslyAllowClusterUrls: [a, '*.b'], dangerouslyAllowSkipTLSVerify: true, dangerouslyAllowGatewayCredentials: true", Portal).Should().Be(
            new ClusterLocator.BackstageCatalog("portal", TimeSpan.FromMinutes(5))
            {
                Url = new Uri("https://p"), TokenFile = _loading.Folder.Of("tok"), CaFile = _loading.Folder.Of("ca"), AllowedHosts = ["a", "*.b"], AllowsSkipTlsVerify = true, AllowsGatewayCredentials = true,
            });

    [Fact]
    public void Hosts_of_every_kind_may_be_listed() =>
        Locator<ClusterLocator.BackstageCatalog>("type: catalog, url: https://p, dangerouslyAllowClusterUrls: ['127.0.0.1', '::1', '[::1]', '*.b.example', 'a_b']").AllowedHosts.Should().HaveCount(5);

    [Fact]
    public void Every_key_of_GKE_is_read() =>
        Locator<ClusterLocator.Gke>(
            "type: gke, projectId: p, region: r, authProvider: googleServiceAccount, skipTLSVerify: true, exposeDashboard: true, endpointType: dns, endpoint: 'http://127.0.0.1:9/', caFile: ca, refresh: 1h, "
            + "matchingResourceLabels: [{ key: a, value: b }]").Should().Be(
            new ClusterLocator.Gke("gke", TimeSpan.FromHours(1), "p")
            {
                Region = "r", UsesServiceAccount = true, AllowsGatewayCredentials = true, SkipTlsVerify = true, ExposesDashboard = true, UsesDnsEndpoint = true, Endpoint = new Uri("http://127.0.0.1:9"), CaFile = _loading.Folder.Of("ca"),
                Labels = [new("a", "b")],
            });

    [Fact]
    public void GKE_needs_a_project_alone() =>
        Locator<ClusterLocator.Gke>("type: gke, projectId: p").Should().Be(new ClusterLocator.Gke("gke", TimeSpan.FromMinutes(10), "p") { AllowsGatewayCredentials = true });

    [Theory]
    [InlineData("argocd", "argocd.argoproj.io/secret-type=cluster")]
    [InlineData("clusterApi", "cluster.x-k8s.io/cluster-name")]
    public void Each_format_of_Secrets_has_its_own_label(string format, string selector) =>
        Locator<ClusterLocator.ClusterSecrets>($"type: clusterSecrets, format: {format}").Should().Be(
            new ClusterLocator.ClusterSecrets("clusterSecrets", TimeSpan.FromSeconds(30)) { LabelSelector = selector, Format = format is "argocd" ? ClusterSecretFormat.ArgoCd : ClusterSecretFormat.ClusterApi });

    [Fact]
    public void Every_key_of_Secrets_is_read() =>
        Locator<ClusterLocator.ClusterSecrets>("type: clusterSecrets, format: argocd, cluster: config/mgmt, namespace: argocd, labelSelector: 'a=b', refresh: 10s").Should().Be(
            new ClusterLocator.ClusterSecrets("clusterSecrets", TimeSpan.FromSeconds(10)) { Cluster = "config/mgmt", Namespace = "argocd", LabelSelector = "a=b", Format = ClusterSecretFormat.ArgoCd });

    [Fact]
    public void Prefix_and_aliases_stand_on_every_source()
    {
        var options = _loading.Options("""
            kubernetes:
              clusterLocatorMethods:
                - { type: localKubectlProxy, prefix: my-, aliases: { local: mine, a/b: "c d" } }
            """);

        options.ClusterLocators.Should().Equal(new ClusterLocator.LocalKubectlProxy("localKubectlProxy") { Prefix = "my-", Aliases = [new("local", "mine"), new("a/b", "c d")] });
    }

    [Theory]
    [InlineData("type: catalog, url: 'ftp://x'", "url")]
    [InlineData("type: catalog, url: 'https://u@x'", "url")]
    [InlineData("type: catalog, token: a, tokenFile: b", "token")]
    [InlineData("type: catalog, token: '${MISSING}'", "token")]
    [InlineData("type: catalog, token: 'a b'", "token")]
    [InlineData("type: catalog, refresh: 1ms", "refresh")]
    [InlineData("type: catalog, urls: x", "urls")]
    [InlineData("type: catalog, dangerouslyAllowClusterUrls: ['https://a.example']", "dangerouslyAllowClusterUrls[0]")]
    [InlineData("type: catalog, dangerouslyAllowClusterUrls: ['a.example:6443']", "dangerouslyAllowClusterUrls[0]")]
    [InlineData("type: catalog, dangerouslyAllowClusterUrls: ['*']", "dangerouslyAllowClusterUrls[0]")]
    [InlineData("type: gke", "projectId")]
    [InlineData("type: gke, projectId: p, endpoint: http://example.com", "endpoint")]
    [InlineData("type: gke, projectId: p, endpointType: private", "endpointType")]
    [InlineData("type: clusterSecrets", "format")]
    [InlineData("type: clusterSecrets, format: helm", "format")]
    [InlineData("type: clusterSecrets, format: argocd, namespace: ../kube-system", "namespace")]
    [InlineData("type: clusterSecrets, format: argocd, namespace: '${MISSING}'", "namespace")]
    [InlineData("type: localKubectlProxy, prefix: ' a'", "prefix")]
    [InlineData("type: localKubectlProxy, aliases: { local: ' a' }", "aliases")]
    [InlineData("type: localKubectlProxy, aliases: { local: '${MISSING}' }", "aliases.local")]
    public void What_cannot_be_meant_stops_the_start(string keys, string path) => _loading.Error(Section(keys)).Path.Should().Be("kubernetes.clusterLocatorMethods[0]." + path);

    public void Dispose() => _loading.Dispose();

    private static string Section(string keys) => $$"""
        kubernetes:
          clusterLocatorMethods:
            - { {{keys}} }

        """;

    private T Locator<T>(string keys, string more = "")
        where T : ClusterLocator => _loading.Options(Section(keys) + more).ClusterLocators.Should().ContainSingle().Which.Should().BeOfType<T>().Subject;
}
