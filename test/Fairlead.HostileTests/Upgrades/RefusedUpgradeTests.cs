using System.Text;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Upgrades;

/// <summary>What is no upgrade, or does not become one. What the client sent in the hope of one reaches nobody.</summary>
public sealed class RefusedUpgradeTests
{
    private const string Exec = "/api/v1/namespaces/team/pods/web/exec?command=sh";

    [Fact]
    public async Task T20_After_a_refused_upgrade_the_socket_closes_and_nothing_pipelined_reaches_the_upstream()
    {
        await using var world = await HostileWorld.StartAsync();
        var status = 0;
        world.Upstream.Respond(_ => RawAnswer.Json(status, """{"kind":"Status"}""", "Connection: keep-alive"));
        foreach (var each in (int[])[403, 400, 200, 500])
        {
            status = each;
            foreach (var way in HostileWays.Http11)
            {
                foreach (var handshake in (RawRequest[])[RawRequest.WebSocket(Exec, "v5.channel.k8s.io"), SpdyHandshake.Request(Exec)])
                {
                    var reason = $"{way}: {status} to {handshake.Method}";
                    var mark = world.Mark();
                    await using var client = await RawClient.ConnectAsync(world.Port(way.Protocol), way.Protocol is WireProtocol.Http11Tls ? new RawTls() : null);
                    await client.WriteAsync((byte[])[.. world.Request(way, handshake).ToHttp11(), .. world.Request(way, RawRequest.Get("/api/v1/secrets")).ToHttp11()]);

                    var response = await client.ReadResponseAsync();

                    response.Status.Should().Be(status, reason);
                    response.BodyText.Should().Be("""{"kind":"Status"}""", reason);
                    response.End.Should().Be(ResponseEnd.Complete, reason);
                    await client.WaitForCloseAsync();
                    world.SentSince(mark).Should().ContainSingle(reason).Which.Target.Should().Be(Exec, reason);
                }
            }
        }

        (await world.ReadAuditAsync()).Should().NotContain(static record => record.GetProperty("requestURI").GetString()!.Contains("secrets", StringComparison.Ordinal));
    }

    /// <summary>On HTTP/2 an answer of 200 is what says that the tunnel stands (RFC 8441 5), so that of an upstream that has not upgraded cannot be passed on as it is.</summary>
    [Fact]
    public async Task T20_Over_HTTP2_nothing_that_follows_a_refused_upgrade_reaches_the_upstream()
    {
        await using var world = await HostileWorld.StartAsync();
        var status = 0;
        world.Upstream.Respond(_ => RawAnswer.Json(status, """{"kind":"Status"}""", "Connection: keep-alive"));
        foreach (var each in (int[])[403, 400, 200, 500])
        {
            status = each;
            foreach (var way in HostileWays.Http2)
            {
                var reason = $"{way}: {status}";
                var mark = world.Mark();
                await using var client = await RawHttp2ClientOf(world);
                var handshake = world.Request(way, RawRequest.WebSocket(Exec, "v5.channel.k8s.io")).AsExtendedConnect();

                var stream = await client.OpenAsync(handshake);
                await stream.WriteAsync("GET /api/v1/secrets HTTP/1.1\r\nHost: cluster\r\n\r\n"u8.ToArray());
                var response = await stream.ReadResponseAsync();

                response.Status.Should().Be(status is 200 ? 502 : status, reason);
                world.SentSince(mark).Should().ContainSingle(reason).Which.Target.Should().Be(Exec, reason);
                (await world.GetAsync(way, "/x")).Status.Should().Be(status, reason);
                world.SentSince(mark).Select(static seen => seen.Target).Should().Equal([Exec, "/x"], reason);
            }
        }
    }

