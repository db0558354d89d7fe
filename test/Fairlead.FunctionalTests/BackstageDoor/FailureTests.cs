using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class FailureTests
{
    public static TheoryData<EitherDoor> Doors { get; } = [.. Enum.GetValues<EitherDoor>()];

    public static MatrixTheoryData<EitherDoor, AfterAnswer> Closings { get; } =
        new(Enum.GetValues<EitherDoor>(), [AfterAnswer.Close, AfterAnswer.Reset]);

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B69_T108_A_cluster_that_refuses_connections_is_502(EitherDoor door)
    {
        using var refused = new RefusedPort();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", $"https://127.0.0.1:{refused.Port}"));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        door.ShouldBeBadGateway(response, "Cluster 'kind' request error: connection refused", refused.Port);
        gateway.Log.Lines.Should().Contain(line => line.Contains("ConnectionRefused") && line.Contains("127.0.0.1"), "the log says where");
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B70_T108_A_name_that_does_not_resolve_is_502_with_its_reason(EitherDoor door)
    {
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", "https://no-such-host.invalid:6443"));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        door.ShouldBeBadGateway(response, "name not resolved", 6443, "no-such-host");
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public Task B70_T108_A_certificate_of_an_unknown_authority_is_502_with_its_reason(EitherDoor door) =>
        RefusesCertificateAsync(door, new TestCertificates().Server(), "certificate not trusted");

    [Theory]
    [MemberData(nameof(Doors))]
    public Task B70_T108_A_certificate_for_another_host_is_502_with_its_reason(EitherDoor door) =>
        RefusesCertificateAsync(door, TestCertificates.Shared.OtherHostServer(), "certificate not valid for the host name");

    [Theory]
    [MemberData(nameof(Doors))]
    public Task B70_T108_An_expired_certificate_is_502_with_its_reason(EitherDoor door) =>
        RefusesCertificateAsync(door, TestCertificates.Shared.ExpiredServer(), "certificate expired or not valid yet");

    [Theory]
    [MemberData(nameof(Closings))]
    public async Task B70_T108_An_upstream_that_closes_before_headers_is_502_with_its_reason(EitherDoor door, AfterAnswer how)
    {
        await using var upstream = new RawUpstream(new() { Certificate = TestCertificates.Shared.Server().Certificate });
        upstream.Respond(RawAnswer.Nothing(how));
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.SendBareAsync(door.Request(new RawRequest("POST", "/api/v1/namespaces").WithBody("{}")));

        door.ShouldBeBadGateway(response, "connection closed", upstream.Port);
        upstream.Requests.Should().ContainSingle("a request that may have had its effect is not repeated");
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task T107_T108_An_upstream_that_speaks_no_TLS_on_its_TLS_port_is_502(EitherDoor door)
    {
        await using var upstream = RawUpstream.PlaintextOnTlsPort();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", $"https://127.0.0.1:{upstream.Port}"));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        door.ShouldBeBadGateway(response, "TLS handshake failed", upstream.Port);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task T107_Bytes_that_are_no_HTTP_are_502(EitherDoor door)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond((RawAnswer)"SSH-2.0-OpenSSH_9.6\r\n\r\n" with { Then = AfterAnswer.Close });
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        door.ShouldBeBadGateway(response, "not valid HTTP", upstream.Port, "SSH-2.0");
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task T108_An_unreadable_certificate_authority_is_502_that_names_no_file(EitherDoor door)
    {
        await using var upstream = new RawUpstream(new() { Certificate = TestCertificates.Shared.Server().Certificate });
        var cluster = TestCluster.Held("kind", upstream.Url);
        cluster = cluster with { Connection = cluster.Connection with { CertificateAuthority = new PemSource.File("/nowhere/secret-ca.pem") } };
        await using var gateway = await TestGateway.StartAsync(cluster, TestCluster.Held("other", upstream.Url));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        door.ShouldBeBadGateway(response, "certificates cannot be used", upstream.Port, "nowhere", "secret-ca");
        gateway.Log.Lines.Should().Contain(line => line.Contains("/nowhere/secret-ca.pem"), "the log says which file");
        upstream.Requests.Should().BeEmpty();
        (await gateway.SendBareAsync(door.Get("/api/v1/namespaces", "other"))).Status.Should().Be(200, "only the cluster concerned is broken");
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task T108_An_unreadable_token_file_is_502_that_names_no_file(EitherDoor door)
    {
        await using var upstream = new RawUpstream();
        var credential = new CredentialDefinition.TokenFile("/nowhere/secret-token");
        await using var gateway = await TestGateway.StartAsync(TestCluster.Of("kind", upstream.Url, credential));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        door.ShouldBeBadGateway(response, "no credential could be obtained", upstream.Port, "nowhere", "secret-token");
        upstream.Requests.Should().BeEmpty();
    }

    private static async Task RefusesCertificateAsync(EitherDoor door, TestCertificate certificate, string words)
    {
        await using var upstream = new RawUpstream(new() { Certificate = certificate.Certificate });
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        door.ShouldBeBadGateway(response, words, upstream.Port, "other.fairlead.test");
        upstream.Requests.Should().BeEmpty("no credential goes to a server that is not proven");
    }
}
