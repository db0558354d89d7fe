using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Framing;

/// <summary>
/// Request smuggling through a real proxy in front, which shares one kept connection to the gateway among its clients. What the gateway takes for
/// a request has to be what the proxy took for one, or the next client gets somebody else's answer.
/// </summary>
public sealed class FrontTests
{
    [Theory]
    [InlineData(FrontName.HAProxy)]
    [InlineData(FrontName.LenientHAProxy)]
    [InlineData(FrontName.Nginx)]
    public async Task T60_Through_a_proxy_in_front_no_second_request_arrives_and_answers_stay_in_step(FrontName front)
    {
        await using var world = await HostileWorld.StartAsync();
        world.Upstream.Respond(static seen => RawAnswer.Text(200, seen.Target));
        await using var proxy = await FrontProxy.StartAsync(front, world.Gateway.Port);
        var victims = 0;
        foreach (var way in HostileWays.Http11.Where(static way => way.Protocol is WireProtocol.Http11))
        {
            foreach (var (name, lines, body) in Http1FramingTests.Refused.Concat(Attempts))
            {
                var reason = $"{front}, {way}: {name}";
                var mark = world.Mark();
                await using (var attacker = await RawClient.ConnectAsync(proxy.Port))
                {
                    await attacker.WriteAsync(world.Head(way, "POST", "/one", lines) + body + world.Head(way, "GET", "/smuggled", ""));
                    await attacker.HalfCloseAsync();
                    await DrainAsync(attacker);
                }

                for (var i = 0; i < 2; i++)
                {
                    var target = $"/victim-{++victims}";
                    var response = await RawClient.ExchangeAsync(proxy.Port, world.Request(way, RawRequest.Get(target)));
                    response.Status.Should().Be(200, reason);
                    response.BodyText.Should().Be(target, reason);
                }

                foreach (var seen in world.SentSince(mark))
                {
                    seen.Headers("X-Front").Should().ContainSingle($"{reason}: the proxy has to have taken {seen.RequestLine} for a request");
                }

                // One request of the attacker's for each that the proxy saw: no mark comes twice.
                world.SentSince(mark).Select(static seen => seen.Header("X-Front")).Should().OnlyHaveUniqueItems(reason);
            }
        }
    }

    private static (string Name, string Lines, string Body)[] Attempts =>
    [
        ("a body that the length cuts", "Content-Length: 3\r\n", "0\r\n\r\n"),
        ("encoding with a tab", "Content-Length: 5\r\nTransfer-Encoding:\tchunked\r\n", "0\r\n\r\n"),
        ("encoding behind LF", "Content-Length: 5\r\nX-Bare: a\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("length behind LF", "X-Bare: a\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n", "5\r\nxxxxx\r\n0\r\n\r\n"),
        ("encoding with an underscore", "Content-Length: 5\r\nTransfer_Encoding: chunked\r\n", "0\r\n\r\n"),
        ("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("chunked, chunked", "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
        ("nominated length", "Connection: Content-Length\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
        ("nominated encoding", "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("a long extension", "Transfer-Encoding: chunked\r\n", $"0;{new string('a', 4096)}\r\n\r\n"),
        ("an extension with LF", "Transfer-Encoding: chunked\r\n", "0;\n\r\n\r\n"),
        ("trailers", "Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 500\r\nHost: evil.example\r\n\r\n"),
        ("expectation", "Expect: 100-continue\r\nContent-Length: 5\r\n", "xxxxx"),
        ("an upgrade", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 0\r\n", ""),
        ("an upgrade to h2c", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 0\r\n", ""),
    ];

    /// <summary>Reads answers until the proxy closes; how many, and which, is between the attacker and the proxy.</summary>
    private static async Task DrainAsync(RawClient attacker)
    {
        try
        {
            while ((await attacker.ReadHeadAsync()) is { Status: > 0 and not 101 } response)
            {
                await response.ReadToEndAsync();
            }
        }
        catch (InvalidDataException)
        {
            // The proxy's own errors need not be HTTP/1.1: to HTTP/0.9 it answers a page without a head.
        }
    }
}
