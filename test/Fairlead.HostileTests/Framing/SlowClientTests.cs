using System.Text;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Framing;

/// <summary>Clients that take their time: those that hold something for nothing are ended at a bound, those that read a stream slowly live.</summary>
public sealed class SlowClientTests
{
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(1);

    // It also bounds what is meant to succeed, so it has to be long enough for a busy machine.
    private static readonly TimeSpan _idle = TimeSpan.FromSeconds(3);

    private static readonly RawAnswer _large = RawAnswer.Text(200, new string('x', 32 * 1024 * 1024));

    [Fact]
    public async Task T64_A_head_that_does_not_end_in_time_is_408()
    {
        await using var world = await HostileWorld.StartAsync(static options => Bounded(options));
        await Task.WhenAll(HostileWays.Http11.Select(async way =>
        {
            var part = world.Head(way, "GET", "/x", "X-Begun: ");
            foreach (var begun in (string[])["GET /", part[..^4], part[..^2]])
            {
                await using var client = await world.ConnectHttp11Async(way);
                await client.WriteAsync(begun);

                await ShouldServeAsync(world);
                var response = await client.ReadResponseAsync();

                response.Status.Should().Be(408, $"{way}: {begun}");
                response.Header("Connection").Should().Be("close", $"{way}: {begun}");
            }

            // What comes byte by byte and never ends is ended too: the time is for the whole head.
            await using var trickle = await world.ConnectHttp11Async(way);
            var reading = trickle.ReadResponseAsync();
            await trickle.WriteAsync(part[..^4]);
            await WriteUntilAsync(reading, async () =>
            {
                await trickle.WriteAsync("a");
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            });
            (await reading).Status.Should().BeOneOf([408, 0], $"{way}: a reset may be faster than the answer, where the client goes on writing");
        }));

        world.Upstream.Requests.Should().OnlyContain(static seen => seen.Target == "/other");
    }

    [Fact]
    public async Task T64_A_header_block_that_does_not_end_in_time_ends_its_connection()
    {
        await using var world = await HostileWorld.StartAsync(static options => Bounded(options));
        foreach (var way in HostileWays.Http2)
        {
            await using var client = await RawHttp2Client.ConnectAsync(world.Gateway.TlsPort, new RawTls());
            var head = HpackEncoder.Encode(Http2Fields.Of(world.Request(way, RawRequest.Get("/x")), "https"));
            await client.WriteFrameAsync(Http2FrameType.Headers, Http2Frame.EndStream, 1, head);

            await ShouldServeAsync(world);
            await client.WaitForCloseAsync();
        }

        world.Upstream.Requests.Should().OnlyContain(static seen => seen.Target == "/other");
    }

    [Fact]
    public async Task T64_A_connection_without_a_request_is_closed()
    {
        await using var world = await HostileWorld.StartAsync(static options => Bounded(options));
        foreach (var protocol in WireClient.Protocols)
        {
            if (protocol is WireProtocol.Http2Tls)
            {
                await using var client = await RawHttp2Client.ConnectAsync(world.Port(protocol), new RawTls());
                (await client.WaitForCloseAsync()).Should().Be(ResponseEnd.Complete);
            }
            else
            {
                await using var client = await RawClient.ConnectAsync(world.Port(protocol), protocol is WireProtocol.Http11Tls ? new RawTls() : null);
                (await client.WaitForCloseAsync()).Should().Be(ResponseEnd.Complete, protocol.ToString());
            }
        }
    }

