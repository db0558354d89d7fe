using Fairlead.Clusters;
using Fairlead.Credentials.Minting;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Testing.Gateways;

/// <summary>Cluster definitions for tests: TLS clusters trust <see cref="TestCertificates.Shared"/>.</summary>
internal static class TestCluster
{
    /// <summary>The gateway-held token of <see cref="Held"/>.</summary>
    public const string HeldToken = "SA";

    /// <summary>What obtains credentials, where no other cluster holds any.</summary>
    public static Minters Minters => new(new ClusterFinder(), TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>A cluster with the gateway-held token <c>SA</c>.</summary>
    public static ClusterDefinition Held(string name, string url) =>
        Of(name, url, new CredentialDefinition.ServiceAccountToken(new Secret(HeldToken)));

    /// <summary>A cluster whose callers bring their own token: <c>google</c>, <c>aks</c>, <c>oidc</c> or <c>passThrough</c>.</summary>
    public static ClusterDefinition ClientSide(string name, string url, string provider, string? oidcTokenProvider = null) =>
        Of(name, url, new CredentialDefinition.ClientSide(provider, oidcTokenProvider));

    /// <summary>A cluster that is reached with a client certificate.</summary>
    public static ClusterDefinition Certified(string name, string url, PemSource certificate, PemSource key) =>
        Of(name, url, new CredentialDefinition.ClientCertificate(new ClientCertificateSource(certificate, key)));

    /// <summary>A cluster.</summary>
    public static ClusterDefinition Of(string name, string url, CredentialDefinition credential) => new()
    {
        Locator = "config",
        Name = name,
        Connection = new ClusterConnection
        {
            Server = new Uri(url),
            CertificateAuthority = new PemSource.Inline(new Secret(TestCertificates.Shared.AuthorityPem)),
        },
        Credential = credential,
    };
}
