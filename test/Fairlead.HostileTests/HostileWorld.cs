using System.Net;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Demo;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Upstreams;

namespace Fairlead.HostileTests;

/// <summary>
/// One gateway with all three doors open, one upstream behind all of them that records every byte (the API server of the cluster <c>kind</c> and the
/// Service <c>default/web</c> of the cluster <c>main</c>), a machine caller with a token, and Jane, who has signed in with a browser. What reaches
/// the upstream therefore reads the same at every door, and <see cref="SentSince"/> is all of it.
/// </summary>
internal sealed class HostileWorld : IAsyncDisposable
{
    /// <summary>The gateway's public name; a proxy in front ends TLS.</summary>
    public const string Host = "fairlead.example.com";

    /// <summary>The token that the gateway holds for <c>kind</c>.</summary>
    public const string HeldToken = TestCluster.HeldToken;

    private readonly TempFolder _folder;

    private HostileWorld(TempFolder folder, RawUpstream upstream, DemoCluster cluster, TestIssuer issuer, TestGateway gateway)
    {
        _folder = folder;
        Upstream = upstream;
        Cluster = cluster;
        Issuer = issuer;
        Gateway = gateway;
    }

    /// <summary>Behind every door.</summary>
    public RawUpstream Upstream { get; }

    /// <summary>The API server of <c>main</c>, which says where its Services are.</summary>
    public DemoCluster Cluster { get; }

    /// <summary>The identity provider.</summary>
    public TestIssuer Issuer { get; }

    /// <summary>The gateway.</summary>
    public TestGateway Gateway { get; }

    /// <summary>The browser in which Jane is signed in.</summary>
    public BrowserTab Browser { get; private set; } = null!;

    /// <summary>The audit file.</summary>
    public string AuditFile => Path.Combine(_folder.Path, "audit.log");