    [Fact]
    public async Task T64_A_head_without_end_is_431()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http11)
        {
            await using var client = await world.ConnectHttp11Async(way);
            var reading = client.ReadResponseAsync();
            await client.WriteAsync("GET /x HTTP/1.1\r\nHost: a\r\nX-Endless: ");
            var piece = new string('a', 1024);
            var written = await WriteUntilAsync(reading, () => client.WriteAsync(piece));

            // A reset may be faster than the answer, where the client goes on writing.
            (await reading).Status.Should().BeOneOf([431, 0], way.ToString());
            (written * piece.Length).Should().BeLessThan(32 * 1024 * 1024, way.ToString());
        }

        world.Upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task T64_Too_many_or_too_large_headers_are_431()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            foreach (var (what, lines) in ((string, IEnumerable<HeaderLine>)[])
            [
                ("65 KiB in one", [new("X-Fill", new string('f', 65 * 1024))]),
                ("65 KiB in many", Enumerable.Range(0, 65).Select(static i => new HeaderLine($"X-Fill-{i}", new string('f', 1024)))),
                ("1,000 headers", Enumerable.Range(0, 1000).Select(static i => new HeaderLine($"X-{i}", "1"))),
                ("1,000 times the same", Enumerable.Range(0, 1000).Select(static _ => new HeaderLine("X-Same", "1"))),
                ("100 cookies of 4 KiB", [new("Cookie", string.Join("; ", Enumerable.Range(0, 100).Select(static i => $"c{i}={new string('c', 4096)}")))]),
                ("100 cookies of 4 KiB on lines of their own", Enumerable.Range(0, 100).Select(static i => new HeaderLine("Cookie", $"c{i}={new string('c', 4096)}"))),
            ])
            {
                var mark = world.Mark();
                var request = world.Request(way, RawRequest.Get("/x"));

                var response = await world.ExchangeAsync(way, request with { Headers = [.. request.Headers, .. lines] });

                // On HTTP/2 a block that goes on beyond the limit ends the connection, and the answer may come too late.
                response.Status.Should().BeOneOf(way.IsHttp2 ? [431, 0] : [431], $"{way}: {what}");
                world.SentSince(mark).Should().BeEmpty($"{way}: {what}");
            }

            (await world.GetAsync(way, "/other")).Status.Should().Be(200, way.ToString());
        }
    }

    [Fact]
    public async Task T64_Headers_below_the_limits_pass()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            var mark = world.Mark();
            var request = world.Request(way, RawRequest.Get("/x"));
            var large = request with { Headers = [.. request.Headers, .. Enumerable.Range(0, 15).Select(static i => new HeaderLine($"X-Fill-{i}", new string('f', 4 * 1024)))] };
            var many = request with { Headers = [.. request.Headers, .. Enumerable.Range(0, 85).Select(static i => new HeaderLine($"X-Fill-{i}", "f"))] };

            (await world.ExchangeAsync(way, large)).Status.Should().Be(200, $"{way}: large");
            (await world.ExchangeAsync(way, many)).Status.Should().Be(200, $"{way}: many");

            world.SentSince(mark).Select(static seen => seen.HeaderLines.Count(static line => line.Name.StartsWith("X-Fill-", StringComparison.OrdinalIgnoreCase))).Should().Equal([15, 85], way.ToString());
        }
    }

    /// <summary>A body that falls silent is ended by <c>timeouts.idle</c>, and so is what it holds upstream.</summary>
    [Fact]
    public async Task T64_A_body_that_falls_silent_is_408_and_given_up_upstream()
    {
        await using var world = await HostileWorld.StartAsync(static options => Bounded(options));
        await Task.WhenAll(HostileWays.All.Select(async way =>
        {
            foreach (var said in (bool[])[true, false])
            {
                var reason = $"{way}: {(said ? "with" : "without")} a length";
                var target = $"/silent/{way.Door}/{way.Protocol}/{way.Login}/{said}";
                var post = world.Request(way, new RawRequest("POST", target) { KeepSending = true });
                post = said ? post.With("Content-Length", "100") : way.IsHttp2 ? post : post.With("Transfer-Encoding", "chunked");

                var response = await StallAsync(world, way, post, said || way.IsHttp2 ? "xxxxx" : "5\r\nxxxxx\r\n");

                response.Status.Should().Be(408, reason);
                HostileWorld.ShouldHaveItsDoorsShape(way, response, reason);
                var seen = world.Upstream.Requests.Should().ContainSingle(seen => string.Equals(seen.Target, target, StringComparison.Ordinal), reason).Subject;
                await seen.WaitForEndAsync();
                seen.End.Should().NotBe(ResponseEnd.Complete, reason);
            }
        }));
        await ShouldServeAsync(world);
    }

    /// <summary>The client opens no window, or reads nothing: an ordinary answer is given up at <c>timeouts.idle</c>, with its place upstream.</summary>
    [Fact]
    public async Task T64_An_answer_that_nobody_takes_is_given_up()
    {
        await using var world = await HostileWorld.StartAsync(static options => Bounded(options));
        world.Upstream.Respond(static seen => seen.Target is "/other" ? RawAnswer.Json(200, "{}") : _large);
        await Task.WhenAll(HostileWays.Bearer.Where(static way => way.Door is not DoorName.Service).Select(async way =>
        {
            var target = $"/large/{way.Door}/{way.Protocol}";
            await using var client = await world.ConnectAsync(way);
            var response = await client.SendAsync(world.Request(way, RawRequest.Get(target)));
            response.Status.Should().Be(200, way.ToString());
            var seen = world.Upstream.Requests.Single(seen => string.Equals(seen.Target, target, StringComparison.Ordinal));

            await ShouldServeAsync(world);
            await seen.Connection.WaitForPeerToCloseAsync();

            (await response.ReadToEndAsync()).End.Should().NotBe(ResponseEnd.Complete, way.ToString());
        }));
    }

    /// <summary>A watch whose reader takes a byte at a time, while everything above goes on around it, and long after its bounds.</summary>
    [Fact]
    public async Task T106_A_slow_stream_lives_on_while_attacks_are_ended()
    {
        await using var world = await HostileWorld.StartAsync(static options => Bounded(options));
        var gate = new Gate();
        world.Upstream.OnConnection(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (request.Target is "/other")
                {
                    await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
                    continue;
                }

                await connection.WriteAsync(RawAnswer.ChunkedHead(200));
                await connection.WriteAsync(RawAnswer.Chunk("{\"type\":\"BEFORE\"}\n" + new string(' ', 4 * 1024 * 1024) + "\n"));
                await gate.WaitAsync();
                await connection.WriteAsync(RawAnswer.Chunk("{\"type\":\"AFTER\"}\n"));
                await connection.WriteAsync(RawAnswer.LastChunk);
            }
        });
        var watches = new List<(HostileWay Way, WireClient Client, RawResponse Response)>();
        try
        {
            foreach (var way in HostileWays.All)
            {
                foreach (var target in way.Door is DoorName.Service ? (string[])["/stream"] : ["/api/v1/pods?watch=1", "/api/v1/namespaces/n/pods/p/log?follow=true"])
                {
                    var client = await world.ConnectAsync(way);
                    var response = await client.SendAsync(world.Request(way, RawRequest.Get(target)));
                    response.Status.Should().Be(200, way.ToString());
                    watches.Add((way, client, response));
                }
            }

            // Nobody reads the streams, which the gateway therefore holds back; one attack of each kind comes and goes meanwhile.
            for (var round = 0; round < 2; round++)
            {
                await using var slowHead = await RawClient.ConnectAsync(world.Gateway.Port);
                await slowHead.WriteAsync("GET /x HTTP/1.1\r\nHost: a");
                var silent = HostileWays.All.First(static way => way is { Door: DoorName.Cluster, Protocol: WireProtocol.Http11 });
                var slowBody = await StallAsync(world, silent, world.Request(silent, new RawRequest("POST", "/api/v1/namespaces/n/configmaps")).With("Content-Length", "100"), "xxxxx");
                (await slowHead.ReadResponseAsync()).Status.Should().Be(408);
                slowBody.Status.Should().Be(408);
            }

            gate.Open();
            foreach (var (way, _, response) in watches)
            {
                (await response.ReadToEndAsync()).End.Should().Be(ResponseEnd.Complete, way.ToString());
                response.BodyText.Should().StartWith("{\"type\":\"BEFORE\"}", way.ToString().Replace("{", "", StringComparison.Ordinal)).And.EndWith("{\"type\":\"AFTER\"}\n");
                response.Body.Length.Should().BeGreaterThan(4 * 1024 * 1024, way.ToString());
            }
        }
        finally
        {
            foreach (var (_, client, _) in watches)
            {
                await client.DisposeAsync();
            }
        }
    }

    private static GatewayOptions Bounded(GatewayOptions options) => options with { Timeouts = options.Timeouts with { RequestHeaders = _bound, KeepAlive = _bound, Idle = _idle } };

    private static async Task ShouldServeAsync(HostileWorld world)
    {
        foreach (var way in HostileWays.All.Where(static way => way is { Login: LoginName.Bearer, Door: DoorName.Cluster }))
        {
            (await world.GetAsync(way, "/other")).Status.Should().Be(200, $"{way}: another caller");
        }
    }

    /// <summary>Sends a head and the beginning of a body, and then nothing.</summary>
    private static async Task<RawResponse> StallAsync(HostileWorld world, HostileWay way, RawRequest post, string begun)
    {
        if (way.IsHttp2)
        {
            await using var http2 = await RawHttp2Client.ConnectAsync(world.Port(way.Protocol), new RawTls());
            var stream = await http2.OpenAsync(post);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(begun));
            return await stream.ReadResponseAsync();
        }

        await using var http11 = await world.ConnectHttp11Async(way);
        await http11.WriteAsync(Encoding.Latin1.GetString(post.ToHttp11()) + begun);
        return await http11.ReadResponseAsync();
    }

    private static async Task<int> WriteUntilAsync(Task answered, Func<Task> write)
    {
        var written = 0;
        while (!answered.IsCompleted)
        {
            try
            {
                await write();
                written++;
                await Task.Yield();
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                break;
            }
        }

        return written;
    }
}
