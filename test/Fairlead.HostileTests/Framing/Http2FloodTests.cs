using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Framing;

/// <summary>
/// Floods of HTTP/2 frames, each far beyond what a client needs: the client is cut, or what it costs stays bounded in requests, streams and
/// memory; a caller on another connection is served while it goes on. Memory is measured, so these run alone.
/// </summary>
[Collection(MeasuredTests.Name)]
public sealed class Http2FloodTests
{
    private const int Many = 100_000;

    // A server that kept a few bytes of each frame would pass it.
    private const long Growth = 16 * 1024 * 1024;

    [Fact]
    public async Task T61_A_flood_of_CONTINUATION_is_cut_at_the_limit_of_headers()
    {
        await using var world = await HostileWorld.StartAsync();
        var piece = HpackEncoder.Encode([new HeaderLine("x-fill", new string('f', 8000))]);
        await RunAsync(world, async (client, way) =>
        {
            var head = HpackEncoder.Encode(Http2Fields.Of(world.Request(way, RawRequest.Get("/flood")), "https"));
            await client.WriteFrameAsync(Http2FrameType.Headers, Http2Frame.EndStream, 1, head);
            var sent = await FloodAsync(client, Many, () => client.WriteFrameAsync(Http2FrameType.Continuation, 0, 1, piece));
            await client.WaitForCloseAsync();

            // What the sockets hold is on the way too.
            (sent * piece.Length).Should().BeLessThan(16 * 1024 * 1024, way.ToString());
        });
        world.Upstream.Requests.Should().NotContain(static seen => seen.Target == "/flood");
    }

    /// <summary>Frames that add nothing never meet a limit of sizes; the time for a head ends them.</summary>
    [Fact]
    public async Task T61_A_header_block_of_empty_CONTINUATION_is_ended_by_the_time_for_a_head()
    {
        await using var world = await HostileWorld.StartAsync(static options => options with { Timeouts = options.Timeouts with { RequestHeaders = TimeSpan.FromMilliseconds(300) } });
        await RunAsync(world, async (client, way) =>
        {
            var head = HpackEncoder.Encode(Http2Fields.Of(world.Request(way, RawRequest.Get("/flood")), "https"));
            await client.WriteFrameAsync(Http2FrameType.Headers, Http2Frame.EndStream, 1, head);
            await FloodAsync(client, int.MaxValue, () => client.WriteFrameAsync(Http2FrameType.Continuation, 0, 1, default));
            await client.WaitForCloseAsync();
        });
        world.Upstream.Requests.Should().NotContain(static seen => seen.Target == "/flood");
    }

