using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Xunit;

namespace Fairlead.Tests.Configuration;

/// <summary>Keys of a configured cluster that Backstage does not have.</summary>
public sealed class ClusterKeysTests : IDisposable
{
    private readonly Loading _loading = new();

    public void Dispose() => _loading.Dispose();

    [Fact]
    public void A_token_file_starts_at_the_configuration_file() =>
        Cluster("authProvider: serviceAccount, serviceAccountTokenFile: tok").Credential.Should().Be(new CredentialDefinition.TokenFile(_loading.Folder.Of("tok")));

    [Fact]
    public void A_certificate_may_be_kept_in_a_Secret()
    {
        Cluster("authProvider: clientCertificate, clientCertSecretRef: { cluster: main, namespace: fairlead, name: edge.client }").Credential.Should().Be(new CredentialDefinition.CertificateSecret("main", "fairlead", "edge.client"));
        Cluster("authProvider: clientCertificate, clientCertSecretRef: { namespace: fairlead, name: edge }").Credential.Should().Be(new CredentialDefinition.CertificateSecret(null, "fairlead", "edge"));
    }

    [Fact]
    public void A_server_name_and_a_proxy_belong_to_the_connection()
    {
        var connection = Cluster("authProvider: google, tlsServerName: kube.internal, proxyUrl: 'socks5://me:secret@proxy:1080'").Connection;

        connection.TlsServerName.Should().Be("kube.internal");
        connection.Proxy!.Url.Should().Be(new Uri("socks5://proxy:1080/"));
        connection.Proxy.UserInfo!.Reveal().Should().Be("me:secret");
        connection.ToString().Should().NotContain("me:secret");
        connection.Should().NotBe(Cluster("authProvider: google, tlsServerName: kube.internal, proxyUrl: 'socks5://me:changed@proxy:1080'").Connection);
    }

    [Theory]
    [InlineData("authProvider: serviceAccount, serviceAccountToken: abc, serviceAccountTokenFile: tok", "serviceAccountTokenFile", "must not stand together")]
    [InlineData("authProvider: clientCertificate, clientCertFile: a, clientCertSecretRef: { namespace: n, name: s }", "clientCertFile", "must not stand together")]
    [InlineData("authProvider: clientCertificate, clientCertSecretRef: { namespace: n }", "name", "is missing")]
    [InlineData("authProvider: clientCertificate, clientCertSecretRef: { namespace: n, name: ../pods }", "name", "small letters")]
    [InlineData("authProvider: google, clientCertSecretRef: { namespace: n, name: s }", "clientCertSecretRef", "needs authProvider: clientCertificate")]
    [InlineData("authProvider: google, tlsServerName: 'a b'", "tlsServerName", "host name")]
    [InlineData("authProvider: google, proxyUrl: 'ftp://SENTINEL@proxy'", "proxyUrl", "http, https or socks5")]
    [InlineData("authProvider: google, proxyUrl: '${UNSET}'", "proxyUrl", "UNSET")]
    [InlineData("authProvider: google, tlsServerName: '${UNSET}'", "tlsServerName", "UNSET")]
    [InlineData("authProvider: serviceAccount, serviceAccountTokenFile: '${UNSET}'", "serviceAccountTokenFile", "UNSET")]
    [InlineData("authProvider: google, proxyUrl: proxy:1080", "proxyUrl", "http, https or socks5")]
    public void What_is_wrong_is_named_and_no_value_repeated(string keys, string key, string message)
    {
        var error = _loading.Error(Loading.Cluster($"name: c, url: https://h, {keys}"));

        error.ToString().Should().Contain(key).And.Contain(message).And.NotContain("SENTINEL");
    }

    private ClusterDefinition Cluster(string keys) =>
        _loading.Options(Loading.Cluster($"name: c, url: https://h, {keys}")).ClusterLocators.OfType<ClusterLocator.Config>().Single().Clusters.Single();
}
