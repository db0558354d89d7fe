using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Gateways;

namespace Fairlead.EndToEndTests.Clusters;

/// <summary>A cluster and the gateway in front of it, with a kubeconfig for each way.</summary>
public sealed class Target : IAsyncDisposable
{
    private readonly TestGateway _gateway;
    private readonly TempFolder _folder = new();

    private Target(ClusterUnderTest cluster, TestGateway gateway)
    {
        Cluster = cluster;
        _gateway = gateway;
        Direct = _folder.Write("direct", Kubeconfig(cluster.Server, cluster.AuthorityPem, cluster.AdminToken));
        ThroughGateway = _folder.Write("gateway", Kubeconfig(GatewayServer, TestCertificates.Shared.AuthorityPem, TestGateway.Token));
        AsUserDirect = _folder.Write("user-direct", Kubeconfig(cluster.Server, cluster.AuthorityPem, cluster.UserToken));
        AsUserThroughGateway = _folder.Write("user-gateway", Kubeconfig(GatewayServer, TestCertificates.Shared.AuthorityPem, cluster.UserToken));
    }

    /// <summary>The cluster.</summary>
    public ClusterUnderTest Cluster { get; }

    /// <summary>A kubeconfig straight to the API server, as administrator.</summary>
    public string Direct { get; }

    /// <summary>A kubeconfig to the cluster door, with a static token: the gateway's credential travels.</summary>
    public string ThroughGateway { get; }

    /// <summary>A kubeconfig straight to the API server, as <c>bob</c>.</summary>
    public string AsUserDirect { get; }

    /// <summary>A kubeconfig to the cluster door with <c>bob</c>'s own cluster token, which travels on.</summary>
    public string AsUserThroughGateway { get; }

    /// <summary>The gateway's http address.</summary>
    public Uri GatewayHttp => new($"http://127.0.0.1:{_gateway.Port}");

    /// <summary>The gateway's https address.</summary>
    public Uri GatewayHttps => new($"https://127.0.0.1:{_gateway.TlsPort}");

    /// <summary>A file with the authority of the gateway's certificate.</summary>
    public string GatewayAuthorityFile => _folder.Write("gateway-ca.crt", TestCertificates.Shared.AuthorityPem);

    private Uri GatewayServer => new(GatewayHttps, $"/clusters/{ClusterUnderTest.Name}");

    /// <summary>Starts the gateway.</summary>
    public static async Task<Target> StartAsync(ClusterUnderTest cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var definition = new ClusterDefinition
        {
            Locator = "config",
            Name = ClusterUnderTest.Name,
            Connection = new ClusterConnection
            {
                Server = cluster.Server,
                CertificateAuthority = new PemSource.Inline(new Secret(cluster.AuthorityPem)),
            },
            Credential = new CredentialDefinition.ServiceAccountToken(new Secret(cluster.AdminToken)),
        };
        return new Target(cluster, await TestGateway.StartAsync(definition));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await Cluster.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A kubeconfig with one context.</summary>
    internal static string Kubeconfig(Uri server, string authorityPem, string token) =>
        $$"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: c
          cluster: {server: "{{server}}", certificate-authority-data: {{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(authorityPem))}}}
        users:
        - name: u
          user: {token: "{{token}}"}
        contexts:
        - name: c
          context: {cluster: c, user: u}
        current-context: c
        """;
}
