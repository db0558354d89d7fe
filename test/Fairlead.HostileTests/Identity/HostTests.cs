using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Identity;

/// <summary>What a client writes into <c>Host</c> decides nothing about the way upstream.</summary>
public sealed class HostTests
{
    private const string ServerName = "api.internal.example";
    private const string ServiceName = "web.default.svc.cluster.local";

    // Another cluster, an internal name, the API server's name and address, the Service's, one for which the upstream has a certificate.
    private static readonly string[] _hosts =
        ["main", "other", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local:443", ServerName, ServiceName, "localhost:1", "169.254.169.254", "127.0.0.1:6443", "[::1]:443", "evil.example"];

    [Fact]
    public async Task T86_Upstream_Host_and_SNI_are_the_configured_ones_whatever_the_client_says()
    {
        await using var world = await StartAsync(TestCertificates.Shared.Server(ServerName, ServiceName));
        foreach (var way in HostileWays.All)
        {
            // The session's cookie is for the gateway's own name, which may carry a port or none.
            foreach (var host in way.Login is LoginName.Bearer ? _hosts : [HostileWorld.Host, HostileWorld.Host + ":443", HostileWorld.Host.ToUpperInvariant()])
            {
                var mark = world.Mark();
                var request = world.Request(way, RawRequest.Get("/api/v1/namespaces"));
                request = request with { Headers = [.. request.Headers.Where(static line => line.Name is not "Host"), new("Host", host)] };

                var response = await world.ExchangeAsync(way, request);

                response.Status.Should().Be(200, "{0}, {1}: {2} {3}", way, host, response, string.Join('\n', world.Gateway.Log.AtLeast(Microsoft.Extensions.Logging.LogLevel.Warning)));
                var seen = world.SentSince(mark).Should().ContainSingle(way.ToString()).Subject;
                var name = way.Door is DoorName.Service ? ServiceName : ServerName;
                seen.Connection.ServerName.Should().Be(name, "{0}, {1}", way, host);
                HeaderBlocks.ShouldBe(seen, HeaderBlocks.Expected(world, way, host: name, sentHost: host), $"{way}, {host}");
            }
        }

        world.Upstream.Connections.Should().OnlyContain(static connection => connection.ServerName == ServerName || connection.ServerName == ServiceName);
        // A Host of the client's makes no connections of its own (T110).
        world.Upstream.ConnectionCount.Should().BeLessThan(10);
    }

    [Fact]
    public async Task T86_A_certificate_for_the_name_in_Host_is_still_one_for_the_wrong_host()
    {
        await using var world = await StartAsync(TestCertificates.Shared.Server("evil.example", HostileWorld.Host));
        foreach (var way in HostileWays.All)
        {
            var mark = world.Mark();
            var request = world.Request(way, RawRequest.Get("/api/v1/namespaces"));
            request = way.Login is LoginName.Session ? request : request.With("Host", "evil.example");

            var response = await world.ExchangeAsync(way, request);

            world.ShouldBeRefused(way, response, 502, mark);
            response.Header("Proxy-Status").Should().Be("fairlead; error=tls_certificate_error", way.ToString());
        }
    }

    [Fact]
    public async Task T86_Where_the_gateway_has_a_name_others_are_421_and_nothing_is_sent()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            foreach (var host in _hosts.Where(static host => !host.StartsWith("localhost", StringComparison.Ordinal) && !host.StartsWith("127.", StringComparison.Ordinal) && !host.StartsWith('[')))
            {
                var mark = world.Mark();
                var request = world.Request(way, RawRequest.Get("/api/v1/namespaces"));
                request = request with { Headers = [.. request.Headers.Where(static line => line.Name is not "Host"), new("Host", host)] };

                var response = await world.ExchangeAsync(way, request);

                world.ShouldBeRefused(way, response, 421, mark, host);
            }
        }
    }

    private static Task<HostileWorld> StartAsync(TestCertificate server)
    {
        var authority = new PemSource.Inline(new Secret(TestCertificates.Shared.AuthorityPem));
        return HostileWorld.StartAsync(
            options => options with
            {
                // So that any Host is heard out; with publicUrl alone those are refused before.
                Hosts = [.. _hosts.Select(static host => host.Split(":4")[0].Split(":6")[0].Split(":1")[0])],
                ClusterLocators =
                [
                    .. options.ClusterLocators.Select(locator => locator is ClusterLocator.Config config
                        ? config with { Clusters = [.. config.Clusters.Select(static one => one.Name is "kind" ? one with { Connection = one.Connection with { TlsServerName = ServerName } } : one)] }
                        : locator),
                ],
                ServiceProxy = options.ServiceProxy with { Services = [new ServiceOptions { Cluster = "main", Namespace = "default", Name = "web", CertificateAuthority = authority }] },
            },
            new RawUpstreamOptions { Certificate = server.Certificate });
    }
}
