using System.Text;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Clusters;

/// <summary>Client certificates that are kept in a Secret of another cluster.</summary>
public sealed class CertificateSecretTests : IAsyncDisposable
{
    private const string SecretPath = "/api/v1/namespaces/fairlead/secrets/edge-client";
    private readonly RawUpstream _keeper = new();
    private readonly RawUpstream _edge = new(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server().Certificate, RequestClientCertificate = true });
    private volatile string _secret = SecretOf(TestCertificates.Shared.Client("gateway"));

    public CertificateSecretTests() => _keeper.OnConnection(async connection =>
    {
        while (await connection.ReadRequestAsync() is not null)
        {
            await connection.AnswerAsync(_secret.Length == 0 ? RawAnswer.Json(404, "{}") : RawAnswer.Json(200, _secret));
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _keeper.DisposeAsync();
    }

    [Fact]
    public async Task The_handshake_shows_the_certificate_of_the_Secret_which_is_read_once_for_many_requests()
    {
        await using var gateway = await StartAsync();

        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => gateway.GetAsync("/api", "edge"))))
        {
            answer.Status.Should().Be(200);
        }

        _edge.Requests.Should().HaveCount(20).And.OnlyContain(static request => request.Connection.PeerCertificate!.Subject.Contains("CN=gateway") && request.Headers("Authorization").Count == 0);
        var read = _keeper.Requests.Should().ContainSingle().Subject;
        read.Target.Should().Be(SecretPath);
        read.Header("Authorization").Should().Be("Bearer SA");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"data\":{\"tls.crt\":\"%%%\"}}")]
    [InlineData("{\"data\":{\"tls.crt\":\"U0VOVElORUw=\",\"tls.key\":\"U0VOVElORUw=\"}}")]
    [InlineData("not json")]
    public async Task B50_T05_A_Secret_that_is_not_there_or_holds_something_else_is_a_bad_gateway_for_its_cluster_alone(string secret)
    {
        _secret = secret;
        await using var gateway = await StartAsync();

        var answer = await gateway.GetAsync("/api", "edge");

        answer.Status.Should().Be(502);
        answer.BodyText.Should().Contain("Cluster 'edge' request error: no credential could be obtained").And.NotContain("edge-client");
        (await gateway.GetAsync("/api", "keeper")).Status.Should().Be(_secret.Length == 0 ? 404 : 200);
        _edge.Requests.Should().BeEmpty();
        gateway.Log.Lines.Should().Contain(static line => line.Contains("Secret fairlead/edge-client", StringComparison.Ordinal)).And.NotContain(static line => line.Contains("SENTINEL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cluster_that_keeps_the_Secret_and_does_not_exist_is_said_in_the_log()
    {
        await using var gateway = await TestGateway.StartAsync(Edge("nowhere"));

        (await gateway.GetAsync("/api", "edge")).Status.Should().Be(502);

        gateway.Log.Lines.Should().Contain(static line => line.Contains("cluster 'nowhere' cannot be read: there is no such cluster", StringComparison.Ordinal));
    }

    private static string SecretOf(TestCertificate client) =>
        $$"""{"kind":"Secret","data":{"tls.crt":"{{Base64(client.Pem)}}","tls.key":"{{Base64(client.KeyPem)}}"} }""";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private Task<TestGateway> StartAsync() => TestGateway.StartAsync(Edge("keeper"), TestCluster.Held("keeper", _keeper.Url));

    private ClusterDefinition Edge(string keeper) => TestCluster.Of("edge", _edge.Url, new CredentialDefinition.CertificateSecret(keeper, "fairlead", "edge-client"));
}
