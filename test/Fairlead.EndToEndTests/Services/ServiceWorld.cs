using System.Globalization;
using System.Net;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Demo;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;

namespace Fairlead.EndToEndTests.Services;

/// <summary>
/// A gateway with demo clusters behind it, whose Services lead to programs on loopback. Each cluster knows <c>ann</c>, who may use every Service,
/// and <c>eve</c>, who may use none; their tokens are good in that cluster only.
/// </summary>
internal sealed class ServiceWorld : IAsyncDisposable
{
    /// <summary>The cluster's name where there is one.</summary>
    public const string Main = "main";

    private const string GatewayToken = "gateway-account-token";

    private readonly Dictionary<string, DemoCluster> _clusters;
    private readonly TempFolder _folder = new();

    private ServiceWorld(Dictionary<string, DemoCluster> clusters, TestGateway gateway)
    {
        _clusters = clusters;
        Gateway = gateway;
        AuthorityFile = _folder.Write("gateway-ca.crt", TestCertificates.Shared.AuthorityPem);
    }

    /// <summary>The gateway.</summary>
    public TestGateway Gateway { get; }

    /// <summary>The gateway's origin with http.</summary>
    public string Http => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Gateway.Port}");

    /// <summary>The gateway's origin with https.</summary>
    public string Https => string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{Gateway.TlsPort}");

    /// <summary>A file with the authority of the gateway's certificate.</summary>
    public string AuthorityFile { get; }

    /// <summary>Starts everything.</summary>
    /// <param name="transport"><c>direct</c>, or <c>apiserver</c>.</param>
    /// <param name="change">Changes the gateway's options.</param>
    /// <param name="clusters">The names of the clusters; one, <c>main</c>, when there is none.</param>
    public static async Task<ServiceWorld> StartAsync(string transport, Func<GatewayOptions, GatewayOptions>? change = null, params string[] clusters)
    {
        var started = new Dictionary<string, DemoCluster>(StringComparer.Ordinal);
        foreach (var name in clusters is [] ? [Main] : clusters)
        {
            started.Add(name, await StartClusterAsync(name));
        }

        var isDirect = string.Equals(transport, "direct", StringComparison.Ordinal);
        var options = TestGateway.Options([.. started.Select(one => Definition(one.Value, one.Key, isDirect))]) with
        {
            // Everything here listens on loopback.
            ServiceProxy = new ServiceProxyOptions { AllowedAddresses = [IPNetwork.Parse("127.0.0.0/8")] },
        };
        return new ServiceWorld(started, await TestGateway.StartAsync(change is null ? options : change(options)));
    }

    /// <summary>The token of <c>ann</c>, who may use every Service of the cluster.</summary>
    public static string Ann(string cluster = Main) => $"token-of-ann-in-{cluster}";

    /// <summary>The token of <c>eve</c>, who may do nothing in the cluster.</summary>
    public static string Eve(string cluster = Main) => $"token-of-eve-in-{cluster}";

    /// <summary>A cluster.</summary>
    public DemoCluster Cluster(string name = Main) => _clusters[name];

    /// <summary>A headless Service with one ready endpoint on loopback and one port.</summary>
    /// <param name="name">The Service's name.</param>
    /// <param name="targetPort">Where its endpoint listens.</param>
    /// <param name="portName">The port's name.</param>
    /// <param name="port">The port's number.</param>
    /// <param name="namespace">The namespace.</param>
    /// <param name="cluster">The cluster.</param>
    public void AddService(string name, int targetPort, string portName = "http", int port = 80, string @namespace = "default", string cluster = Main)
    {
        Cluster(cluster).Put(string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"{{name}}","namespace":"{{@namespace}}"},
             "spec":{"clusterIP":"None","ports":[{"name":"{{portName}}","port":{{port}} }]} }
            """));
        Cluster(cluster).Put(string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
             "metadata":{"name":"{{name}}-1","namespace":"{{@namespace}}","labels":{"kubernetes.io/service-name":"{{name}}"} },
             "ports":[{"name":"{{portName}}","port":{{targetPort}},"protocol":"TCP"}],"endpoints":[{"addresses":["127.0.0.1"],"conditions":{"ready":true} }]}
            """));
    }

    /// <summary>Runs curl against a target at the https port and gives what it prints, the head included.</summary>
    public async Task<CurlAnswer> CurlAsync(string target, string? token, params string[] more)
    {
        string[] authorization = token is null ? [] : ["-H", $"Authorization: Bearer {token}"];
        var result = await ProcessRunner.RunAsync(
            "/usr/bin/env", ["curl", "-sS", "-i", "--path-as-is", "--cacert", AuthorityFile, .. authorization, .. more, Https + target]);
        return CurlAnswer.Parse(result.Succeeded().Output);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (var cluster in _clusters.Values)
        {
            await cluster.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static async Task<DemoCluster> StartClusterAsync(string name)
    {
        var cluster = await DemoCluster.StartAsync(new DemoClusterOptions(), CancellationToken.None);
        cluster.Put("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"monitoring"}}""");
        cluster.LetIn(Ann(name), "ann", "system:authenticated");
        cluster.LetIn(Eve(name), "eve", "system:authenticated");
        cluster.LetIn(GatewayToken, "gateway", "system:authenticated");
        Allow(cluster, "ann", "", "services/proxy", "get", "create", "update", "patch", "delete");
        Allow(cluster, "gateway", "", "services", "get", "list", "watch");
        Allow(cluster, "gateway", "discovery.k8s.io", "endpointslices", "get", "list", "watch");
        Allow(cluster, "gateway", "", "services/proxy", "get", "create", "update", "patch", "delete");
        return cluster;
    }

    private static ClusterDefinition Definition(DemoCluster cluster, string name, bool isDirect) => new()
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

    private static void Allow(DemoCluster cluster, string user, string group, string resource, params string[] verbs)
    {
        var name = $"{user}.{group}.{resource}".Replace('/', '-');
        var list = string.Join(',', verbs.Select(static verb => $"\"{verb}\""));
        cluster.Put($$"""
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"{{name}}"},
             "rules":[{"verbs":[{{list}}],"apiGroups":["{{group}}"],"resources":["{{resource}}"]}]}
            """);
        cluster.Put($$"""
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"{{name}}"},
             "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{name}}"},"subjects":[{"kind":"User","name":"{{user}}"}]}
            """);
    }
}

/// <summary>What curl has printed.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">The header lines.</param>
/// <param name="Body">The body.</param>
internal sealed record CurlAnswer(int Status, IReadOnlyList<string> Headers, string Body)
{
    /// <summary>Reads head and body apart.</summary>
    public static CurlAnswer Parse(string output)
    {
        var end = output.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = output[..end].Split("\r\n");
        return new CurlAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), lines[1..], output[(end + 4)..]);
    }

    /// <summary>The value of a header, or null.</summary>
    public string? Header(string name) => Headers
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim())
        .SingleOrDefault();
}
