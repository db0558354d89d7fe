using AwesomeAssertions;
using Fairlead.HostileTests.Faults;
using Fairlead.Sessions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;

namespace Fairlead.HostileTests.Replicas;

/// <summary>Two gateways of one configuration, an identity provider, and an API server that takes WebSockets. Browsers know the gateways under one https name.</summary>
internal sealed class ReplicaWorld : IAsyncDisposable
{
    public const string Host = "fairlead.example.com";
    public const string Pods = "/clusters/kind/api/v1/namespaces/a/pods";
    public const string Exec = "/api/v1/namespaces/a/pods/b/exec";

    private readonly TestIssuer _issuer;

    private ReplicaWorld(TestIssuer issuer, string sessions)
    {
        _issuer = issuer;
        (One, Two) = (new Replica(replica => Configuration(replica, sessions)), new Replica(replica => Configuration(replica, sessions)));
        Upstream.OnConnection(ServeAsync);
    }

    public Replica One { get; }

    public Replica Two { get; }

    public RawUpstream Upstream { get; } = new();

    /// <summary>Prepares one; nothing of it is started but the provider.</summary>
    /// <param name="sessions">How sessions are kept.</param>
    public static async Task<ReplicaWorld> PrepareAsync(string sessions) => new(await TestIssuer.StartAsync(), sessions);

    /// <summary>Prepares one and starts both gateways, and waits until they have their connections to the store: an operation has two seconds, which may be little where everything starts at once.</summary>
    public static async Task<ReplicaWorld> StartAsync(string sessions)
    {
        var world = await PrepareAsync(sessions);
        await Task.WhenAll(world.One.StartAsync(), world.Two.StartAsync());
        var stranger = Tab(world.One.Port);
        stranger.Plant("__Host-fairlead-session", OpaqueKey.Create().Reveal());
        foreach (var replica in (Replica[])[world.One, world.Two])
        {
            await Eventually.BeTrueAsync(async () => await AskAsync(stranger, replica.Port) == 401, "the store says that there is no such session");
        }

        return world;
    }

    public static BrowserTab Tab(int port) => new(WireProtocol.Http11, Host) { Port = port };

    /// <summary>The status of a request with the browser's session.</summary>
    public static async Task<int> AskAsync(BrowserTab tab, int port)
    {
        tab.Port = port;
        return (await tab.FetchAsync("GET", Pods)).Status;
    }

    /// <summary>The status of a request of the machine caller.</summary>
    public static async Task<int> AskAsync(int port) => (await RawClient.ExchangeAsync(port, RawRequest.Get(Pods).WithBearer(TestGateway.Token))).Status;

    /// <summary>Somebody signs in: begins at one port, and comes back at another.</summary>
    public async Task SignInAsync(BrowserTab tab, int begin, int end)
    {
        tab.Port = begin;
        var toProvider = await tab.OpenAsync("/auth/login");
        toProvider.Status.Should().Be(303, toProvider.BodyText);
        tab.Port = end;
        var back = await tab.SendAsync(RawRequest.Get(new Uri(_issuer.SignIn(toProvider.Header("Location")!)).PathAndQuery)
            .With("Sec-Fetch-Site", "cross-site").With("Sec-Fetch-Mode", "navigate").With("Sec-Fetch-Dest", "document"));
        back.Status.Should().Be(200, back.BodyText);
        tab.SessionKey.Should().NotBeNull();
    }

    /// <summary>Opens a terminal as the machine caller, which answers what it is sent.</summary>
    public static async Task<Stream> TerminalAsync(RawClient client)
    {
        var response = await client.SendAsync(RawRequest.WebSocket("/clusters/kind" + Exec, "v5.channel.k8s.io").WithBearer(TestGateway.Token));
        response.Status.Should().Be(101);
        return response.Duplex;
    }

    public static async Task ShouldEchoAsync(Stream terminal)
    {
        await WebSocketFrames.WriteAsClientAsync(terminal, WebSocketFrame.OfText("still"));
        (await WebSocketFrames.ReadAsync(terminal))!.Text.Should().Be("still");
    }

    public async ValueTask DisposeAsync()
    {
        await One.DisposeAsync();
        await Two.DisposeAsync();
        await _issuer.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    private string Configuration(Replica replica, string sessions) => $$"""
        {{replica.Listeners}}
        publicUrl: https://{{Host}}
        hosts: 127.0.0.1
        log: { level: information, format: text }
        limits: { rate: { perCaller: unlimited } }
        auth:
          static: [{ subject: portal-caller, tokenSha256: "{{TestGateway.TokenHash}}", groups: [portal] }]
          oidc: { issuer: '{{_issuer.Issuer}}', clientId: {{TestIssuer.ClientId}}, clientSecret: '{{TestIssuer.ClientSecret}}', usernameClaim: preferred_username, groupsClaim: groups }
        {{sessions}}
        access: { rules: [{ subjects: { groups: [portal, devs] }, clusters: ["*"], namespaces: ["*"], resources: ["*"], verbs: ["*"] }] }
        kubernetes: { clusterLocatorMethods: [{ type: config, clusters: [{ {{FaultyWorld.ClusterAt("kind", Upstream.Url)}} }] }] }
        """;

    private static async Task ServeAsync(RawUpstreamConnection connection)
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            if (request.Header("Upgrade") is null)
            {
                await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
                continue;
            }

            try
            {
                await connection.WriteAsync(WebSocketHandshake.Accept(request, "v5.channel.k8s.io"));
                while (await WebSocketFrames.ReadAsync(connection.Duplex) is { } frame)
                {
                    await WebSocketFrames.WriteAsServerAsync(connection.Duplex, frame with { Masked = false });
                }
            }
            catch (IOException)
            {
                // Reset: the way some of these end.
            }

            return;
        }
    }
}
