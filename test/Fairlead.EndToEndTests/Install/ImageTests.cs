using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.EndToEndTests.Install;

/// <summary>The image: what its Dockerfile says, and the published server in a root file system that holds no more.</summary>
public sealed class ImageTests
{
    private const string Token = "a-token-of-the-portal";
    private static readonly string Address = PodProcess.NextAddress();

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
        using var config = new MountedFolder();
        await PublishAsync(config, "one");
        var deployment = (await RenderAsync("one")).Single(static item => item.Kind is "Deployment");

        await using var pod = await PodProcess.StartAsync(
            deployment, new Dictionary<string, string>(StringComparer.Ordinal) { ["config"] = Path.GetDirectoryName(config.Of("fairlead.yaml"))! }, published: PodProcess.Published.Require());

        (await GetAsync("http://" + Address + ":8090/readyz")).Should().Be("ok");
        (await ClustersAsync()).Should().Contain("\"one\"");

        var status = await File.ReadAllLinesAsync($"/proc/{pod.Process.Id}/status");
        status.Should().Contain(["Uid:\t1654\t1654\t1654\t1654", "Gid:\t1654\t1654\t1654\t1654", "CapEff:\t0000000000000000", "NoNewPrivs:\t1"]);
        var writable = (await File.ReadAllLinesAsync($"/proc/{pod.Process.Id}/mounts")).Select(static line => line.Split(' ')).Where(static mount => !mount[3].Split(',').Contains("ro", StringComparer.Ordinal)).Select(static mount => mount[1]);
        writable.Should().BeSubsetOf(["/proc", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"]);

        await PublishAsync(config, "two");
        await Eventually.BeTrueAsync(async () => (await ClustersAsync()).Contains("\"two\"", StringComparison.Ordinal), "the changed ConfigMap is in force");

        config.Publish(("fairlead.yaml", "kubernetes: {clusterLocatorMethods: 7}"));
        await pod.Process.WaitForLineAsync("clusterLocatorMethods");
        (await ClustersAsync()).Should().Contain("\"two\"", "the last good configuration serves on");

        pod.Process.Signal(PosixSignal.SIGTERM);
        (await pod.Process.WaitForExitAsync()).Should().Be(0, pod.Process.Transcript());
        pod.Process.Transcript().Should().NotContain("Read-only file system").And.NotContain("denied");
    }

    private static async Task PublishAsync(MountedFolder folder, string cluster) =>
        folder.Publish(("fairlead.yaml", (await RenderAsync(cluster)).Single(static item => item.Kind is "ConfigMap").Text("data", "fairlead.yaml")));

    private static async Task<IReadOnlyList<Manifest>> RenderAsync(string cluster)
    {
        using var folder = new Testing.TempFolder();
        return await Chart.RenderAsync("--values", folder.Write("values.yaml",
            $$"""
            listen: { address: {{Address}} }
            config:
              kubernetes: { clusterLocatorMethods: [{ type: config, clusters: [{ name: {{cluster}}, url: "https://127.0.0.1:1", authProvider: passThrough }] }] }
              auth: { static: [{ subject: portal, tokenSha256: "{{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Token)))}}" }] }
              access: { rules: [{ subjects: { users: [portal] }, clusters: ["*"], namespaces: ["*"], resources: ["*"], verbs: ["*"] }] }
            """));
    }

    private static Task<string> ClustersAsync() => GetAsync($"http://{Address}:8080/api/kubernetes/clusters");

    private static async Task<string> GetAsync(string url)
    {
        using var client = new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) } };
        return await client.GetStringAsync(new Uri(url));
    }
}
