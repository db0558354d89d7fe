using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class TimeoutTests
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(300);

    // Long enough to connect and answer within on a busy machine.
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(2);

    public static TheoryData<EitherDoor> Doors { get; } = [.. Enum.GetValues<EitherDoor>()];

    public static MatrixTheoryData<EitherDoor, string, UpstreamProtocol> Requests { get; } = new(
        Enum.GetValues<EitherDoor>(),
        ["GET /api/v1/namespaces", "POST /api/v1/namespaces", "GET /api/v1/pods?watch=true", "GET /api/v1/namespaces/a/pods/b/log?follow=true",
         "GET /api/v1/namespaces/a/services/b/proxy/", "POST /api/v1/namespaces/a/services/b/proxy/", "POST /api/v1/namespaces/a/pods/b/exec?command=sh"],
        Enum.GetValues<UpstreamProtocol>());

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task B73_T96_An_upstream_that_takes_a_request_and_never_answers_is_504(EitherDoor door, string line, UpstreamProtocol upstreamProtocol)
    {
        await using var http11 = RawUpstream.NeverAnswering(new() { Certificate = TestCertificates.Shared.Server().Certificate });
        await using var http2 = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        http2.Respond(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var (url, port) = upstreamProtocol is UpstreamProtocol.Http11 ? (http11.Url, http11.Port) : (http2.Url, http2.Port);
        await using var gateway = await TestGateway.StartAsync(Options(url, new() { ResponseHeaders = _short }));
        var parts = line.Split(' ');
        var request = new RawRequest(parts[0], parts[1]);

        var response = await gateway.SendBareAsync(door.Request(parts[0] is "POST" ? request.WithBody("{}") : request));

        door.ShouldBeTimeout(response, "no answer in time", port);
        response.Header("Proxy-Status").Should().Be("fairlead; error=http_response_timeout");
        await Task.WhenAll(http11.Requests.Select(static seen => seen.Connection.WaitForPeerToCloseAsync()));
        await http2.WaitForNoRequestAsync();
        (http11.Requests.Count + http2.Requests.Count).Should().Be(1, "the request is not repeated");
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B73_An_ordinary_request_is_also_bounded_by_a_shorter_idle_time(EitherDoor door)
    {
        await using var upstream = RawUpstream.NeverAnswering();
        await using var gateway = await TestGateway.StartAsync(Options(upstream.Url, new() { Idle = _short }));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        door.ShouldBeTimeout(response, "no answer in time", upstream.Port);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B73_T96_A_WebSocket_that_is_never_answered_is_504(EitherDoor door)
    {
        await using var upstream = RawUpstream.NeverAnswering();
        await using var gateway = await TestGateway.StartAsync(Options(upstream.Url, new() { ResponseHeaders = _short }));
        var handshake = door.Request(RawRequest.WebSocket("/api/v1/namespaces/a/pods/b/exec?command=sh", "v5.channel.k8s.io"));

        foreach (var protocol in WireClient.Protocols)
        {
            await using var client = await WireClient.ConnectAsync(protocol, protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort);
            var response = await (await client.UpgradeAsync(handshake)).ReadToEndAsync();

            door.ShouldBeTimeout(response, "no answer in time", upstream.Port);
        }

        await upstream.WaitForNoConnectionAsync();
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B73_T96_A_SPDY_upgrade_that_is_never_answered_is_504(EitherDoor door)
    {
        await using var upstream = RawUpstream.NeverAnswering();
        await using var gateway = await TestGateway.StartAsync(Options(upstream.Url, new() { ResponseHeaders = _short }));

        var response = await gateway.SendBareAsync(door.Request(SpdyHandshake.Request("/api/v1/namespaces/a/pods/b/exec?command=sh")));

        door.ShouldBeTimeout(response, "no answer in time", upstream.Port);
        await upstream.WaitForNoConnectionAsync();
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B73_T107_A_port_that_accepts_and_says_nothing_to_TLS_is_504_within_the_connect_bound(EitherDoor door)
    {
        await using var upstream = new RawUpstream();
        upstream.OnConnection(static connection => connection.PeerClosed);
        await using var gateway = await TestGateway.StartAsync(Options($"https://127.0.0.1:{upstream.Port}", new() { Connect = _short }));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/pods?watch=true"));

        door.ShouldBeTimeout(response, "no connection in time", upstream.Port);
        response.Header("Proxy-Status").Should().Be("fairlead; error=connection_timeout");
    }

    [Theory]
    [InlineData(UpstreamProtocol.Http11)]
    [InlineData(UpstreamProtocol.Http2)]
    public async Task T96_An_idle_watch_outlives_every_bound(UpstreamProtocol upstreamProtocol)
    {
        await using var upstream = await GatedStream.StartAsync(upstreamProtocol, "application/json", "late");
        await using var silent = RawUpstream.NeverAnswering();
        var options = Options(upstream.Url, new() { Connect = _bound, ResponseHeaders = _bound, Idle = _bound });
        options = options with { ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("more", [TestCluster.Held("silent", silent.Url)])] };
        await using var gateway = await TestGateway.StartAsync(options);
        await using var caller = await RawClient.ConnectAsync(gateway.Port);
        var watch = await caller.SendAsync(EitherDoor.Backstage.Get("/api/v1/pods?watch=true"));
        watch.Status.Should().Be(200, string.Join('\n', gateway.Log.AtLeast(LogLevel.Warning)));

        // A request that began later and is cut at its bound shows that the watch has been idle for longer.
        (await gateway.GetAsync("/api/v1/pods", "silent")).Status.Should().Be(504);

        watch.End.Should().BeNull();
        upstream.Send(0);
        (await watch.ReadLineAsync()).Should().Be("late");
    }

    [Fact]
    public async Task T96_An_idle_tunnel_outlives_every_bound()
    {
        await using var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            await connection.WriteAsync(WebSocketHandshake.Accept((await connection.ReadRequestAsync())!));
            var frame = await WebSocketFrames.ReadAsync(connection.Duplex);
            await WebSocketFrames.WriteAsServerAsync(connection.Duplex, frame!);
            await connection.PeerClosed;
        });
        await using var silent = RawUpstream.NeverAnswering();
        var options = Options(upstream.Url, new() { Connect = _bound, ResponseHeaders = _bound, Idle = _bound });
        options = options with { ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("more", [TestCluster.Held("silent", silent.Url)])] };
        await using var gateway = await TestGateway.StartAsync(options);
        await using var caller = await RawClient.ConnectAsync(gateway.Port);
        var tunnel = await caller.SendAsync(EitherDoor.Backstage.Request(RawRequest.WebSocket("/api/v1/namespaces/a/pods/b/attach", "v5.channel.k8s.io")));

        (await gateway.GetAsync("/api/v1/pods", "silent")).Status.Should().Be(504);

        await WebSocketFrames.WriteAsClientAsync(tunnel.Duplex, WebSocketFrame.OfText("still here"));
        (await WebSocketFrames.ReadAsync(tunnel.Duplex))!.Text.Should().Be("still here");
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B73_A_body_on_its_way_up_is_not_bounded_by_the_wait_for_headers(EitherDoor door)
    {
        await using var upstream = new RawUpstream();
        await using var silent = RawUpstream.NeverAnswering();
        var options = Options(upstream.Url, new() { ResponseHeaders = _bound });
        options = options with { ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("more", [TestCluster.Held("silent", silent.Url)])] };
        await using var gateway = await TestGateway.StartAsync(options);
        await using var caller = await RawClient.ConnectAsync(gateway.Port);
        var request = door.Request(new RawRequest("POST", "/api/v1/namespaces/a/services/b/proxy/upload")).With("Content-Length", "2");
        await caller.WriteAsync(request.ToHttp11());
        await caller.WriteAsync("{");
        await upstream.WaitForRequestAsync();

        (await gateway.GetAsync("/api/v1/pods", "silent")).Status.Should().Be(504);

        await caller.WriteAsync("}");
        (await caller.ReadResponseAsync()).Status.Should().Be(200);
        upstream.Requests.Single().BodyText.Should().Be("{}");
    }

    private static GatewayOptions Options(string url, TimeoutOptions timeouts) =>
        TestGateway.Options(TestCluster.Held("kind", url)) with { Timeouts = timeouts };
}
