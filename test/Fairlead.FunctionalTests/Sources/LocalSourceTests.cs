using AwesomeAssertions;
using Fairlead.Commands;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Files;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;
using TempFolder = Fairlead.Testing.Files.TempFolder;

namespace Fairlead.FunctionalTests.Sources;

/// <summary>Folders of kubeconfigs while the server runs, GKE on this machine, and how the operator sees how sources stand.</summary>
public sealed class LocalSourceTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RawUpstream _one = new();
    private readonly RawUpstream _two = new();

    [Fact]
    public async Task Files_of_a_folder_are_added_changed_broken_and_removed_while_the_server_runs()
    {
        Write("a.yaml", _one, "a");
        await using var gateway = await StartAsync(new ClusterLocator.Kubeconfig("dir", [_folder.Path], []));
        (await gateway.GetAsync("/api", "dir/a/ctx")).Status.Should().Be(200);

        Write("b.yaml", _two, "b");
        await StatusAsync(gateway, "dir/b/ctx", 200);
        (await gateway.GetAsync("/api", "ctx")).Status.Should().Be(409, "two files have it now");

        Write("a.yaml", _two, "changed");
        await Eventually.BeTrueAsync(
            async () =>
            {
                await gateway.GetAsync("/api", "dir/a/ctx");
                return _two.Requests.Any(static request => request.Header("Authorization") is "Bearer changed");
            },
            "the changed file to be used");

        _folder.Write("a.yaml", "users: [");
        await Eventually.BeTrueAsync(() => gateway.Log.Lines.Any(static line => line.Contains("a.yaml", StringComparison.Ordinal) && line.Contains("Cluster source 'dir'", StringComparison.Ordinal)), "the broken file to be said");
        (await gateway.GetAsync("/api", "dir/a/ctx")).Status.Should().Be(200, "a file that is half written says nothing new");
        (await gateway.GetAsync("/api", "dir/b/ctx")).Status.Should().Be(200, "the other file is as it was");

        File.Delete(_folder.Of("a.yaml"));
        await StatusAsync(gateway, "dir/a/ctx", 404);
        File.Delete(_folder.Of("b.yaml"));
        await StatusAsync(gateway, "ctx", 404);
    }

    [Fact]
    public async Task A_mounted_ConfigMap_of_kubeconfigs_is_followed()
    {
        using var mounted = new MountedFolder();
        mounted.Publish(("a.yaml", Kubeconfig(_one, "a")));
        await using var gateway = await StartAsync(new ClusterLocator.Kubeconfig("dir", [mounted.Of("")], []));
        (await gateway.GetAsync("/api", "ctx")).Status.Should().Be(200);

        mounted.Publish(("a.yaml", Kubeconfig(_two, "b")));

        await Eventually.BeTrueAsync(
            async () =>
            {
                await gateway.GetAsync("/api", "ctx");
                return _two.Requests.Count > 0;
            },
            "the new version to be used");
    }

    [Fact]
    public async Task Clusters_of_Google_are_asked_for_with_a_token_and_found_by_their_location()
    {
        await using var google = new RawUpstream();
        google.Respond(RawAnswer.Json(200, $$"""{ "clusters": [{ "name": "prod", "location": "europe-west1", "endpoint": "127.0.0.1:{{_one.Port}}" }] }"""));
        var locator = new ClusterLocator.Gke("gke", TimeSpan.FromHours(1), "p") { Endpoint = new Uri(google.Url), SkipTlsVerify = true };
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options() with { ClusterLocators = [locator] }, google: static (_, _) => Task.FromResult(new Kubernetes.Secrets.Secret("google-token")));

        await Eventually.BeTrueAsync(
            async () => (await gateway.SendAsync(RawRequest.Get("/api/kubernetes/clusters"))).BodyText.Contains("\"prod\"", StringComparison.Ordinal), "the cluster to be there");

        google.Requests.Should().ContainSingle().Which.Header("Authorization").Should().Be("Bearer google-token");
        (await gateway.GetAsync("/api", "gke/europe-west1/prod")).Status.Should().Be(401, "its callers bring a token");
    }

    [Fact]
    public async Task Readiness_lists_sources_only_when_asked_and_is_none_of_their_business()
    {
        await using var gateway = await StartAsync(
            new ClusterLocator.Config("config", [TestCluster.Held("x", _one.Url)]) { Aliases = [new("zzz", "y")] },
            new ClusterLocator.Kubeconfig("dir", [_folder.Of("missing")], []),
            new ClusterLocator.LocalKubectlProxy("proxy"));

        (await ReadyAsync(gateway, "/readyz")).Should().Be("ok");
        (await ReadyAsync(gateway, "/readyz?verbose")).Should().Be(
            "[+]ping ok\n[+]configuration ok (generation 1)\n[+]source config ok (1 cluster, 1 problem)\n"
            + $"[-]source dir failed: source 'dir': {_folder.Of("missing")}: the file does not exist (0 clusters as before)\n"
            + "[+]source proxy ok (1 cluster)\n[+]cluster config/x ok (not asked yet; source config)\n[+]cluster proxy/local ok (not asked yet; source proxy)\nreadyz check passed\n");
    }

    [Fact]
    public async Task Check_lists_each_source_and_what_is_wrong_with_it()
    {
        using var nobody = new RefusedPort();
        Write("a.yaml", _one, "a");
        _folder.Write("b.yaml", "users: [");
        _one.Respond(RawAnswer.Json(200, """{ "gitVersion": "v1" }"""));
        var options = TestGateway.Options() with
        {
            ClusterLocators =
            [
                new ClusterLocator.Kubeconfig("dir", [_folder.Path], []),
                new ClusterLocator.BackstageCatalog("catalog", TimeSpan.FromMinutes(1)) { Url = new Uri($"http://127.0.0.1:{nobody.Port}") },
                new ClusterLocator.BackstageCatalog("unset", TimeSpan.FromMinutes(1)),
            ],
        };
        var output = new StringWriter();

        var code = await CheckCommand.RunAsync(() => new ConfigurationResult(options, []), Local, output, CancellationToken.None);

        code.Should().Be(1);
        output.ToString().ReplaceLineEndings("\n").Should().Contain("SOURCE   RESULT\ndir      WRONG: 1 cluster\ncatalog  WRONG: 0 clusters\nunset    WRONG: 0 clusters\n")
            .And.Contain("wrong: cluster source 'dir': source 'dir': ").And.Contain("wrong: cluster source 'catalog': cannot be asked at ").And.Contain("wrong: cluster source 'unset': has no portal to ask: set url");
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        _folder.Dispose();
    }

    private static ClusterSourceResult Local(ClusterLocator locator) => ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal));

    private static Task<TestGateway> StartAsync(params ClusterLocator[] locators) => TestGateway.StartAsync(TestGateway.Options() with { ClusterLocators = locators });

    private static Task StatusAsync(TestGateway gateway, string cluster, int status) =>
        Eventually.BeTrueAsync(async () => (await gateway.GetAsync("/api", cluster)).Status == status, $"{cluster} to answer {status}");

    private static async Task<string> ReadyAsync(TestGateway gateway, string target)
    {
        var response = await RawClient.ExchangeAsync(gateway.ManagementPort, RawRequest.Get(target));
        response.Status.Should().Be(200);
        return response.BodyText;
    }

    private static string Kubeconfig(RawUpstream upstream, string token) => $$"""
        clusters: [{ name: c, cluster: { server: "{{upstream.Url}}" } }]
        users: [{ name: u, user: { token: {{token}} } }]
        contexts: [{ name: ctx, context: { cluster: c, user: u } }]
        """;

    private void Write(string name, RawUpstream upstream, string token) => _folder.Write(name, Kubeconfig(upstream, token));
}
