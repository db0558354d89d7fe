using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Streams;

/// <summary>Streams that begin late, stay silent, or break off.</summary>
public sealed class WatchTests
{
    private const string Watch = "/api/v1/namespaces/n/pods?watch=1";
    private const string Log = "/api/v1/namespaces/n/pods/x/log?follow=true";
    private const string Event = """{"type":"ADDED"}""";

    [Fact]
    public async Task T95_The_headers_are_there_before_the_first_event_is_sent()
    {
        await using var world = await HostileWorld.StartAsync();
        var gates = new Queue<Gate>();
        world.Upstream.OnConnection(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                Gate gate;
                lock (gates)
                {
                    gates.Enqueue(gate = new Gate());
                }

                await connection.WriteAsync(RawAnswer.ChunkedHead(200, "X-Own: 1"));
                // Opened only after the client has reported the headers.
                await gate.WaitAsync();
                await connection.WriteAsync(RawAnswer.Chunk(Event + "\n"));
                await connection.WriteAsync(RawAnswer.LastChunk);
            }
        });
        foreach (var way in HostileWays.All)
        {
            foreach (var target in new[] { Watch, Log, "/api/v1/watch/namespaces/n/pods", "/api/v1/namespaces/n/services/web/proxy/events" })
            {
                await using var client = await world.ConnectAsync(way);

                var response = await client.SendAsync(world.Request(way, RawRequest.Get(target).With("Accept-Encoding", "gzip, br")));

                response.Status.Should().Be(200, "{0}, {1}: {2}", way, target, response);
                response.Header("X-Own").Should().Be("1", "{0}, {1}", way, target);
                response.Body.Should().BeEmpty("{0}, {1}: no event was sent", way, target);
                lock (gates)
                {
                    gates.Dequeue().Open();
                }

                (await response.ReadLineAsync()).Should().Be(Event, "{0}, {1}", way, target);
                (await response.ReadToEndAsync()).End.Should().Be(ResponseEnd.Complete, "{0}, {1}", way, target);
            }
        }
    }

    [Fact]
    public async Task T96_An_upstream_that_takes_a_stream_and_never_answers_is_504_within_the_bound_for_headers()
    {
        await using var world = await HostileWorld.StartAsync(static options => options with
        {
            Timeouts = options.Timeouts with { ResponseHeaders = TimeSpan.FromMilliseconds(300) },
            ServiceProxy = options.ServiceProxy with { HeadersTimeout = TimeSpan.FromMilliseconds(300) },
        });
        world.Upstream.OnConnection(static async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.PeerClosed;
        });
        var count = 0;
        foreach (var way in HostileWays.All)
        {
            await Task.WhenAll(Requests(way).Select(async request =>
            {
                await using var client = await world.ConnectAsync(way);
                var sent = world.Request(way, request);

                var response = await (request.Headers.Any(static line => line.Name is "Sec-WebSocket-Key") ? await client.UpgradeAsync(sent) : await client.SendAsync(sent)).ReadToEndAsync();

                response.Status.Should().Be(504, "{0}, {1} {2}: {3}", way, request.Method, request.Target, response);
                HostileWorld.ShouldHaveItsDoorsShape(way, response, $"{way}, {request.Method} {request.Target}");
                response.Header("Proxy-Status").Should().Be("fairlead; error=http_response_timeout", way.ToString());
                Interlocked.Increment(ref count);
            }));
        }

        await world.Upstream.WaitForNoConnectionAsync();
        world.Upstream.Requests.Should().HaveCount(count, "none is repeated");
        await TunnelLifeTests.ShouldBeAuditedAsync(world, count, static outcome => outcome is "Refused/ResponseTimeout");

        static IEnumerable<RawRequest> Requests(HostileWay way) =>
        [
            RawRequest.Get(Watch), RawRequest.Get(Log), RawRequest.WebSocket(HostileTunnel.Exec, "v5.channel.k8s.io"), new RawRequest("POST", HostileTunnel.Exec).WithBody(""),
            .. way.IsHttp2 ? (RawRequest[])[] : [SpdyHandshake.Request(HostileTunnel.Exec)],
        ];
    }

    [Fact]
    public async Task T96_A_watch_that_is_idle_for_longer_than_every_bound_lives()
    {
        await using var silent = RawUpstream.NeverAnswering();
        await using var world = await HostileWorld.StartAsync(options => TunnelLifeTests.Short(options) with { ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("more", [TestCluster.Held("silent", silent.Url)])] });
        var gate = new Gate();
        world.Upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(RawAnswer.ChunkedHead(200));
            await Task.WhenAny(gate.WaitAsync(), connection.PeerClosed);
            await connection.WriteAsync(RawAnswer.Chunk(Event + "\n"));
            await connection.PeerClosed;
        });
        var watches = new List<(string Name, WireClient Client, RawResponse Response)>();
        foreach (var way in HostileWays.All)
        {
            foreach (var target in new[] { Watch, Log })
            {
                var client = await world.ConnectAsync(way);
                var response = await client.SendAsync(world.Request(way, RawRequest.Get(target)));
                response.Status.Should().Be(200, "{0}, {1}: {2}", way, target, response);
                watches.Add(($"{way}, {target}", client, response));
            }
        }

        // Each of these began later and is cut at its bound.
        for (var i = 0; i < 3; i++)
        {
            (await world.Gateway.GetAsync("/api/v1/pods", "silent")).Status.Should().Be(504);
        }

        watches.Should().OnlyContain(static watch => watch.Response.End == null);
        gate.Open();
        foreach (var (name, client, response) in watches)
        {
            (await response.ReadLineAsync()).Should().Be(Event, name);
            await client.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(AfterAnswer.Close)]
    [InlineData(AfterAnswer.Reset)]
    public async Task T97_What_breaks_off_never_looks_whole_and_is_recorded_as_cut(AfterAnswer how)
    {
        await using var world = await HostileWorld.StartAsync();
        (string Target, string Head)[] bodies =
        [
            ("/api/v1/namespaces", RawAnswer.Head(200, "Content-Type: application/json", "Content-Length: 1000")),
            ("/api/v1/namespaces", RawAnswer.ChunkedHead(200)),
            (Watch, RawAnswer.ChunkedHead(200)),
            (Log, RawAnswer.Head(200, "Content-Type: text/plain", "Content-Length: 1000")),
        ];
        var count = 0;
        foreach (var way in HostileWays.All)
        {
            foreach (var (target, head) in bodies)
            {
                var gate = new Gate();
                world.Upstream.OnConnection(async connection =>
                {
                    await connection.ReadRequestAsync();
                    await connection.WriteAsync(head);
                    await connection.WriteAsync(head.Contains("chunked", StringComparison.Ordinal) ? RawAnswer.Chunk(Event + "\n") : System.Text.Encoding.ASCII.GetBytes(Event + "\n"));
                    // A reset overtakes bytes that were not read yet.
                    await gate.WaitAsync();
                    await connection.AnswerAsync(RawAnswer.Nothing(how));
                    await connection.PeerClosed;
                });
                await using var client = await world.ConnectAsync(way);
                var response = await client.SendAsync(world.Request(way, RawRequest.Get(target)));
                response.Status.Should().Be(200, "{0}, {1}: {2}", way, target, response);
                (await response.ReadLineAsync()).Should().Be(Event, "{0}, {1}", way, target);

                gate.Open();
                await response.ReadToEndAsync();

                response.End.Should().BeOneOf(way.IsHttp2 ? [ResponseEnd.Reset] : [ResponseEnd.Truncated, ResponseEnd.Reset], "{0}, {1}", way, target);
                response.BodyText.Should().Be(Event + "\n", "{0}, {1}: nothing is put into it", way, target);
                count++;
            }
        }

        await TunnelLifeTests.ShouldBeAuditedAsync(world, count, static outcome => outcome is "Cut");
    }

    [Theory]
    [InlineData(AfterAnswer.Close)]
    [InlineData(AfterAnswer.Reset)]
    public async Task T97_A_WebSocket_that_breaks_off_has_no_close_frame_and_is_recorded_as_cut(AfterAnswer how)
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var way in HostileWays.All)
        {
            await using var tunnel = await HostileTunnel.OpenAsync(world, way);
            // A message of which half is there.
            await HostileTunnel.ShouldPassAsync(tunnel.Server, tunnel.Client, [0x82, 4, 1, 2], way.ToString());

            await tunnel.Upstream.AnswerAsync(RawAnswer.Nothing(how));

            (await ReadRestAsync(tunnel.Client)).Should().BeEmpty("{0}: no byte is put into a tunnel", way);
        }

        await TunnelLifeTests.ShouldBeAuditedAsync(world, HostileWays.All.Count, static outcome => outcome is "Cut");
    }

    [Fact]
    public async Task T97_A_WebSocket_that_was_closed_is_recorded_as_complete()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var way in HostileWays.All)
        {
            await using var tunnel = await HostileTunnel.OpenAsync(world, way);
            await HostileTunnel.ShouldPassAsync(tunnel.Server, tunnel.Client, [0x82, 1, 1, 0x88, 2, 3, 0xE8], way.ToString());

            await tunnel.Upstream.CloseAsync();

            (await ReadRestAsync(tunnel.Client)).Should().BeEmpty(way.ToString());
        }

        await TunnelLifeTests.ShouldBeAuditedAsync(world, HostileWays.All.Count, static outcome => outcome is "Complete");
    }

    [Fact]
    public async Task T97_A_SPDY_connection_that_is_reset_is_recorded_as_cut()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var way in HostileWays.Http11)
        {
            await using var tunnel = await HostileTunnel.OpenAsync(world, way, isSpdy: true);
            await HostileTunnel.ShouldPassAsync(tunnel.Server, tunnel.Client, [0x80, 3, 0], way.ToString());

            await tunnel.Upstream.AnswerAsync(RawAnswer.Nothing(AfterAnswer.Reset));

            (await ReadRestAsync(tunnel.Client)).Should().BeEmpty(way.ToString());
        }

        await TunnelLifeTests.ShouldBeAuditedAsync(world, HostileWays.Http11.Count, static outcome => outcome is "Cut");
    }

    /// <summary>What still comes until the connection has ended, in whatever way.</summary>
    private static async Task<byte[]> ReadRestAsync(Stream stream)
    {
        using var rest = new MemoryStream();
        try
        {
            await stream.CopyToAsync(rest);
        }
        catch (IOException)
        {
            // Reset: as good as the end.
        }

        return rest.ToArray();
    }
}
