using System.Net;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>What a proxy in front says about the client (<c>trustedProxies</c>).</summary>
public sealed class TrustedProxyTests
{
    private static readonly (string Name, string Value)[] _forwarded =
    [
        ("X-Forwarded-For", "203.0.113.7, 198.51.100.9"), ("X-Forwarded-Proto", "http, https"), ("X-Forwarded-Host", "first.example, portal.example"), ("X-Forwarded-Prefix", "/evil"),
        ("X-Forwarded-Port", "1"), ("X-Forwarded-Uri", "/evil"), ("Forwarded", "for=192.0.2.1;proto=https;host=evil.example"), ("X-Real-IP", "192.0.2.2"), ("X-Forwarded-User", "admin"),
    ];

    [Theory]
    [InlineData(null, WireProtocol.Http11)]
    [InlineData("192.0.2.0/24", WireProtocol.Http11)]
    [InlineData(null, WireProtocol.Http2Tls)]
    [InlineData("192.0.2.0/24", WireProtocol.Http2Tls)]
    public async Task T12_T87_A_peer_that_is_not_configured_is_not_believed_on_loopback_either(string? network, WireProtocol protocol)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream, network);

        var response = await SetTokenAsync(gateway);
        await WireClient.ExchangeAsync(protocol, protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort, With(RawRequest.Get("/clusters/kind/api").WithBearer(TestGateway.Token)));

        response.Header("Set-Cookie").Should().NotContain("Secure");
        var sent = upstream.Requests.Should().ContainSingle().Subject;
        sent.Header("X-Forwarded-For").Should().Be("127.0.0.1");
        sent.ToString().Should().NotContain("evil").And.NotContain("203.0.113").And.NotContain("192.0.2").And.NotContain("admin");
    }

    [Fact]
    public async Task T12_A_configured_peer_is_believed_its_last_hop_only()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream, "127.0.0.0/8");

        var response = await SetTokenAsync(gateway);
        await gateway.SendBareAsync(With(RawRequest.Get("/clusters/kind/api").WithBearer(TestGateway.Token)));

        response.Header("Set-Cookie").Should().EndWith("; Secure", "the browser sees https");
        var sent = upstream.Requests.Should().ContainSingle().Subject;
        sent.Header("X-Forwarded-For").Should().Be("198.51.100.9");
        sent.ToString().Should().NotContain("evil").And.NotContain("203.0.113").And.NotContain("192.0.2").And.NotContain("admin");

        // The origin of cookies is what the proxy says, too.
        var page = With(new RawRequest("POST", "/clusters/kind/set-token").WithBody("""{"token":"U"}"""));
        (await gateway.SendBareAsync(page.With("Origin", "https://portal.example"))).Status.Should().Be(200);
        (await gateway.SendBareAsync(page.With("Origin", "https://first.example"))).Status.Should().Be(403);
        (await gateway.SendBareAsync(page.With("Origin", "http://portal.example"))).Status.Should().Be(403);
    }

    private static Task<TestGateway> StartAsync(RawUpstream upstream, string? network)
    {
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url));
        return TestGateway.StartAsync(network is null ? options : options with { TrustedProxies = [IPNetwork.Parse(network)] });
    }

    private static Task<RawResponse> SetTokenAsync(TestGateway gateway) =>
        gateway.SendBareAsync(With(new RawRequest("POST", "/clusters/kind/set-token").With("Sec-Fetch-Site", "same-origin").WithBody("""{"token":"U"}""")));

    private static RawRequest With(RawRequest request) => _forwarded.Aggregate(request, static (one, header) => one.With(header.Name, header.Value));
}
