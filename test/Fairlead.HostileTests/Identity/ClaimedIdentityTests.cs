using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.HostileTests.Identity;

/// <summary>Headers by which proxies tell the programs behind them who is calling: a client's own word is no proxy's.</summary>
public sealed class ClaimedIdentityTests
{
    private static readonly string[] _names =
    [
        "X-Remote-User", "X-Remote-Group", "X-Remote-Uid", "X-Remote-Extra-Scopes", "x_remote_user", "X_Remote_Group", "X-Remote_Extra-Scopes", "X-REMOTE-USER",
        "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "x_forwarded_user", "X-Forwarded_Groups",
        "X-Auth-Request-User", "X-Auth-Request-Email", "X-Auth-Request-Groups", "X-Auth-Request-Access-Token", "x_auth_request_user",
        // What the gateway itself writes.
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Uri", "X_Forwarded_For", "X-Forwarded-Access-Token",
        "X_Forwarded_Access_Token", "X-Fairlead-Identity", "X_Fairlead_Identity", "x-fairlead_identity", "Forwarded", "X-Real-IP", "X_Real_IP", "Via", "X-Original-URL", "X_Original_Uri",
        // What portals and proxies on the way keep for themselves.
        "Proxy-Authorization", "Proxy_Authorization", "X-Kubernetes-Cluster", "Cookie2", "Backstage-Kubernetes-Anything", "Backstage_Kubernetes_Cluster",
    ];

    [Fact]
    public async Task T03_No_header_that_claims_an_identity_passes_on_any_way()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            // Through services/proxy they would reach programs that believe them.
            foreach (var path in new[] { "/api/v1/namespaces/n/pods", "/api/v1/namespaces/n/services/web/proxy/x" })
            {
                var mark = world.Mark();

                var response = await world.SendAsync(way, Claiming(RawRequest.Get(path)));

                response.Status.Should().Be(200, "{0}: {1}", way, response);
                HeaderBlocks.ShouldBe(world.SentSince(mark).Should().ContainSingle(way.ToString()).Subject, HeaderBlocks.Expected(world, way), way.ToString());
            }
        }
    }

    [Fact]
    public async Task T03_Nor_beside_a_token_that_the_gateway_does_not_know()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var protocol in WireClient.Protocols)
        {
            var way = new HostileWay(DoorName.Cluster, protocol, LoginName.Bearer);
            var mark = world.Mark();

            var response = await world.ExchangeAsync(way, Claiming(RawRequest.Get("/clusters/kind/api/v1/namespaces/n/pods")).WithBearer("own"));

            response.Status.Should().Be(200, "{0}: {1}", way, response);
            HeaderBlocks.ShouldBe(
                world.SentSince(mark).Should().ContainSingle(way.ToString()).Subject,
                [.. HeaderBlocks.Expected(world, way).Select(static line => line.StartsWith("Authorization", StringComparison.Ordinal) ? "Authorization: Bearer own" : line)],
                way.ToString());
        }
    }

    [Fact]
    public async Task T03_They_open_no_door_without_a_login()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Bearer)
        {
            var mark = world.Mark();

            var response = await world.ExchangeAsync(way, Claiming(HostileWorld.Anonymous(way.Door, RawRequest.Get("/api/v1/namespaces/n/pods"))));

            world.ShouldBeRefused(way, response, 401, mark);
            response.ToString().Should().NotContain(HeaderBlocks.Mark, way.ToString());
        }

        // Nor where nobody is a caller of the gateway's own: then a token for the cluster is asked for.
        await using var open = await HostileWorld.StartAsync();
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.ClientSide("kind", open.Upstream.Url, "passThrough")) with { Auth = null, AccessRules = [] });
        foreach (var protocol in WireClient.Protocols)
        {
            foreach (var door in new[] { DoorName.Cluster, DoorName.Backstage })
            {
                var mark = open.Mark();
                var port = protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort;

                var response = await WireClient.ExchangeAsync(protocol, port, Claiming(HostileWorld.Anonymous(door, RawRequest.Get("/api/v1/namespaces/n/pods"))));

                open.ShouldBeRefused(new HostileWay(door, protocol, LoginName.Bearer), response, 401, mark, "without auth");
            }
        }
    }

    [Fact]
    public async Task T03_The_record_says_who_it_was_and_whence_and_not_who_they_said()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            (await world.SendAsync(way, Claiming(RawRequest.Get("/api/v1/namespaces/n/pods")))).Status.Should().Be(200, way.ToString());
        }

        await world.AuditAsync(static record => record.GetProperty("user").GetProperty("username").GetString() is "jane", "Jane");
        await Testing.Eventually.BeTrueAsync(
            async () => (await world.ReadAuditAsync()).Count(static record => record.GetProperty("requestURI").GetString()!.EndsWith("/pods", StringComparison.Ordinal)) == HostileWays.All.Count,
            "a record of each request");
        foreach (var record in await world.ReadAuditAsync())
        {
            record.GetRawText().Should().NotContain(HeaderBlocks.Mark);
            record.GetProperty("sourceIPs")[0].GetString().Should().Be("127.0.0.1");
        }
    }

    private static RawRequest Claiming(RawRequest request) => _names.Aggregate(request, static (current, name) => current.With(name, HeaderBlocks.Mark));
}