    [Fact]
    public async Task T61_Rapid_resets_are_cut_and_begin_few_requests()
    {
        await using var world = await HostileWorld.StartAsync();
        world.Upstream.OnConnection(static async connection =>
        {
            // What the flood asks for is never answered; everybody else is.
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (request.Target is not "/flood")
                {
                    await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
                }
            }
        });
        await RunAsync(world, async (client, way) =>
        {
            var mark = world.Mark();
            var head = HpackEncoder.Encode(Http2Fields.Of(world.Request(way, RawRequest.Get("/flood")), "https"));
            var id = 1;
            var sent = await FloodAsync(client, Many, async () =>
            {
                await client.WriteFrameAsync(Http2FrameType.Headers, Http2Frame.EndStream | Http2Frame.EndHeaders, id, head);
                await client.WriteFrameAsync(Http2FrameType.ResetStream, 0, id, Http2Frame.NumberBytes(8));
                id += 2;
            });

            sent.Should().BeLessThan(Many, $"{way}: the client is cut");
            await Eventually.BeTrueAsync(() => world.Upstream.Connections.Count(static connection => connection.IsOpen) < 16, "the upstream's connections to be given up");
            world.SentSince(mark).Count(static seen => seen.Target is "/flood").Should().BeLessThan(2 * 256 + 1, $"{way}: requests begun");
        });
    }

    [Theory]
    [InlineData(Http2FrameType.Settings)]
    [InlineData(Http2FrameType.Ping)]
    [InlineData(Http2FrameType.WindowUpdate)]
    [InlineData(Http2FrameType.Priority)]
    [InlineData((Http2FrameType)42)]
    public async Task T61_A_flood_of_frames_that_ask_for_nothing_is_bounded(Http2FrameType type)
    {
        await using var world = await HostileWorld.StartAsync();
        var (stream, payload) = type switch
        {
            Http2FrameType.Settings => (0, new byte[] { 0, 4, 0, 1, 0, 0 }),
            Http2FrameType.Ping => (0, new byte[8]),
            Http2FrameType.WindowUpdate => (0, Http2Frame.NumberBytes(1)),
            Http2FrameType.Priority => (1, new byte[] { 0, 0, 0, 0, 1 }),
            _ => (0, new byte[64]),
        };

        // None of them has to do with a request, a door or a caller.
        await RunAsync(world, (client, _) => FloodAsync(client, Many, () => client.WriteFrameAsync(type, 0, stream, payload)), ways: 1);
    }

    /// <summary>The answers to PING and SETTINGS have to go somewhere: a client that takes none of them is no longer read.</summary>
    [Theory]
    [InlineData(Http2FrameType.Settings)]
    [InlineData(Http2FrameType.Ping)]
    public async Task T61_A_flood_whose_answers_nobody_reads_is_held_back(Http2FrameType type)
    {
        await using var world = await HostileWorld.StartAsync();
        var frame = new Http2Frame(type, 0, 0, type is Http2FrameType.Ping ? new byte[8] : new byte[] { 0, 4, 0, 1, 0, 0 }).ToBytes();
        var batch = Enumerable.Repeat(frame, 1024).SelectMany(static bytes => bytes).ToArray();
        await using var client = await RawClient.ConnectAsync(world.Gateway.TlsPort, new RawTls { Protocols = ["h2"] });
        await client.WriteAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. new Http2Frame(Http2FrameType.Settings, 0, 0, default).ToBytes()]);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        // 64 MiB of answers fit into no socket: before that, writing has to stop, or the connection ends.
        using var stopped = new CancellationTokenSource();
        long written = 0;
        var flood = Task.Run(async () =>
        {
            while (Interlocked.Read(ref written) < 64 * 1024 * 1024)
            {
                await client.WriteAsync(batch, stopped.Token);
                Interlocked.Add(ref written, batch.Length);
            }
        });
        long last = -1;
        await Eventually.BeTrueAsync(
            async () =>
            {
                var unchanged = flood.IsCompleted || last == Interlocked.Read(ref written);
                last = Interlocked.Read(ref written);
                await ShouldServeAsync(world);
                return unchanged;
            },
            "the flood to be held back");

        world.Gateway.Log.Clear();
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(Growth);
        await stopped.CancelAsync();
        await ((Func<Task>)(() => flood)).Should().ThrowAsync<Exception>("writing never came to its end");
    }

    [Fact]
    public async Task T61_A_flood_of_empty_DATA_is_bounded()
    {
        await using var world = await HostileWorld.StartAsync();
        await RunAsync(world, async (client, way) =>
        {
            var mark = world.Mark();
            var stream = await client.OpenAsync(world.Request(way, new RawRequest("POST", "/flood") { KeepSending = true }));
            await FloodAsync(client, Many / 5, () => client.WriteFrameAsync(Http2FrameType.Data, 0, stream.Id, default));
            await stream.ResetAsync();
            foreach (var seen in world.SentSince(mark).Where(static seen => seen.Target is "/flood"))
            {
                await seen.WaitForEndAsync();
                seen.BodyLength.Should().Be(0, way.ToString());
            }
        });
    }

    /// <summary>Streams that are opened and left open: as many as <c>limits.streamsPerConnection</c>, and no more.</summary>
    [Fact]
    public async Task T61_More_streams_than_the_limit_are_refused()
    {
        const int limit = 8;
        await using var world = await HostileWorld.StartAsync(static options => options with { Limits = options.Limits with { StreamsPerConnection = limit } });
        world.Upstream.OnConnection(static async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (request.Target is not "/flood")
                {
                    await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
                }
            }
        });
        foreach (var way in HostileWays.Http2)
        {
            var mark = world.Mark();
            await using var client = await RawHttp2Client.ConnectAsync(world.Gateway.TlsPort, new RawTls());
            var streams = new List<RawHttp2Exchange>();
            for (var i = 0; i < limit * 4; i++)
            {
                streams.Add(await client.OpenAsync(world.Request(way, RawRequest.Get("/flood"))));
            }

            foreach (var stream in streams.Skip(limit))
            {
                var response = await stream.ReadResponseAsync();
                response.Status.Should().Be(0, way.ToString());
                response.StreamError.Should().Be(7, $"{way}: REFUSED_STREAM");
            }

            await Eventually.BeTrueAsync(() => world.SentSince(mark).Count == limit, $"{way}: as many requests as the limit");
            await ShouldServeAsync(world);
            world.SentSince(mark).Count(static seen => seen.Target is "/flood").Should().Be(limit, way.ToString());
        }
    }

    /// <summary>Runs a flood on each door as each caller; others are served during it and after it, and nothing of it stays in memory.</summary>
    private static async Task RunAsync(HostileWorld world, Func<RawHttp2Client, HostileWay, Task> flood, int ways = int.MaxValue)
    {
        await ShouldServeAsync(world);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var way in HostileWays.Http2.Take(ways))
        {
            await using var client = await RawHttp2Client.ConnectAsync(world.Gateway.TlsPort, new RawTls());
            var running = flood(client, way);
            do
            {
                await ShouldServeAsync(world);
            }
            while (!running.IsCompleted);

            await running;
            await ShouldServeAsync(world);
            world.Gateway.Log.Clear();
            var growth = GC.GetTotalMemory(forceFullCollection: true) - before;
            growth.Should().BeLessThan(Growth, way.ToString());
        }
    }

    private static async Task ShouldServeAsync(HostileWorld world)
    {
        foreach (var way in HostileWays.All.Where(static way => way.Login is LoginName.Bearer && way.Protocol is not WireProtocol.Http11Tls))
        {
            (await world.GetAsync(way, "/other")).Status.Should().Be(200, $"{way}: another caller");
        }
    }

    /// <summary>Writes until that many are written or the server has ended the connection; says how many were.</summary>
    private static async Task<int> FloodAsync(RawHttp2Client client, int count, Func<Task> write)
    {
        await Task.Yield();
        for (var i = 0; i < count; i++)
        {
            try
            {
                await write();
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                return i;
            }

            if (client.GoAwayError is not null)
            {
                return i;
            }
        }

        return count;
    }
}
