using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Which certificates of Services are accepted.</summary>
public sealed class TlsTests
{
    [Theory]
    [InlineData("web.default.svc")]
    [InlineData("web.default.svc.cluster.local")]
    [InlineData("web.default")]
    public async Task H93_A_certificate_of_the_clusters_authority_for_the_Service_is_accepted(string name)
    {
        await using var secure = Secure(TestCertificates.Shared.Server(name));
        await using var passage = await StartAsync(secure, WithClusterAuthority);

        var response = await passage.GetAsync("/serviceproxy/default/web/x");

        response.Status.Should().Be(200, response.ToString());
        var seen = secure.Requests.Should().ContainSingle().Subject;
        seen.Header("Host").Should().Be("web.default.svc.cluster.local");
        seen.Headers("Authorization").Should().Equal("Bearer U");
    }

    [Theory]
    [InlineData("other.default.svc")]
    [InlineData("web.other.svc")]
    [InlineData("web")]
    [InlineData("127.0.0.1")]
    [InlineData("evil.example")]
    public async Task H93_A_certificate_for_something_else_is_502(string name)
    {
        await using var secure = Secure(TestCertificates.Shared.Server(name));
        await using var passage = await StartAsync(secure, WithClusterAuthority);

        (await passage.GetAsync("/serviceproxy/default/web/x")).ShouldRefuse(502, "BadGateway");
        secure.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task H93_An_expired_certificate_is_502()
    {
        await using var secure = Secure(TestCertificates.Shared.ExpiredServer("web.default.svc"));
        await using var passage = await StartAsync(secure, WithClusterAuthority);

        (await passage.GetAsync("/serviceproxy/default/web/x")).ShouldRefuse(502, "BadGateway");
        secure.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task H93_A_certificate_of_an_unknown_authority_is_502(WireProtocol protocol)
    {
        await using var secure = Secure(TestCertificates.Shared.Server("web.default.svc"));
        await using var passage = await StartAsync(secure, static options => options);

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/x").WithBearer(ServiceCluster.UserToken));

        response.ShouldRefuse(502, "BadGateway");
        secure.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("web.default.svc", true, 200)]
    [InlineData("web.default.svc.cluster.local", true, 200)]
    [InlineData("web.default", true, 200)]
    [InlineData("web.other.svc", true, 502)]
    [InlineData("web.default.svc", false, 502)]
    public async Task H93_The_authority_of_one_Service_is_accepted_for_its_name(string name, bool known, int expected)
    {
        await using var secure = Secure((known ? TestCertificates.Shared : new TestCertificates()).Server(name));
        await using var passage = await StartAsync(secure, WithServiceAuthority);

        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(expected);
        secure.Requests.Should().HaveCount(expected == 200 ? 1 : 0);
    }

    [Fact]
    public async Task H93_The_authority_of_one_Service_says_nothing_about_another()
    {
        await using var secure = Secure(TestCertificates.Shared.Server("web.default.svc", "other.default.svc"));
        await using var passage = await StartAsync(secure, WithServiceAuthority);
        ServiceCluster.AddService(passage.Cluster, "other", secure.Port, """[{"name":"https","port":443}]""");

        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);
        (await passage.GetAsync("/serviceproxy/default/other/x")).ShouldRefuse(502, "BadGateway");
    }

    [Theory]
    [InlineData("web.default.svc")]
    [InlineData("evil.example")]
    public async Task H93_SkipTlsVerify_accepts_any_certificate_of_that_Service_alone(string name)
    {
        await using var secure = Secure(new TestCertificates().Server(name));
        await using var passage = await StartAsync(secure, static options => options.WithService(static service => service with { SkipTlsVerify = true }));
        ServiceCluster.AddService(passage.Cluster, "other", secure.Port, """[{"name":"https","port":443}]""");

        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);
        (await passage.GetAsync("/serviceproxy/default/other/x")).ShouldRefuse(502, "BadGateway");
    }

    [Fact]
    public async Task H93_The_client_certificate_of_one_Service_is_shown_to_it()
    {
        var mine = TestCertificates.Shared.Client("fairlead");
        await using var secure = new RawUpstream(new() { Certificate = TestCertificates.Shared.Server("web.default.svc").Certificate, RequestClientCertificate = true });
        await using var passage = await StartAsync(secure, options => options.WithService(service => service with
        {
            CertificateAuthority = new PemSource.Inline(new Secret(TestCertificates.Shared.AuthorityPem)),
            ClientCertificate = new ClientCertificateSource(new PemSource.Inline(new Secret(mine.Pem)), new PemSource.Inline(new Secret(mine.KeyPem))),
        }));

        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);

        secure.Connections.Should().ContainSingle().Which.PeerCertificate!.Subject.Should().Be("CN=fairlead");
    }

    [Fact]
    public async Task H93_No_client_certificate_of_the_cluster_is_shown_to_a_Service()
    {
        await using var secure = new RawUpstream(new() { Certificate = TestCertificates.Shared.Server("web.default.svc").Certificate, RequestClientCertificate = true });
        await using var passage = await StartAsync(secure, WithServiceAuthority);

        (await passage.GetAsync("/serviceproxy/default/web/x")).Status.Should().Be(200);

        var connection = secure.Connections.Should().ContainSingle().Subject;
        connection.PeerCertificate.Should().BeNull();
        connection.ServerName.Should().Be("web.default.svc.cluster.local");
    }

    private static RawUpstream Secure(TestCertificate certificate) => new(new() { Certificate = certificate.Certificate });

    private static Task<ServicePassage> StartAsync(RawUpstream secure, Func<GatewayOptions, GatewayOptions> change) =>
        ServicePassage.StartAsync(change: change, prepare: cluster => ServiceCluster.AddService(cluster, "web", secure.Port, """[{"name":"https","port":443}]"""));

    private static GatewayOptions WithServiceAuthority(GatewayOptions options) => options.WithService(
        static service => service with { CertificateAuthority = new PemSource.Inline(new Secret(TestCertificates.Shared.AuthorityPem)) });

    // The stand-in's own authority cannot be asked for a certificate: the cluster gets a second one.
    private static GatewayOptions WithClusterAuthority(GatewayOptions options) => options.WithClusters(static cluster => cluster with
    {
        Connection = cluster.Connection with
        {
            CertificateAuthority = new PemSource.Inline(new Secret(((PemSource.Inline)cluster.Connection.CertificateAuthority!).Pem.Reveal() + "\n" + TestCertificates.Shared.AuthorityPem)),
        },
    });
}
