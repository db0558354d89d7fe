using System.Net;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Demo;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>
/// The service door with the world of the contract's section 5 behind it: the cluster <c>main</c> (a stand-in API server with RBAC), its
/// Service <c>default/web</c> with one port <c>http</c> 80 at a raw upstream that records bytes, and the caller's cluster token <c>U</c>, which
/// has all verbs on <c>services/proxy</c>. The gateway's own account in the cluster, <c>gateway</c>, has the least rights of contract F26.
/// </summary>
internal sealed class ServicePassage : IAsyncDisposable
{
    /// <summary>The caller's cluster token: user <c>ann</c>.</summary>
    public const string UserToken = "U";

    /// <summary>The token of the gateway's own account.</summary>
    public const string GatewayToken = "gateway-account-token";

    private ServicePassage(DemoCluster cluster, RawUpstream upstream, TestGateway gateway)
    {
        Cluster = cluster;
        Upstream = upstream;
        Gateway = gateway;
    }

    /// <summary>The API server of <c>main</c>.</summary>
    public DemoCluster Cluster { get; }

    /// <summary>What stands behind <c>default/web</c>.</summary>
    public RawUpstream Upstream { get; }

    /// <summary>The gateway.</summary>
    public TestGateway Gateway { get; }

    /// <summary>The requests that the Service has seen.</summary>
    public IReadOnlyList<RecordedRequest> Seen => Upstream.Requests;

    /// <summary>Starts everything.</summary>
    /// <param name="transport">Which way: <c>direct</c> sets <c>network: direct</c> for the cluster, the other leaves it out.</param>
    /// <param name="change">Changes the gateway's options.</param>
    /// <param name="prepare">Changes the cluster before the gateway starts.</param>
    public static async Task<ServicePassage> StartAsync(
        TransportChoice transport = TransportChoice.Direct, Func<GatewayOptions, GatewayOptions>? change = null, Action<DemoCluster>? prepare = null)
    {
        var upstream = new RawUpstream();
        var cluster = await StartClusterAsync();
        AddService(cluster, "web", upstream.Port);
        prepare?.Invoke(cluster);
        var options = Options(Definition(cluster, "main", isDirect: transport is TransportChoice.Direct));
        return new ServicePassage(cluster, upstream, await TestGateway.StartAsync(change is null ? options : change(options)));
    }

    /// <summary>The gateway's options that tests start from: loopback is allowed, since everything here listens on it.</summary>
    public static GatewayOptions Options(params ClusterDefinition[] clusters) => TestGateway.Options(clusters) with
    {
        ServiceProxy = new ServiceProxyOptions { AllowedAddresses = [IPNetwork.Parse("127.0.0.0/8")] },
    };

    /// <summary>An API server with the accounts <c>ann</c> (token <c>U</c>, may use every Service of every namespace) and <c>gateway</c>.</summary>
    public static async Task<DemoCluster> StartClusterAsync()
    {
        var cluster = await DemoCluster.StartAsync(new DemoClusterOptions { Empty = true }, CancellationToken.None);
        cluster.LetIn(UserToken, "ann", "devs", "system:authenticated");
        cluster.LetIn(GatewayToken, "gateway", "system:authenticated");
        Allow(cluster, "ann", "get create update patch delete", "", "services/proxy");
        Allow(cluster, "gateway", "get list watch", "", "services");
        Allow(cluster, "gateway", "get list watch", "discovery.k8s.io", "endpointslices");
        Allow(cluster, "gateway", "get create update patch delete", "", "services/proxy");
        return cluster;
    }

    /// <summary>The cluster as the gateway's configuration says it.</summary>
    public static ClusterDefinition Definition(DemoCluster cluster, string name, bool isDirect) => new()
    {
        Locator = "config",
        Name = name,
        Connection = new ClusterConnection
        {
            Server = cluster.Server,
            CertificateAuthority = new PemSource.Inline(new Secret(cluster.CertificateAuthorityPem)),
        },
        Credential = new CredentialDefinition.ServiceAccountToken(new Secret(GatewayToken)),
        IsDirect = isDirect,
    };

    /// <summary>Lets a user do something in the whole cluster: a ClusterRole and its binding, named after user and resource.</summary>
    public static void Allow(DemoCluster cluster, string user, string verbs, string group, string resource)
    {
        var name = RoleName(user, group, resource);
        var list = string.Join(',', verbs.Split(' ').Select(static verb => $"\"{verb}\""));
        cluster.Put($$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"{{name}}"},"rules":[{"verbs":[{{list}}],"apiGroups":["{{group}}"],"resources":["{{resource}}"]}]}""");
        cluster.Put($$"""
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"{{name}}"},
             "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{name}}"},"subjects":[{"kind":"User","name":"{{user}}"}]}
            """);
    }

    /// <summary>Takes back what <see cref="Allow"/> has given.</summary>
    public static void Forbid(DemoCluster cluster, string user, string group, string resource)
    {
        cluster.Remove("ClusterRoleBinding", "", RoleName(user, group, resource));
        cluster.Remove("ClusterRole", "", RoleName(user, group, resource));
    }

    /// <summary>A headless Service with one ready endpoint on loopback.</summary>
    /// <param name="cluster">Where.</param>
    /// <param name="name">The Service's name.</param>
    /// <param name="targetPort">Where its endpoint listens.</param>
    /// <param name="ports">The declared ports as JSON; null for one named <c>http</c>, 80. Every declared port leads to <paramref name="targetPort"/>.</param>
    /// <param name="namespace">The namespace.</param>
    /// <param name="annotations">Annotations as JSON.</param>
    public static void AddService(
        DemoCluster cluster, string name, int targetPort, string? ports = null, string @namespace = "default", string annotations = "{}")
    {
        var declared = ports ?? """[{"name":"http","port":80}]""";
        cluster.Put($$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"{{name}}","namespace":"{{@namespace}}","annotations":{{annotations}} },
             "spec":{"clusterIP":"None","ports":{{declared}} } }
            """);
        var names = System.Text.Json.Nodes.JsonNode.Parse(declared)!.AsArray().Select(static port => port!["name"]?.ToString() ?? "");
        var targets = string.Join(',', names.Select(port => $$"""{"name":"{{port}}","port":{{targetPort}},"protocol":"TCP"}"""));
        cluster.Put($$"""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
             "metadata":{"name":"{{name}}-1","namespace":"{{@namespace}}","labels":{"kubernetes.io/service-name":"{{name}}"} },
             "ports":[{{targets}}],"endpoints":[{"addresses":["127.0.0.1"],"conditions":{"ready":true} }]}
            """);
    }

    /// <summary>Sends a request with the token <c>U</c> at the http port.</summary>
    public Task<RawResponse> SendAsync(RawRequest request) => RawClient.ExchangeAsync(Gateway.Port, request.WithBearer(UserToken));

    /// <summary>Sends a request as it stands.</summary>
    public Task<RawResponse> SendBareAsync(RawRequest request) => RawClient.ExchangeAsync(Gateway.Port, request);

    /// <summary>GETs a target with the token <c>U</c>.</summary>
    public Task<RawResponse> GetAsync(string target) => SendAsync(RawRequest.Get(target));

    /// <summary>Nobody has connected to the Service.</summary>
    public void ShouldHaveSentNothing() => Upstream.ConnectionCount.Should().Be(0);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Cluster.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    private static string RoleName(string user, string group, string resource) => $"{user}.{group}.{resource}".Replace('/', '-');
}
