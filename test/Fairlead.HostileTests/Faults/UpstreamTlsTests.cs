using System.Security.Authentication;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Faults;

/// <summary>T48: which upstreams prove who they are, at every door, over every protocol and with either login.</summary>
public sealed class UpstreamTlsTests
{
    private static readonly string[] _names = ["127.0.0.1", "localhost", "web.default.svc"];

    [Fact]
    public Task T48_An_upstream_that_proves_itself_is_used() => TryAsync(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server(_names).Certificate }, 200);

    [Fact]
    public Task T48_T108_A_certificate_for_another_name_is_502() => TryAsync(new RawUpstreamOptions { Certificate = TestCertificates.Shared.OtherHostServer().Certificate }, 502);

    [Fact]
    public Task T48_T108_An_expired_certificate_is_502() => TryAsync(new RawUpstreamOptions { Certificate = TestCertificates.Shared.ExpiredServer(_names).Certificate }, 502);

    [Fact]
    public Task T48_T108_A_certificate_of_another_authority_is_502() => TryAsync(new RawUpstreamOptions { Certificate = new TestCertificates().Server(_names).Certificate }, 502);

    [Fact]
    public Task T48_T108_A_self_signed_certificate_is_502()
    {
        var pair = Testing.Files.PemPair.Create("CN=127.0.0.1");
        return TryAsync(new RawUpstreamOptions { Certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(pair.Certificate, pair.Key) }, 502);
    }

    [Theory]
#pragma warning disable CA5397, SYSLIB0039 // What is refused.
    [InlineData(SslProtocols.Tls)]
    [InlineData(SslProtocols.Tls11)]
#pragma warning restore CA5397, SYSLIB0039
    public Task T48_T108_An_old_version_of_TLS_is_502(SslProtocols version) =>
        TryAsync(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server(_names).Certificate, Versions = version }, 502);

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public Task T48_T108_A_client_certificate_that_is_demanded_and_missing_is_502(SslProtocols version) =>
        TryAsync(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server(_names).Certificate, DemandClientCertificate = true, Versions = version }, 502);

    [Fact]
    public void T48_No_certificate_is_accepted_unseen_unless_somebody_says_so()
    {
        new ClusterConnection { Server = new Uri("https://a") }.InsecureSkipTlsVerify.Should().BeFalse();
        new GatewayOptions().InsecureSkipTlsVerify.Should().BeFalse();
        new ServiceOptions { Cluster = "a", Namespace = "b", Name = "c" }.SkipTlsVerify.Should().BeFalse();
    }

    private static async Task TryAsync(RawUpstreamOptions upstream, int status)
    {
        await using var world = await HostileWorld.StartAsync(
            static options => options with
            {
                ServiceProxy = options.ServiceProxy with
                {
                    Services = [new ServiceOptions { Cluster = "main", Namespace = "default", Name = "web", CertificateAuthority = new PemSource.Inline(new Secret(TestCertificates.Shared.AuthorityPem)) }],
                },
            },
            upstream);
        foreach (var way in HostileWays.All)
        {
            var mark = world.Mark();

            var response = await world.GetAsync(way, "/api/v1/pods");

            if (status == 200)
            {
                response.Status.Should().Be(200, way.ToString());
                world.SentSince(mark).Should().ContainSingle(way.ToString());
            }
            else
            {
                world.ShouldBeRefused(way, response, status, mark);
                response.BodyText.Should().NotContain("other.fairlead.test").And.NotContain("authority ");
            }
        }
    }
}
