using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Files;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Install;

/// <summary>The image: what its Dockerfile says, and the published server in a root file system that holds no more.</summary>
public sealed class ImageTests : IAsyncDisposable
{
    private const string Token = "a-token-of-the-portal";
    private readonly string _address = PodProcess.NextAddress();
    private readonly RawUpstream _cluster = new(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server("127.0.0.1").Certificate });
    private readonly MountedFolder _config = new();

    [Fact]
    public async Task The_image_is_what_the_chart_expects()
    {
        var image = new ImageRecipe();
        var pod = (await Chart.RenderAsync("--set", "tls.secretName=fairlead-tls")).Single(static item => item.Kind is "Deployment");

        image.User.Should().Be($"{pod.Text("spec", "template", "spec", "securityContext", "runAsUser")}:{pod.Text("spec", "template", "spec", "securityContext", "runAsGroup")}").And.MatchRegex("^[1-9][0-9]+:[1-9][0-9]+$");
        image.Arguments.Should().Equal(pod.At("spec", "template", "spec", "containers", "0", "args")!.AsArray().Select(static item => item!.GetValue<string>()));
        image.Ports.Should().Equal(pod.At("spec", "template", "spec", "containers", "0", "ports")!.AsArray().Select(static item => item!["containerPort"]!.GetValue<string>()));
        image.Environment.Should().Contain("DOTNET_EnableDiagnostics=0");
    }

    [Fact]
    public async Task The_published_server_serves_and_reloads_as_a_user_without_a_name_on_a_root_that_nobody_can_write()
    {
        await PodProcess.SkipTestWithoutAsync();
        Assert.SkipUnless(PodProcess.Published.IsAvailable, PodProcess.Published.WhyMissing);
        await PublishAsync("one");
        var deployment = (await RenderAsync("one")).Single(static item => item.Kind is "Deployment");

        await using var pod = await PodProcess.StartAsync(
            deployment, new Dictionary<string, string>(StringComparer.Ordinal) { ["config"] = Path.GetDirectoryName(_config.Of("fairlead.yaml"))! }, published: PodProcess.Published.Require());

        (await GetAsync(8090, "/readyz")).Should().Be("ok");
        (await GetAsync(8080, "/api/kubernetes/clusters")).Should().Contain("\"one\"");
        (await GetAsync(8080, "/clusters/one/api/v1/pods")).Should().Be("{}", "TLS works, and the certificate is checked");

        var status = await File.ReadAllLinesAsync($"/proc/{pod.Process.Id}/status");
        status.Should().Contain(["Uid:\t1654\t1654\t1654\t1654", "Gid:\t1654\t1654\t1654\t1654", "CapEff:\t0000000000000000", "NoNewPrivs:\t1"]);
        var writable = (await File.ReadAllLinesAsync($"/proc/{pod.Process.Id}/mounts")).Select(static line => line.Split(' ')).Where(static mount => !mount[3].Split(',').Contains("ro", StringComparer.Ordinal)).Select(static mount => mount[1]);
        writable.Should().BeSubsetOf(["/proc", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"]);

        await PublishAsync("two");
        await Eventually.BeTrueAsync(async () => (await GetAsync(8080, "/api/kubernetes/clusters")).Contains("\"two\"", StringComparison.Ordinal), "the changed ConfigMap is in force");

        _config.Publish(("fairlead.yaml", "kubernetes: {clusterLocatorMethods: 7}"));
        await pod.Process.WaitForLineAsync("clusterLocatorMethods");
        (await GetAsync(8080, "/api/kubernetes/clusters")).Should().Contain("\"two\"", "the last good configuration serves on");

        pod.Process.Signal(PosixSignal.SIGTERM);
        (await pod.Process.WaitForExitAsync()).Should().Be(0, pod.Process.Transcript());
        pod.Process.Transcript().Should().NotContain("Read-only file system").And.NotContain("denied");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _config.Dispose();
    }

    private async Task PublishAsync(string cluster) =>
        _config.Publish(("fairlead.yaml", (await RenderAsync(cluster)).Single(static item => item.Kind is "ConfigMap").Text("data", "fairlead.yaml")));

    private async Task<IReadOnlyList<Manifest>> RenderAsync(string cluster)
    {
        using var folder = new Testing.TempFolder();
        var authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(TestCertificates.Shared.AuthorityPem));
        return await Chart.RenderAsync("--values", folder.Write("values.yaml",
            $$"""
            listen: { address: {{_address}} }
            config:
              kubernetes:
                clusterLocatorMethods:
                  - type: config
                    clusters: [{ name: {{cluster}}, url: "{{_cluster.Url}}", caData: {{authority}}, authProvider: serviceAccount, serviceAccountToken: "${CLUSTER_TOKEN:-of-the-cluster}" }]
              auth: { static: [{ subject: portal, tokenSha256: "{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Token)))}}" }] }
              access: { rules: [{ subjects: { users: [portal] }, clusters: ["*"], namespaces: ["*"], resources: ["*"], verbs: ["*"] }] }
            """));
    }

    private async Task<string> GetAsync(int port, string path)
    {
        using var client = new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) } };
        return await client.GetStringAsync(new Uri($"http://{_address}:{port}{path}"));
    }
}
