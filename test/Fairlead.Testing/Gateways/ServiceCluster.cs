using Fairlead.Clusters;
using Fairlead.Demo;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Testing.Gateways;

/// <summary>A stand-in API server with RBAC and the Services behind it, as the tests of the service door need them.</summary>
internal static class ServiceCluster
{
    /// <summary>The caller's cluster token: user <c>ann</c>.</summary>
    public const string UserToken = "U";

    /// <summary>The token of the gateway's own account.</summary>
    public const string GatewayToken = "gateway-account-token";

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

    private static string RoleName(string user, string group, string resource) => $"{user}.{group}.{resource}".Replace('/', '-');
}
