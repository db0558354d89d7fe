using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Kubectl;

/// <summary>Sessions of the real kubectl, recorded: over WebSockets as kubectl opens them now, and refused over SPDY.</summary>
public sealed class RecordingTests(Fleet fleet)
{
    /// <summary>Both kinds of cluster.</summary>
    public static TheoryData<ClusterKind> Kinds { get; } = [.. Enum.GetValues<ClusterKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task T30_exec_and_attach_are_recorded(ClusterKind kind)
    {
        using var folder = new TempFolder();
        await using var gateway = await StartAsync(await fleet.GetAsync(kind), folder);
        var kubeconfig = Kubeconfig(gateway, folder);

        (await CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig, "exec shell -- echo hello from the pod")).Should().Be("hello from the pod\n");
        (await CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig, "exec -i shell -- cat", "line one\nline two\n")).Should().Be("line one\nline two\n");
        (await CommandRunner.TryAsync(ExternalTools.Kubectl, kubeconfig, "exec shell -- exit 7")).ExitCode.Should().Be(7);
        (await CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig, "attach -i shell", "attached\n")).Should().Contain("attached");

        // kubectl asks for the pod before it opens a session.
        JsonElement[] records = [];
        await Eventually.BeTrueAsync(
            () => (records = [.. AuditEvents.In(folder.PathOf("audit.log")).Where(static record => record.Annotation("upgrade") is not null)]).Length >= 4, "records of four sessions");
        records.Should().HaveCount(4).And.OnlyContain(static record => record.Annotation("recording") != null && record.Annotation("not-recorded") == null);
        Shown(folder, "exec", records).Should().BeEquivalentTo("hello from the pod\n", "line one\nline two\n", "");
        Shown(folder, "attach", records).Should().ContainSingle().Which.Should().Contain("attached");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task T30_SPDY_is_refused_and_kubectl_says_what_to_do(ClusterKind kind)
    {
        using var folder = new TempFolder();
        await using var gateway = await StartAsync(await fleet.GetAsync(kind), folder);
        var kubeconfig = Kubeconfig(gateway, folder);

        var old = await CommandRunner.TryAsync(ExternalTools.OldKubectl, kubeconfig, "exec shell -- echo never");
        var told = await ProcessRunner.RunAsync(
            ExternalTools.Kubectl.Require(), ["exec", "shell", "--", "echo", "never"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["KUBECONFIG"] = kubeconfig, ["KUBECTL_REMOTE_COMMAND_WEBSOCKETS"] = "false" });

        foreach (var result in (ProcessResult[])[old, told])
        {
            result.ExitCode.Should().NotBe(0);
            result.Output.Should().BeEmpty();
            result.Errors.Should().Contain("use kubectl 1.31 or newer");
        }

        Directory.EnumerateFiles(folder.Path, "*.cast", SearchOption.AllDirectories).Should().BeEmpty();
    }

    /// <summary>What was shown in each recording of that kind.</summary>
    private static IEnumerable<string> Shown(TempFolder folder, string subresource, IEnumerable<JsonElement> records) => records
        .Where(record => string.Equals(record.GetProperty("objectRef").GetProperty("subresource").GetString(), subresource, StringComparison.Ordinal))
        .Select(record => string.Concat(AuditEvents.Parse(File.ReadAllText(folder.PathOf("recordings/" + record.Annotation("recording"))))
            .Skip(1).Where(static line => line[1].GetString() is "o").Select(static line => line[2].GetString())));

    private static Task<TestGateway> StartAsync(Target target, TempFolder folder) => TestGateway.StartAsync(
        TestGateway.Options(new ClusterDefinition
        {
            Locator = "config",
            Name = ClusterUnderTest.Name,
            Connection = new ClusterConnection { Server = target.Cluster.Server, CertificateAuthority = new PemSource.Inline(new Secret(target.Cluster.AuthorityPem)) },
            Credential = new CredentialDefinition.ServiceAccountToken(new Secret(target.Cluster.AdminToken)),
        }) with
        {
            Audit = new AuditOptions { File = folder.PathOf("audit.log") },
            Recording = new RecordingOptions { Folder = folder.PathOf("recordings") },
        });

    private static string Kubeconfig(TestGateway gateway, TempFolder folder) => folder.Write(
        "kubeconfig", Target.Kubeconfig(new Uri($"https://127.0.0.1:{gateway.TlsPort}/clusters/{ClusterUnderTest.Name}"), TestCertificates.Shared.AuthorityPem, TestGateway.Token));
}
