using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Callers.Tokens;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;
using Fairlead.Sessions.Oidc;
using Fairlead.Testing.Gateways;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Tests;

/// <summary>Clusters, callers and rules for tests of single stages.</summary>
internal static class Make
{
    public const string Url = "https://kube.test:6443";

    /// <summary>A cluster that nothing was opened for.</summary>
    public static Cluster Cluster(ClusterDefinition definition) => new(
        definition, new GatewayOptions(), TestCluster.Minters, static (_, _) => throw new InvalidOperationException("nothing is resolved here"), TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>A cluster with a gateway-held token.</summary>
    public static Cluster Held(string name, string locator = "config") => Cluster(TestCluster.Held(name, Url) with { Locator = locator });

    /// <summary>A cluster whose callers bring their own token.</summary>
    public static Cluster ClientSide(string name, string provider, string? oidcTokenProvider = null, string locator = "config") =>
        Cluster(TestCluster.ClientSide(name, Url, provider, oidcTokenProvider) with { Locator = locator });

    /// <summary>The machine callers <c>jane</c> (of the group <c>devs</c>) with the token <c>jane-token</c>, and <c>bob</c> with <c>bob-token</c>.</summary>
    public static CallerDirectory Directory { get; } = new(new AuthOptions
    {
        Static = [TestGateway.Caller("jane", "jane-token", "devs"), TestGateway.Caller("bob", "bob-token")],
    });

    /// <summary>A snapshot without clusters, in which the callers of <paramref name="directory"/> are known.</summary>
    public static GatewaySnapshot Snapshot(CallerDirectory? directory = null) => new(
        new GatewayOptions(), new ClusterCatalog([]), directory ?? Directory, new AccessPolicy([]),
        TokenVerifier.For(null, null, TimeProvider.System, NullLoggerFactory.Instance), new OidcProviders([], null, TimeProvider.System, NullLoggerFactory.Instance));

    /// <summary>The stage that says who calls, with nobody signed in.</summary>
    public static CallerStage CallerStage()
    {
        var store = new MemorySessionStore(new SessionLifetimes(TimeSpan.FromHours(1), TimeSpan.FromHours(24)), TimeProvider.System);
        return new CallerStage(
            new ServiceSessions(TimeProvider.System), new BrowserSessions(store, new SessionRefresher(store, TimeProvider.System, NullLogger<SessionRefresher>.Instance)), new Tickets(store, TimeProvider.System),
            new HeadlampCookie(new SealedBox(new BrowserSessionOptions()), TimeProvider.System));
    }

    /// <summary>The caller <c>jane</c>.</summary>
    public static Caller.Portal Jane { get; } = new("jane", ["devs"]);

    /// <summary>A caller, with a cluster token of their own where one is given.</summary>
    public static Identified As(Caller caller, string? own = null) => new(caller, own is null ? null : new Secret(own));

    /// <summary>A rule for <c>jane</c>.</summary>
    public static AccessRule Rule(string clusters = "*", string namespaces = "*", string resources = "*", string verbs = "*") => new()
    {
        Users = ["jane"], Clusters = clusters.Split(' '), Namespaces = namespaces.Split(' '), Resources = resources.Split(' '), Verbs = verbs.Split(' '),
    };

    /// <summary>What <paramref name="method"/> on <paramref name="target"/> asks for.</summary>
    public static KubernetesAction Action(string method, string target) =>
        KubernetesActionParser.Parse(Inbound.Target(target), 0, method, isUpgrade: false, out var refusal) ?? throw new ArgumentException(refusal!.Message, nameof(target));
}
