using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Telemetry;
using Fairlead.Testing.Upstreams;

namespace Fairlead.FunctionalTests.Monitoring;

/// <summary>A gateway with one of each that is measured: a cluster that answers, one that does not, one with a credential that has to be obtained, and an audit file.</summary>
internal sealed class MonitoredGateway : IAsyncDisposable
{
    /// <summary>The path of an ordinary request to the cluster that answers.</summary>
    public const string Pods = "/clusters/kind/api/v1/pods";

    private readonly RefusedPort _nobody = new();

    private MonitoredGateway() => Watched = Folder.Write("watched.yaml", "");

    /// <summary>The cluster that answers.</summary>
    public RawUpstream Upstream { get; } = new();

    /// <summary>A folder of its own.</summary>
    public Testing.Files.TempFolder Folder { get; } = new();

    /// <summary>A file whose change calls for a reload.</summary>
    public string Watched { get; }

    /// <summary>The gateway.</summary>
    public TestGateway Gateway { get; private set; } = null!;

    /// <summary>What it is started with.</summary>
    public GatewayOptions Options => TestGateway.Options(
        TestCluster.Held("kind", Upstream.Url), TestCluster.Held("gone", $"http://127.0.0.1:{_nobody.Port}"), TestCluster.Of("plugin", Upstream.Url, Plugin),
        TestCluster.ClientSide("own", Upstream.Url, "passThrough")) with
    {
        Audit = new AuditOptions { File = Folder.Of("audit.log") }, Files = [SourceFile.Of(Watched)],
    };

    private static CredentialDefinition.Exec Plugin { get; } = new(
        new ExecPlugin
        {
            Command = "/bin/sh",
            Arguments = ["-c", """echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t","expirationTimestamp":"2199-01-01T00:00:00Z"}}'"""],
            ApiVersion = ExecApiVersion.V1,
        },
        new ExecSettings { AllowedCommands = ["/bin/sh"] });

    /// <summary>Starts one.</summary>
    /// <param name="change">Changes what it is started with.</param>
    public static async Task<MonitoredGateway> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null)
    {
        var world = new MonitoredGateway();
        world.Upstream.Respond(static request => request.Target.EndsWith("/selfsubjectaccessreviews", StringComparison.Ordinal)
            ? RawAnswer.Json(201, """{"status":{"allowed":true}}""")
            : RawAnswer.Json(request.Target.EndsWith("/missing", StringComparison.Ordinal) ? 404 : 200, "{}"));
        world.Gateway = await TestGateway.StartAsync(change is null ? world.Options : change(world.Options));
        return world;
    }

    /// <summary>Sends something of everything that is measured.</summary>
    public async Task UseAllAsync()
    {
        (await Gateway.SendAsync(RawRequest.Get(Pods))).Status.Should().Be(200);
        (await Gateway.SendAsync(RawRequest.Get(Pods + "?watch=1"))).Status.Should().Be(200);
        (await Gateway.SendAsync(RawRequest.Get("/clusters/plugin/api/v1/pods"))).Status.Should().Be(200);
        (await Gateway.SendAsync(RawRequest.Get("/clusters/gone/api/v1/pods"))).Status.Should().Be(502);
        (await ExecAsync("own")).Status.Should().Be(200);
        (await Gateway.SendBareAsync(RawRequest.Get("/auth/callback?state=x&code=y"))).Status.Should().Be(400);
        (await Gateway.SendBareAsync(RawRequest.Get(Pods).With("Cookie", "__Host-fairlead-session=AAAA").With("Sec-Fetch-Site", "same-origin"))).Status.Should().Be(401);
        await using var client = await RawClient.ConnectAsync(Gateway.Port);
        await client.WriteAsync("GET / HTTP/1.1\r\nHost : x\r\n\r\n");
        (await client.ReadResponseAsync()).Status.Should().Be(400);
        await client.WaitForCloseAsync();
    }

    /// <summary>Asks for a session in a pod of the cluster whose callers bring their own token, which is asked what they may do. It answers as if it were an ordinary request.</summary>
    /// <param name="token">The token.</param>
    public Task<RawResponse> ExecAsync(string token) =>
        Gateway.SendBareAsync(RawRequest.WebSocket("/clusters/own/api/v1/namespaces/n/pods/p/exec", "v4.channel.k8s.io").WithBearer(token));

    /// <summary>The page of metrics.</summary>
    public Task<Scrape> ScrapeAsync() => Scrape.GetAsync(Gateway.ManagementPort);

    /// <summary>Waits for a sum: what a client has read is measured a moment later.</summary>
    /// <param name="expected">The sum.</param>
    /// <param name="name">The series.</param>
    /// <param name="labels">Labels that they have.</param>
    public Task SumAsync(double expected, string name, params (string Name, string Value)[] labels) => Eventually.BeTrueAsync(
        async () => (await ScrapeAsync()).Sum(name, labels) is var sum && Math.Abs(sum - expected) < 0.001, $"{name} {string.Join(", ", labels)} to be {expected}");

    /// <summary>What the management listener says.</summary>
    /// <param name="path">To which path.</param>
    /// <param name="status">With which status.</param>
    public async Task<string> AskAsync(string path, int status = 200)
    {
        var response = await RawClient.ExchangeAsync(Gateway.ManagementPort, RawRequest.Get(path));
        response.Status.Should().Be(status, path);
        return response.BodyText;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
        _nobody.Dispose();
        Folder.Dispose();
    }
}