    [Fact]
    public async Task T22_An_upgrade_that_is_answered_by_a_redirect_is_502_and_not_followed()
    {
        await using var other = new RawUpstream();
        await using var world = await HostileWorld.StartAsync();
        var audit = new HostileAudit(world);
        var status = 0;
        world.Upstream.Respond(_ => RawAnswer.Text(status, "", headers: $"Location: {other.Url}/steal"));
        foreach (var each in (int[])[301, 302, 303, 307, 308])
        {
            status = each;
            foreach (var way in HostileWays.All)
            {
                foreach (var handshake in (RawRequest[])[RawRequest.WebSocket(Exec, "v5.channel.k8s.io"), .. way.IsHttp2 ? (RawRequest[])[] : [SpdyHandshake.Request(Exec)]])
                {
                    var reason = $"{way}: {status} to {handshake.Method}";
                    var mark = world.Mark();
                    await using var client = await world.ConnectAsync(way);
                    var request = world.Request(way, handshake);

                    var response = await (await client.UpgradeAsync(request)).ReadToEndAsync();

                    response.Status.Should().Be(502, reason);
                    response.Header("Location").Should().BeNull(reason);
                    response.Header("Proxy-Status").Should().Be("fairlead; error=http_upgrade_failed", reason);
                    response.BodyText.Should().NotContain("steal", reason);
                    world.SentSince(mark).Should().ContainSingle(reason);
                    audit.Expect(request.Target, 502);
                }
            }
        }

        other.ConnectionCount.Should().Be(0);
        await audit.ShouldBeCompleteAsync();
    }

    [Fact]
    public async Task T23_Any_other_upgrade_is_an_ordinary_request_without_the_headers()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http11)
        {
            foreach (var lines in (string[])
            [
                "Connection: not-an-upgrade|Upgrade: websocket", "Connection: Upgrade", "Upgrade: websocket", "Connection: Upgrade, HTTP2-Settings|Upgrade: h2c|HTTP2-Settings: AAMAAABkAAQAAP__",
                "Connection: Upgrade|Upgrade: TLS/1.0", "Connection: Upgrade|Upgrade: foo", "Connection: Upgrade|Upgrade: websocket, foo", "Connection: Upgrade|Upgrade: foo, websocket",
                "Connection: Upgrade|Upgrade: websocket|Upgrade: foo", "Connection: Upgrade|Upgrade: websocket|Upgrade: SPDY/3.1", "Connection: Upgrade|Upgrade: SPDY/3", "Connection: Upgrade|Upgrade: SPDY/3.11",
                "Connection: Upgrade|Upgrade: xwebsocket", "Connection: Upgrade|Upgrade: websocket/13", "Connection: Upgrade|Upgrade:",
            ])
            {
                var reason = $"{way}: {lines}";
                var mark = world.Mark();
                var request = lines.Split('|').Select(static line => line.Split(':', 2)).Aggregate(
                    world.Request(way, RawRequest.Get("/api/v1/namespaces")), static (sofar, line) => sofar.With(line[0], line[1].Trim()));

                var response = await world.ExchangeAsync(way, request);

                response.Status.Should().BeOneOf([200, 400, 426], reason);
                response.Header("Upgrade").Should().BeNull(reason);
                var sent = world.SentSince(mark);
                sent.Should().HaveCount(response.Status is 200 ? 1 : 0, reason);
                foreach (var seen in sent)
                {
                    Encoding.Latin1.GetString(seen.HeadBytes).Should().NotContainEquivalentOf("upgrade", reason).And.NotContainEquivalentOf("\r\nConnection:", reason).And.NotContainEquivalentOf("HTTP2-Settings", reason);
                }
            }
        }
    }

    /// <summary>HTTP/2 has no such headers (RFC 9113 8.2.2): they are refused or left behind. None but <c>websocket</c> is served by an extended CONNECT (T42).</summary>
    [Fact]
    public async Task T23_Over_HTTP2_the_headers_of_an_upgrade_ask_for_nothing()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http2)
        {
            foreach (var (name, value) in ((string, string)[])[("connection", "upgrade"), ("upgrade", "websocket"), ("upgrade", "h2c"), ("http2-settings", "AAMAAABkAAQAAP__")])
            {
                var mark = world.Mark();

                var response = await world.SendAsync(way, RawRequest.Get("/x").With(name, value));

                response.Status.Should().BeOneOf([0, 200, 400], $"{way}: {name}");
                foreach (var seen in world.SentSince(mark))
                {
                    Encoding.Latin1.GetString(seen.HeadBytes).Should().NotContainEquivalentOf(name, $"{way}: {name}");
                }
            }
        }
    }

    private static Task<Testing.Http2.RawHttp2Client> RawHttp2ClientOf(HostileWorld world) =>
        Testing.Http2.RawHttp2Client.ConnectAsync(world.Port(WireProtocol.Http2Tls), new RawTls());
}
