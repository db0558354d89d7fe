using System.Globalization;
using Fairlead.HostileTests.Faults;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;

namespace Fairlead.HostileTests.Draining;

/// <summary>The built gateway with a listener for each protocol, a management listener and an audit file, in front of an API server that keeps streams open.</summary>
internal sealed class DrainWorld : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly RawUpstream _upstream;
    private readonly Gate _held;

    private DrainWorld(TempFolder folder, RawUpstream upstream, Gate held, GatewayProcess gateway, (int Plain, int Tls, int Management) ports)
    {
        (_folder, _upstream, _held) = (folder, upstream, held);
        (Gateway, Port, TlsPort, ManagementPort) = (gateway, ports.Plain, ports.Tls, ports.Management);
    }

    public GatewayProcess Gateway { get; }

    public int Port { get; }

    public int TlsPort { get; }

    public int ManagementPort { get; }

    public static async Task<DrainWorld> StartAsync(string drain)
    {
        var (folder, held, management) = (new TempFolder(), new Gate(), FreePort.Next());
        var upstream = new RawUpstream();
        upstream.OnConnection(connection => ServeAsync(connection, held));
        var (certificate, key) = TestCertificates.Shared.Server().WriteTo(folder, "gateway");
        var (gateway, listening) = await GatewayProcess.StartAsync(@"listens on http://127\.0\.0\.1:(\d+), https://127\.0\.0\.1:(\d+)", ["serve"], $$"""
            listen: [http://127.0.0.1:0, https://127.0.0.1:0]
            tls: { certFile: '{{certificate}}', keyFile: '{{key}}' }
            management: { listen: 'http://127.0.0.1:{{management}}' }
            drain: { {{drain}} }
            log: { level: debug, format: text }
            auth: { static: [{ subject: portal-caller, tokenSha256: "{{TestGateway.TokenHash}}", groups: [portal] }] }
            {{FaultyWorld.AllowAll}}
            audit: { file: "{{folder.PathOf("audit.log")}}" }
            kubernetes: { clusterLocatorMethods: [{ type: config, clusters: [{ {{FaultyWorld.ClusterAt("kind", upstream.Url)}} }] }] }
            """);
        return new DrainWorld(folder, upstream, held, gateway, (Number(1), Number(2), management));

        int Number(int group) => int.Parse(listening.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>A request at the cluster door.</summary>
    public static RawRequest Request(string target, string method = "GET") => new RawRequest(method, "/clusters/kind" + target).WithBearer(TestGateway.Token);

    /// <summary>A WebSocket at the cluster door.</summary>
    public static RawRequest Socket(string target) => RawRequest.WebSocket("/clusters/kind" + target, "v5.channel.k8s.io").WithBearer(TestGateway.Token);

    /// <summary>Answers the requests for <c>/held</c>.</summary>
    public void LetGo() => _held.Open();

    public Task<WireClient> ConnectAsync(WireProtocol protocol) => WireClient.ConnectAsync(protocol, protocol is WireProtocol.Http11 ? Port : TlsPort);

    /// <summary>Waits until the API server has seen so many requests for a target.</summary>
    public Task UntilSeenAsync(string target, int count) =>
        Eventually.BeTrueAsync(() => _upstream.Requests.Count(request => request.Target.Contains(target, StringComparison.Ordinal)) >= count, $"{count} requests for {target}");

    public async Task<(int Status, string Text)> ProbeAsync(string path)
    {
        var response = await RawClient.ExchangeAsync(ManagementPort, RawRequest.Get(path));
        return (response.Status, response.BodyText);
    }

    /// <summary>What the audit trail says, by target.</summary>
    public ILookup<string, string> Outcomes() => FaultyWorld.Records(_folder.PathOf("audit.log")).ToLookup(static record => FaultyWorld.TargetOf(record)["/clusters/kind".Length..].Split('?')[0], FaultyWorld.OutcomeOf);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _upstream.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task ServeAsync(RawUpstreamConnection connection, Gate held)
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            if (request.Header("Upgrade") is "SPDY/3.1")
            {
                await connection.WriteAsync(SpdyHandshake.Accept());
                await connection.WriteAsync("first");
                await connection.PeerClosed;
                return;
            }

            if (request.Header("Upgrade") is not null)
            {
                await connection.WriteAsync(WebSocketHandshake.Accept(request, "v5.channel.k8s.io"));
                await EchoAsync(connection);
                return;
            }

            if (request.Target.Contains("watch=", StringComparison.Ordinal) || request.Target.Contains("follow=", StringComparison.Ordinal))
            {
                await connection.WriteAsync(RawAnswer.ChunkedHead(200));
                await connection.WriteAsync(RawAnswer.Chunk("first\n"));
                await connection.PeerClosed;
                return;
            }

            if (request.Target.Contains("/held", StringComparison.Ordinal))
            {
                await Task.WhenAny(held.WaitAsync(), connection.PeerClosed);
                if (connection.PeerClosed.IsCompleted)
                {
                    return;
                }
            }

            await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
        }
    }

    private static async Task EchoAsync(RawUpstreamConnection connection)
    {
        try
        {
            await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfText("first"));
            while (await WebSocketFrames.ReadAsync(connection.Duplex) is { } frame)
            {
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, frame with { Masked = false });
            }
        }
        catch (IOException)
        {
            // Reset: the way some of these end.
        }
    }
}
