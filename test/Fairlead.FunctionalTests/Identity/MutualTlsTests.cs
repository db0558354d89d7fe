using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Identity;

/// <summary>Client certificates and tokens travel on connections of their own.</summary>
public sealed class MutualTlsTests
{
    [Fact]
    public async Task B46_The_handshake_shows_the_configured_certificate_and_no_authorization_is_sent()
    {
        await using var upstream = Upstream();
        await using var gateway = await TestGateway.StartAsync(Certified(upstream.Url, TestCertificates.Shared.Client("gateway", "portal")));

        (await gateway.GetAsync("/api/v1/pods", "mtls")).Status.Should().Be(200);

        var seen = upstream.Requests.Should().ContainSingle().Subject;
        seen.Connection.PeerCertificate!.Subject.Should().Contain("CN=gateway");
        seen.Headers("Authorization").Should().BeEmpty();
    }

    [Fact]
    public async Task B47_T82_T83_A_callers_token_travels_without_the_certificate_and_the_certificate_without_a_token()
    {
        await using var upstream = Upstream();
        await using var gateway = await TestGateway.StartAsync(Certified(upstream.Url, TestCertificates.Shared.Client("gateway")));

        for (var round = 0; round < 3; round++)
        {
            await gateway.GetAsync("/api/v1/pods", "mtls");
            await gateway.SendAsync(RawRequest.Get("/api/kubernetes/proxy/api/v1/pods")
                .With("Backstage-Kubernetes-Cluster", "mtls").With("Backstage-Kubernetes-Authorization", "Bearer u"));
            await gateway.SendBareAsync(RawRequest.Get("/clusters/mtls/api/v1/pods").WithBearer("own"));
        }

        upstream.Requests.Should().HaveCount(9);
        foreach (var request in upstream.Requests)
        {
            (request.Connection.PeerCertificate is null).Should().Be(request.Headers("Authorization").Count == 1);
        }
    }

    [Fact]
    public async Task T91_An_exchanged_certificate_is_shown_to_new_requests_and_a_running_stream_lives_on()
    {
        await using var upstream = Upstream();
        using var folder = new TempFolder();
        var gate = new Gate();
        upstream.OnConnection(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (!request.Target.Contains("watch", StringComparison.Ordinal))
                {
                    await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
                    continue;
                }

                await connection.WriteAsync(RawAnswer.ChunkedHead(200));
                await gate.WaitAsync();
                await connection.WriteAsync(RawAnswer.Chunk("{\"late\":1}\n"));
                await connection.PeerClosed;
            }
        });
        var (certificate, key) = TestCertificates.Shared.Client("first").WriteTo(folder, "client");
        await using var gateway = await TestGateway.StartAsync(
            TestCluster.Certified("mtls", upstream.Url, new PemSource.File(certificate), new PemSource.File(key)));
        await using var client = await RawClient.ConnectAsync(gateway.Port);
        var watch = await client.SendAsync(RawRequest.Get("/clusters/mtls/api/v1/pods?watch=1").WithBearer(TestGateway.Token));

        TestCertificates.Shared.Client("second").WriteTo(folder, "client");

        await Eventually.BeTrueAsync(
            async () =>
            {
                await gateway.GetAsync("/api/v1/pods", "mtls");
                return upstream.Requests[^1].Connection.PeerCertificate!.Subject.Contains("CN=second", StringComparison.Ordinal);
            },
            "a request shows the second certificate");
        gate.Open();
        (await watch.ReadLineAsync()).Should().Be("{\"late\":1}");
    }

    [Fact]
    public async Task B48_A_key_that_does_not_fit_breaks_only_its_cluster_and_the_log_names_both_halves()
    {
        await using var upstream = Upstream();
        var mismatched = TestCertificates.Shared.MismatchedClient("gateway");
        await using var gateway = await TestGateway.StartAsync(Certified(upstream.Url, mismatched), TestCluster.Held("kind", upstream.Url));

        var broken = await gateway.GetAsync("/api/v1/pods", "mtls");
        var working = await gateway.GetAsync("/api/v1/pods", "kind");

        broken.Status.Should().Be(502);
        working.Status.Should().Be(200);
        gateway.Log.Lines.Should().Contain(line =>
            line.Contains("config/mtls", StringComparison.Ordinal) && line.Contains("clientCertData", StringComparison.Ordinal) && line.Contains("clientKeyData", StringComparison.Ordinal));
    }

    private static RawUpstream Upstream() =>
        new(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server().Certificate, RequestClientCertificate = true });

    private static ClusterDefinition Certified(string url, TestCertificate client) =>
        TestCluster.Certified("mtls", url, new PemSource.Inline(new Secret(client.Pem)), new PemSource.Inline(new Secret(client.KeyPem)));
}
