using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Access;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.EndToEndTests.Access;

/// <summary>A real API server writes down the same of a request that comes directly and of one that comes through the gateway: target, meaning, caller, program and outcome.</summary>
public sealed class AuditLogDifferenceTests(AuditedApiServer server) : IClassFixture<AuditedApiServer>
{
    private static readonly string[] _programs = ["kubectl/v1.33.0 (linux/amd64) kubernetes/abc", "Mozilla/5.0 (X11; Linux)", "a\"b,c;d"];

    [Theory]
    [InlineData("/clusters/kind", WireProtocol.Http11)]
    [InlineData("/clusters/kind", WireProtocol.Http2Tls)]
    [InlineData("/api/kubernetes/proxy", WireProtocol.Http11)]
    [InlineData("/api/kubernetes/proxy", WireProtocol.Http2Tls)]
    public async Task T102_T115_A_real_API_server_sees_the_same_through_the_gateway(string door, WireProtocol protocol)
    {
        KubeApiServer.SkipTestWithout();
        var cluster = await server.StartAsync();
        await using var gateway = await TestGateway.StartAsync(Definition(cluster));
        var port = protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort;
        RequestCase[] cases = [.. RequestCases.All.Where(static request => !request.IsUpgrade)];
        var (direct, through) = (new List<string>(), new List<string>());
        for (var i = 0; i < cases.Length; i++)
        {
            var request = new RawRequest(cases[i].Method, cases[i].Target).With("User-Agent", _programs[i % _programs.Length]).With("Accept", "application/json");
            direct.Add(Guid.NewGuid().ToString());
            await using (var client = await RawClient.ConnectAsync(cluster.Server.Port, new RawTls()))
            {
                await client.SendAsync(request.WithBearer(cluster.AdminToken).With("Audit-ID", direct[^1]));
            }

            through.Add(Guid.NewGuid().ToString());
            await using (var client = await WireClient.ConnectAsync(protocol, port))
            {
                await client.SendAsync((request with { Target = door + request.Target }).With("Backstage-Kubernetes-Cluster", "kind").WithBearer(TestGateway.Token).With("Audit-ID", through[^1]));
            }
        }

        var (expected, seen) = (await server.EventsAsync(direct), await server.EventsAsync(through));
        for (var i = 0; i < cases.Length; i++)
        {
            Seen(seen[i], cases[i]).Should().Be(Seen(expected[i], cases[i]), "of {0}", cases[i].ToString().Replace("{", "{{", StringComparison.Ordinal));
        }
    }

    /// <summary>What has to be the same. What changes something may end otherwise the second time.</summary>
    private static string Seen(JsonElement entry, RequestCase request) => string.Join(
        '\n', entry.GetProperty("requestURI").GetString(), entry.GetProperty("verb").GetString(), entry.GetProperty("userAgent").GetString(), entry.GetProperty("user").GetProperty("username").GetString(),
        entry.TryGetProperty("objectRef", out var reference) ? reference.GetRawText() : "no object",
        request.Method is "GET" or "HEAD" ? entry.GetProperty("responseStatus").GetProperty("code").GetRawText() : "");

    private static ClusterDefinition Definition(KubeApiServer cluster)
    {
        var definition = TestCluster.Of("kind", cluster.Server.OriginalString, new CredentialDefinition.ServiceAccountToken(new Secret(cluster.AdminToken)));
        return definition with { Connection = definition.Connection with { CertificateAuthority = new PemSource.Inline(new Secret(cluster.AuthorityPem)) } };
    }
}
