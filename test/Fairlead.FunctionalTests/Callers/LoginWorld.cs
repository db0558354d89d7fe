using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>A provider, a recording upstream and a gateway at which people sign in with a browser. Its name is <see cref="Host"/>, https, behind a proxy that ends TLS.</summary>
internal sealed class LoginWorld : IAsyncDisposable
{
    /// <summary>The gateway's name.</summary>
    public const string Host = "fairlead.example.com";

    /// <summary>Its origin.</summary>
    public const string Origin = "https://" + Host;

    private readonly List<TestGateway> _gateways = [];
    private Func<GatewayOptions, GatewayOptions> _change = static options => options;

    private LoginWorld(TestIssuer issuer) => Issuer = issuer;

    /// <summary>The provider.</summary>
    public TestIssuer Issuer { get; }

    /// <summary>The API server, and with <c>direct</c> the Service, of all clusters.</summary>
    public RawUpstream Upstream { get; } = new();

    /// <summary>The first gateway.</summary>
    public TestGateway Gateway => _gateways[0];

    /// <summary>Starts everything.</summary>
    public static async Task<LoginWorld> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null)
    {
        var world = new LoginWorld(await TestIssuer.StartAsync());
        world._change = change ?? world._change;
        await world.AddGatewayAsync();
        return world;
    }

    /// <summary>Starts another replica.</summary>
    public async Task<TestGateway> AddGatewayAsync()
    {
        var gateway = await TestGateway.StartAsync(_change(Options()));
        _gateways.Add(gateway);
        return gateway;
    }

    /// <summary>A browser.</summary>
    public BrowserTab Tab(WireProtocol protocol = WireProtocol.Http11) =>
        new(protocol, Host) { Port = protocol is WireProtocol.Http11 ? Gateway.Port : Gateway.TlsPort };

    /// <summary>A browser in which somebody is signed in.</summary>
    public async Task<BrowserTab> SignedInAsync(WireProtocol protocol = WireProtocol.Http11, string subject = "7", string session = "sid-1")
    {
        var tab = Tab(protocol);
        var back = await SignInAsync(tab, "/auth/login", subject, session);
        back.Status.Should().Be(200, back.BodyText);
        tab.SessionKey.Should().NotBeNull();
        return tab;
    }

    /// <summary>Goes through a login, and gives the answer of the callback.</summary>
    public async Task<RawResponse> SignInAsync(BrowserTab tab, string start, string subject = "7", string session = "sid-1")
    {
        var toProvider = await tab.OpenAsync(start);
        toProvider.Status.Should().Be(303, toProvider.BodyText);
        return await ReturnAsync(tab, Issuer.SignIn(toProvider.Header("Location")!, subject, session));
    }

    /// <summary>Where the page at the end of a login goes on to.</summary>
    public static string GoesTo(RawResponse back)
    {
        back.Status.Should().Be(200, back.BodyText);
        return System.Net.WebUtility.HtmlDecode(back.BodyText.Split("content=\"0; url=")[1].Split('"')[0]);
    }

    /// <summary>Comes back from the provider, as a navigation from its page.</summary>
    public static Task<RawResponse> ReturnAsync(BrowserTab tab, string callback) => tab.SendAsync(
        RawRequest.Get(new Uri(callback).PathAndQuery).With("Sec-Fetch-Site", "cross-site").With("Sec-Fetch-Mode", "navigate").With("Sec-Fetch-Dest", "document"));

    /// <summary>Has the upstream accept every handshake as a WebSocket, and keep it open.</summary>
    public void AcceptWebSockets() => Upstream.OnConnection(static async connection =>
    {
        // A connection that only reviews came on ends without an upgrade.
        if (await connection.ReadForwardedAsync() is { } handshake)
        {
            await connection.WriteAsync(WebSocketHandshake.Accept(handshake, "v5.channel.k8s.io"));
            await connection.PeerClosed;
        }
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        await Issuer.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    private GatewayOptions Options()
    {
        var options = TestGateway.Options(TestCluster.Held("kind", Upstream.Url), TestCluster.ClientSide("trusting", Upstream.Url, "oidc", "OIDC"), TestCluster.ClientSide("foreign", Upstream.Url, "oidc", "okta"));
        return options with
        {
            PublicUrl = new Uri(Origin),
            CorsOrigins = ["https://portal.example.com"],
            Auth = options.Auth! with
            {
                Oidc =
                [
                    new OidcOptions
                    {
                        Name = "oidc", Issuer = Issuer.Issuer, ClientId = TestIssuer.ClientId, ClientSecret = new Secret(TestIssuer.ClientSecret),
                        CallbackUrl = new Uri($"{Origin}{options.BaseUrl}/auth/callback"), Claims = new ClaimOptions { Username = "preferred_username" },
                    },
                ],
            },
            AccessRules = [TestGateway.AllowAll with { Groups = ["devs"] }, TestGateway.AllowAll with { Resources = ["pods/exec"] }],
            ServiceProxy = options.ServiceProxy with { DefaultCluster = "kind" },
        };
    }
}
