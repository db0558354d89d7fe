using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AwesomeAssertions;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Identity;

/// <summary>A server's certificate may say where its issuer is to be had. Who presents one decides what is asked there, so nobody asks.</summary>
public sealed class CertificateDownloadTests
{
    private static readonly DateTimeOffset _from = DateTimeOffset.UtcNow.AddDays(-2);
    private static readonly DateTimeOffset _to = DateTimeOffset.UtcNow.AddDays(2);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task T43_Nothing_is_downloaded_from_where_a_certificate_points_to(bool hasAuthority, bool skipsCheck)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var (root, leaf) = Chain($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/issuer.cer");
        await using var upstream = new RawUpstream(new RawUpstreamOptions { Certificate = leaf });
        var cluster = TestCluster.Held("kind", upstream.Url);
        await using var gateway = await TestGateway.StartAsync(cluster with
        {
            Connection = cluster.Connection with { CertificateAuthority = hasAuthority ? new PemSource.Inline(new Secret(root.ExportCertificatePem())) : null, InsecureSkipTlsVerify = skipsCheck },
        });

        (await gateway.GetAsync("/api", "kind")).Status.Should().Be(skipsCheck ? 200 : 502);

        listener.Pending().Should().BeFalse("the handshake is over, and nobody has asked");
    }

    /// <summary>A root, and a server certificate of an intermediate authority that is not sent along.</summary>
    private static (X509Certificate2 Root, X509Certificate2 Leaf) Chain(string issuerUrl)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = Authority("CN=root", rootKey).CreateSelfSigned(_from, _to);
        using var middle = Authority("CN=middle", middleKey).Create(root, _from, _to, [1]).CopyWithPrivateKey(middleKey);
        var request = new CertificateRequest("CN=localhost", leafKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerUrl]));
        using var issued = request.Create(middle, _from, _to, [2]);
        return (root, issued.CopyWithPrivateKey(leafKey));
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }
}