    /// <summary>Starts everything, and signs Jane in.</summary>
    /// <param name="change">Changes the gateway's options.</param>
    /// <param name="upstream">How the upstream listens; plain HTTP/1.1 unless said otherwise.</param>
    public static async Task<HostileWorld> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null, RawUpstreamOptions? upstream = null)
    {
        var folder = new TempFolder();
        var behind = new RawUpstream(upstream);
        var cluster = await ServiceCluster.StartClusterAsync();
        ServiceCluster.AddService(
            cluster, "web", behind.Port, behind.Options.Certificate is null ? null : """[{"name":"https","port":443,"appProtocol":"https"}]""");
        var issuer = await TestIssuer.StartAsync();
        var options = Options(folder, behind, cluster, issuer);
        var world = new HostileWorld(folder, behind, cluster, issuer, await TestGateway.StartAsync(change is null ? options : change(options)));
        world.Browser = await world.SignInAsync();
        return world;
    }

    /// <summary>The port for that protocol's client.</summary>
    public int Port(WireProtocol protocol) => protocol is WireProtocol.Http11 ? Gateway.Port : Gateway.TlsPort;

    /// <summary>What the paths of a door begin with.</summary>
    public static string Prefix(DoorName door) => door switch
    {
        DoorName.Cluster => "/clusters/kind",
        DoorName.Backstage => "/api/kubernetes/proxy",
        _ => "/clusters/main/serviceproxy/default/web",
    };

    /// <summary>The request as it is sent on that way: the target below the door's prefix, and the caller's credential.</summary>
    public RawRequest Request(HostileWay way, RawRequest request) => Identified(way.Login, Anonymous(way.Door, request));

    /// <summary>The same, sent by nobody.</summary>
    public static RawRequest Anonymous(DoorName door, RawRequest request)
    {
        var below = request with { Target = Prefix(door) + request.Target };
        return door is DoorName.Backstage ? below.With("Backstage-Kubernetes-Cluster", "kind") : below;
    }

    /// <summary>The request, target and all, with the caller's credential. A browser says that its own page asks.</summary>
    public RawRequest Identified(LoginName login, RawRequest request) => login is LoginName.Bearer
        ? request.WithBearer(TestGateway.Token)
        : Browser.WithCookies(request).With("Sec-Fetch-Site", "same-origin");

    /// <summary>Connects on that way.</summary>
    public Task<WireClient> ConnectAsync(HostileWay way) => WireClient.ConnectAsync(way.Protocol, Port(way.Protocol));

    /// <summary>Sends a request for a path below the door, on a connection of its own, and reads the whole answer.</summary>
    public Task<RawResponse> SendAsync(HostileWay way, RawRequest request) => ExchangeAsync(way, Request(way, request));

    /// <summary>GETs a path below the door.</summary>
    public Task<RawResponse> GetAsync(HostileWay way, string path) => SendAsync(way, RawRequest.Get(path));

    /// <summary>Sends a request as it stands on that way's protocol.</summary>
    public Task<RawResponse> ExchangeAsync(HostileWay way, RawRequest request) => WireClient.ExchangeAsync(way.Protocol, Port(way.Protocol), request);

    /// <summary>Where the upstream's records end; what comes after is <see cref="SentSince"/>.</summary>
    public int Mark() => Upstream.Requests.Count;

    /// <summary>All requests that have reached the upstream since then.</summary>
    public IReadOnlyList<RecordedRequest> SentSince(int mark) => [.. Upstream.Requests.Skip(mark)];

    /// <summary>
    /// The gateway has refused: that status, the error shape of the door with a reason, <c>Proxy-Status</c>, nothing that says what is inside, and no request
    /// has reached the upstream since <paramref name="mark"/>.
    /// </summary>
    public void ShouldBeRefused(HostileWay way, RawResponse response, int status, int mark, string because = "")
    {
        var reason = $"{way}: {because} {response}".Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
        response.Status.Should().Be(status, reason);
        SentSince(mark).Should().BeEmpty(reason);
        ShouldHaveItsDoorsShape(way, response, reason);
    }

    /// <summary>An error of the gateway's own, in the shape of the door; not for <c>HEAD</c>, whose answers have no body.</summary>
    public static void ShouldHaveItsDoorsShape(HostileWay way, RawResponse response, string reason)
    {
        response.Header("Proxy-Status").Should().StartWith("fairlead; error=", reason);
        response.Header("Content-Type").Should().Be("application/json; charset=utf-8", reason);
        response.Body.Should().NotBeEmpty(reason);
        using var json = response.Json;
        var root = json.RootElement;
        if (way.Door is DoorName.Backstage)
        {
            root.GetProperty("response").GetProperty("statusCode").GetInt32().Should().Be(response.Status, reason);
            root.GetProperty("error").GetProperty("name").GetString().Should().NotBeNullOrEmpty(reason);
        }
        else
        {
            root.GetProperty("kind").GetString().Should().Be("Status", reason);
            root.GetProperty("code").GetInt32().Should().Be(response.Status, reason);
            root.GetProperty("reason").GetString().Should().NotBeNullOrEmpty(reason);
        }

        foreach (var secret in (string[])["127.0.0.1", "localhost", "Exception", "   at ", "CN=", HeldToken + "\"", TestGateway.Token, ServiceCluster.GatewayToken, "/tmp"])
        {
            response.BodyText.Should().NotContain(secret, reason);
        }
    }

    /// <summary>Waits until the audit file has a record that <paramref name="isIt"/> takes, and gives it.</summary>
    public async Task<JsonElement> AuditAsync(Func<JsonElement, bool> isIt, string what)
    {
        JsonElement? found = null;
        await Eventually.BeTrueAsync(async () => (found = (await ReadAuditAsync()).Select(static record => (JsonElement?)record).LastOrDefault(record => isIt(record!.Value))) is not null, $"an audit record of {what}");
        return found!.Value;
    }

    /// <summary>All audit records of requests that are over.</summary>
    public Task<IReadOnlyList<JsonElement>> ReadAuditAsync() => Task.FromResult(AuditEvents.In(AuditFile));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Cluster.DisposeAsync();
        await Issuer.DisposeAsync();
        await Upstream.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<BrowserTab> SignInAsync()
    {
        var tab = new BrowserTab(WireProtocol.Http11, Host) { Port = Gateway.Port };
        var toProvider = await tab.OpenAsync("/auth/login");
        toProvider.Status.Should().Be(303, toProvider.BodyText);
        var callback = new Uri(Issuer.SignIn(toProvider.Header("Location")!));
        var back = await tab.SendAsync(
            RawRequest.Get(callback.PathAndQuery).With("Sec-Fetch-Site", "cross-site").With("Sec-Fetch-Mode", "navigate").With("Sec-Fetch-Dest", "document"));
        back.Status.Should().Be(200, back.BodyText);
        tab.SessionKey.Should().NotBeNull();
        return tab;
    }

    private static GatewayOptions Options(TempFolder folder, RawUpstream upstream, DemoCluster cluster, TestIssuer issuer)
    {
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url), ServiceCluster.Definition(cluster, "main", isDirect: true));
        return options with
        {
            PublicUrl = new Uri("https://" + Host),
            Auth = options.Auth! with
            {
                Oidc =
                [
                    new OidcOptions
                    {
                        Name = "oidc", Issuer = issuer.Issuer, ClientId = TestIssuer.ClientId, ClientSecret = new Secret(TestIssuer.ClientSecret),
                        CallbackUrl = new Uri($"https://{Host}/auth/callback"), Claims = new ClaimOptions { Username = "preferred_username" },
                    },
                ],
            },
            AccessRules = [TestGateway.AllowAll, TestGateway.AllowAll with { Groups = ["devs"] }],
            ServiceProxy = new ServiceProxyOptions { AllowedAddresses = [IPNetwork.Parse("127.0.0.0/8")], DefaultCluster = "main" },
            Audit = new AuditOptions { File = Path.Combine(folder.Path, "audit.log") },
        };
    }
}
