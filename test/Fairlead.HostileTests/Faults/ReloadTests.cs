using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Files;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Faults;

/// <summary>Files of a real gateway are changed in each way that files change: written over, replaced by another, exchanged by the link swap of a mounted folder.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string Pods = "/api/v1/pods";

    private readonly Testing.TempFolder _folder = new();
    private readonly MountedFolder _mounted = new();

    /// <summary>How a file gets another text.</summary>
    public enum Change
    {
        /// <summary>Written over.</summary>
        Overwrite,

        /// <summary>Another file takes its name.</summary>
        Rename,

        /// <summary>The link that leads to it leads elsewhere.</summary>
        LinkSwap,
    }

    public static TheoryData<Change> Changes => [.. Enum.GetValues<Change>()];

    public void Dispose()
    {
        _folder.Dispose();
        _mounted.Dispose();
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task T111_Rules_clusters_kubeconfigs_authorities_and_certificates_follow_their_files_while_streams_live_on(Change change)
    {
        var (old, @new) = (new TestCertificates(), new TestCertificates());
        await using var one = new RawUpstream(new RawUpstreamOptions { Certificate = old.Server().Certificate });
        await using var two = new RawUpstream(new RawUpstreamOptions { Certificate = @new.Server().Certificate });
        await using var open = new RawUpstream();
        open.OnConnection(static async connection =>
        {
            if (await connection.ReadForwardedAsync() is { } handshake)
            {
                await connection.WriteAsync(WebSocketHandshake.Accept(handshake, "v5.channel.k8s.io"));
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, (await WebSocketFrames.ReadAsync(connection.Duplex))! with { Masked = false });
                await connection.PeerClosed;
            }
        });
        var (first, second) = (TestCertificates.Shared.Server(), TestCertificates.Shared.Server());
        (string, string)[] before =
        [
            ("access.yaml", FaultyWorld.AllowAll), ("ca.crt", old.AuthorityPem), ("tls.crt", first.Pem), ("tls.key", first.KeyPem), ("kubeconfig", Kubeconfig("before", one.Url)),
        ];
        Put(change, before);
        var management = FreePort.Next();
        await using var world = await FaultyWorld.StartAsync(
        [
            FaultyWorld.ClusterAt("open", open.Url), FaultyWorld.ClusterAt("a", one.Url, $", caFile: '{Of(change, "ca.crt")}'"), FaultyWorld.ClusterAt("b", two.Url, $", caFile: '{Of(change, "ca.crt")}'"),
        ],
            $"tls: {{ certFile: '{Of(change, "tls.crt")}', keyFile: '{Of(change, "tls.key")}' }}",
            listen: "http://127.0.0.1:0, https://127.0.0.1:0", arguments: ["--config", Of(change, "access.yaml")], more: $"    - {{ type: kubeconfig, path: '{Of(change, "kubeconfig")}' }}", management: management);
        await using var client = await RawClient.ConnectAsync(world.Port);
        var exec = await client.SendAsync(RawRequest.WebSocket("/clusters/open/api/v1/namespaces/n/pods/p/exec?command=sh", "v5.channel.k8s.io").WithBearer(Testing.Gateways.TestGateway.Token));
        exec.Status.Should().Be(101);
        (await world.SendAsync("a", Pods)).Status.Should().Be(200);
        (await world.SendAsync("b", Pods)).Status.Should().Be(502, "its authority is another one");
        (await world.SendAsync("before", Pods)).Status.Should().Be(502, "it is there, and its certificate is not believed");

        Put(change, [.. before, ("access.yaml", FaultyWorld.AllowAll.Replace("resources: [\"*\"]", "resources: [pods, pods/exec]", StringComparison.Ordinal)), ("ca.crt", @new.AuthorityPem), ("tls.crt", second.Pem), ("tls.key", second.KeyPem), ("kubeconfig", Kubeconfig("after", two.Url))]);

        await Eventually.BeTrueAsync(async () => (await world.SendAsync("b", Pods)).Status == 200, "the new authority is believed");
        await Eventually.BeTrueAsync(async () => (await world.SendAsync("a", "/api/v1/services")).Status is 403, "the rule has been narrowed");
        await Eventually.BeTrueAsync(async () => (await world.SendAsync("before", Pods)).Status is 404, "a context has gone");
        (await world.SendAsync("after", Pods)).Status.Should().Be(502, "another one has come");
        await Eventually.BeTrueAsync(async () => string.Equals(await SerialAsync(world.TlsPort), second.Certificate.SerialNumber, StringComparison.Ordinal), "the new certificate is shown");
        await WebSocketFrames.WriteAsClientAsync(exec.Duplex, WebSocketFrame.OfText("still"));
        (await WebSocketFrames.ReadAsync(exec.Duplex))!.Text.Should().Be("still");
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task T111_A_bad_change_is_said_with_its_reason_counted_and_not_applied_and_readiness_stays(Change change)
    {
        await using var upstream = await UpstreamProcess.StartAsync();
        Put(change, ("access.yaml", FaultyWorld.AllowAll));
        var management = FreePort.Next();
        await using var world = await FaultyWorld.StartAsync(
            [FaultyWorld.ClusterAt("a", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{upstream.Port}"))], arguments: ["--config", Of(change, "access.yaml")], management: management);
        (await VerboseAsync(management)).Should().Contain("[+]configuration ok (generation 1)\n");

        Put(change, ("access.yaml", "access: { rulez: [] }"));

        await world.Gateway.Process.WaitForLineAsync(@"\[602\] The changed configuration is refused, the last good one serves on: .*access\.yaml:1: access\.rulez");
        var verbose = await VerboseAsync(management);
        verbose.Should().MatchRegex(@"(?m)^\[-\]configuration failed: a change was refused at 2[^ ]+ [^ ]+: access\.rulez: .*rules.* \(the last good one is in force\)\n").And.EndWith("readyz check passed\n");
        (await world.SendAsync("a", Pods)).Status.Should().Be(200);

        Put(change, ("access.yaml", FaultyWorld.AllowAll + "\nlimits: { requestLine: 4096 }\nlog: { level: warning }"));

        await world.Gateway.Process.WaitForLineAsync(@"\[603\] Changed, and in force after a restart only: limits$");
        await Eventually.BeTrueAsync(async () => (await VerboseAsync(management)).Contains("; restart for limits)\n", StringComparison.Ordinal), "it is in force but for one key");
        (await world.SendAsync("a", Pods)).Status.Should().Be(200);
    }

    private string Of(Change change, string name) => change is Change.LinkSwap ? _mounted.Of(name) : _folder.PathOf(name);

    private void Put(Change change, params (string Name, string Text)[] files)
    {
        var last = files.GroupBy(static file => file.Name, StringComparer.Ordinal).Select(static same => same.Last()).ToArray();
        if (change is Change.LinkSwap)
        {
            _mounted.Publish(last);
            return;
        }

        foreach (var (name, text) in last)
        {
            if (change is Change.Overwrite)
            {
                _folder.Write(name, text);
            }
            else
            {
                File.Move(_folder.Write(name + ".new", text), _folder.PathOf(name), overwrite: true);
            }
        }
    }

    private static string Kubeconfig(string context, string url) => $$"""
        apiVersion: v1
        kind: Config
        clusters: [{ name: c, cluster: { server: '{{url}}' } }]
        users: [{ name: u, user: { token: t } }]
        contexts: [{ name: {{context}}, context: { cluster: c, user: u } }]
        current-context: {{context}}
        """;

    private static async Task<string> VerboseAsync(int port)
    {
        var response = await RawClient.ExchangeAsync(port, RawRequest.Get("/readyz?verbose"));
        response.Status.Should().Be(200);
        return response.BodyText;
    }

    private static async Task<string> SerialAsync(int port)
    {
        await using var client = await RawClient.ConnectAsync(port, new RawTls());
        return client.ServerCertificate!.SerialNumber;
    }
}
