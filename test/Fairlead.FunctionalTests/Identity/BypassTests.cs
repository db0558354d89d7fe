using System.Buffers.Text;
using System.Text;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Limits;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Identity;

/// <summary>Ways around a rule, a limit or the secrecy of a token that were tried and are closed.</summary>
public sealed class BypassTests
{
    [Theory]
    [InlineData("watch=%FF", 400)]
    [InlineData("watch=%ff&watch=0", 400)]
    [InlineData("%77atch=1", 403)]
    [InlineData("watch", 403)]
    public async Task T78_A_rule_for_list_gives_no_watch_however_the_option_is_written(string query, int status)
    {
        await using var upstream = new RawUpstream();
        var rule = TestGateway.AllowAll with { Verbs = ["list"] };
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { AccessRules = [rule] });

        (await gateway.SendAsync(RawRequest.Get("/clusters/kind/api/v1/pods?" + query))).Status.Should().Be(status);
        (await gateway.SendAsync(RawRequest.Get("/clusters/kind/api/v1/pods?watch=0"))).Status.Should().Be(200);

        upstream.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task T113_An_upgrade_over_the_limit_is_refused_before_the_cluster_runs_anything()
    {
        await using var upstream = new RawUpstream();
        upstream.OnConnection(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
            await connection.PeerClosed;
        });
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { Limits = new LimitOptions { UpgradedConnections = new ScopedLimit(null, null, null, 1) } };
        await using var gateway = await TestGateway.StartAsync(options);
        var exec = new RawRequest("POST", "/clusters/kind/api/v1/namespaces/d/pods/p/exec?command=x")
            .With("Connection", "Upgrade").With("Upgrade", "SPDY/3.1").With("Content-Length", "0").WithBearer(TestGateway.Token);
        await using var first = await RawClient.ConnectAsync(gateway.Port);
        (await first.SendAsync(exec)).Status.Should().Be(101);

        var second = await RawClient.ExchangeAsync(gateway.Port, exec);

        second.Status.Should().Be(429);
        second.Header("Retry-After").Should().NotBeNull();
        upstream.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_portal_token_in_a_sub_protocol_reaches_no_cluster_where_there_is_no_handshake()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        var offer = "base64url.bearer.authorization.k8s.io." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(TestGateway.Token));

        (await gateway.SendAsync(RawRequest.Get("/clusters/kind/api/v1/pods").With("Sec-WebSocket-Protocol", offer + ", v4.channel.k8s.io"))).Status.Should().Be(200);

        upstream.Requests[0].HeaderLines.ToString().Should().NotContain("base64url");
    }

    [Theory]
    [InlineData("Bearer x;" + TestGateway.Token)]
    [InlineData("Bearer k=" + TestGateway.Token)]
    public async Task A_portal_token_inside_another_is_no_cluster_token_at_the_cluster_door(string authorization)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        (await gateway.SendBareAsync(RawRequest.Get("/clusters/kind/api/v1/pods").With("Authorization", authorization))).Status.Should().Be(400);

        upstream.Requests.Should().BeEmpty();
    }
}
