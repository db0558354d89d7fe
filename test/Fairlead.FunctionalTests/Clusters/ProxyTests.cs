using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Proxies;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Clusters;

/// <summary>Clusters that are reached through a proxy of their own.</summary>
public sealed class ProxyTests
{
    private const string Odd = "/api/kubernetes/proxy/a%2Fb/%7Ex//c;d?x=%20&y=a+b&&";

    [Theory]
    [InlineData("http", true)]
    [InlineData("https", true)]
    [InlineData("socks5", true)]
    [InlineData("http", false)]
    [InlineData("socks5", false)]
    public async Task Requests_and_upgrades_travel_through_the_proxy_byte_for_byte_and_it_sees_no_credential_of_theirs(string scheme, bool isTls)
    {
        await using var upstream = new RawUpstream(new RawUpstreamOptions { Certificate = isTls ? TestCertificates.Shared.Server("kube.fairlead.test").Certificate : null });
        await using var proxy = new ForwardProxy(upstream.Port, scheme is "https" ? TestCertificates.Shared.Server().Certificate : null, wantsPassword: scheme is not "socks5");
        var server = $"{(isTls ? "https" : "http")}://kube.fairlead.test:6443";
        await using var gateway = await TestGateway.StartAsync(Proxied(server, $"{scheme}://me:pass%20word@127.0.0.1:{proxy.Port}"));

        (await gateway.SendAsync(RawRequest.Get(Odd).With("Backstage-Kubernetes-Cluster", "far"))).Status.Should().Be(200);

        var seen = upstream.Requests.Should().ContainSingle().Subject;
        seen.Target.Should().Be("/a%2Fb/%7Ex//c;d?x=%20&y=a+b&&");
        seen.Header("Host").Should().Be("kube.fairlead.test:6443");
        seen.Header("Authorization").Should().Be("Bearer SA");
        seen.Headers("Proxy-Authorization").Should().BeEmpty();
        var asked = proxy.Requests.Should().NotBeEmpty().And.Subject.First();
        asked.Credentials.Should().Be("me:pass word");
        asked.Line.Should().Be(scheme is "socks5" ? "SOCKS kube.fairlead.test:6443" : isTls ? "CONNECT kube.fairlead.test:6443 HTTP/1.1" : $"GET {server}/a%2Fb/%7Ex//c;d?x=%20&y=a+b&& HTTP/1.1");
        if (isTls)
        {
            asked.Head.Should().NotContain("Bearer");
        }
    }

    [Fact]
    public async Task T73_A_proxy_that_refuses_is_a_bad_gateway_and_its_password_is_in_no_log()
    {
        await using var refusing = new RawUpstream();
        refusing.OnConnection(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
        });
        await using var gateway = await TestGateway.StartAsync(Proxied("https://kube.fairlead.test", $"http://user:SENTINEL@127.0.0.1:{refusing.Port}"));

        (await gateway.GetAsync("/api", "far")).Status.Should().Be(502);

        gateway.Log.Lines.Should().NotContain(static line => line.Contains("SENTINEL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("socks5")]
    public async Task An_exec_session_travels_through_the_proxy(string scheme)
    {
        await using var upstream = new RawUpstream(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server("kube.fairlead.test").Certificate });
        upstream.OnConnection(static async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
            await connection.Duplex.CopyToAsync(connection.Duplex);
        });
        await using var proxy = new ForwardProxy(upstream.Port);
        await using var gateway = await TestGateway.StartAsync(Proxied("https://kube.fairlead.test:6443", $"{scheme}://127.0.0.1:{proxy.Port}"));
        await using var caller = await RawClient.ConnectAsync(gateway.Port);

        var tunnel = await caller.SendAsync(SpdyHandshake.Request("/clusters/far/api/v1/namespaces/a/pods/b/exec?command=sh").WithBearer(TestGateway.Token));

        tunnel.Status.Should().Be(101);
        await tunnel.Duplex.WriteAsync("hello"u8.ToArray());
        var echo = new byte[5];
        await tunnel.Duplex.ReadExactlyAsync(echo);
        echo.Should().Equal("hello"u8.ToArray());
        proxy.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_proxy_that_is_away_is_a_bad_gateway_that_names_nobody_and_other_clusters_go_on()
    {
        await using var upstream = new RawUpstream();
        using var nobody = new RefusedPort();
        await using var gateway = await TestGateway.StartAsync(Proxied(upstream.Url, $"http://user:SENTINEL@127.0.0.1:{nobody.Port}"), TestCluster.Held("kind", upstream.Url));

        var answer = await gateway.GetAsync("/api", "far");

        answer.Status.Should().Be(502);
        answer.BodyText.Should().Contain("Cluster 'far' request error").And.NotContain("127.0.0.1").And.NotContain("SENTINEL");
        (await gateway.GetAsync("/api", "kind")).Status.Should().Be(200);
        gateway.Log.Lines.Should().NotContain(static line => line.Contains("SENTINEL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_certificate_is_checked_for_tlsServerName_where_that_is_given()
    {
        await using var upstream = new RawUpstream(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server("kube.fairlead.test").Certificate });
        var plain = TestCluster.Held("plain", upstream.Url);
        var named = TestCluster.Held("named", upstream.Url);
        await using var gateway = await TestGateway.StartAsync(plain, named with { Connection = named.Connection with { TlsServerName = "kube.fairlead.test" } });

        (await gateway.GetAsync("/api", "plain")).BodyText.Should().Contain("certificate not valid for the host name");
        (await gateway.GetAsync("/api", "named")).Status.Should().Be(200);
        upstream.Requests.Should().ContainSingle().Which.Connection.ServerName.Should().Be("kube.fairlead.test");
    }

    private static ClusterDefinition Proxied(string server, string proxy)
    {
        var cluster = TestCluster.Held("far", server);
        return cluster with { Connection = cluster.Connection with { Proxy = ProxyAddress.TryParse(proxy, out var address) ? address : null } };
    }
}
