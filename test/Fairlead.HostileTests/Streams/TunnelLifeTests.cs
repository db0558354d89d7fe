using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Streams;

/// <summary>Slow, idle, one-sided and vanishing ends of upgraded connections: each hurts only itself, and none outlives its client.</summary>
[Collection(MemoryTests.Name)]
public sealed class TunnelLifeTests
{
    private const int Piece = 64 * 1024;

    // Far more than all buffers on a way hold together.
    private const long Much = 256L * 1024 * 1024;
    private const string Forward = "/api/v1/namespaces/n/pods/x/portforward?ports=80";

    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task T29_A_client_that_vanishes_takes_its_upstream_connection_along()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var (way, isSpdy) in HostileTunnel.Ways)
        {
            await using var tunnel = await HostileTunnel.OpenAsync(world, way, isSpdy);
            await HostileTunnel.ShouldPassAsync(tunnel.Client, tunnel.Server, [1, 2, 3], way.ToString());

            tunnel.Caller.Reset();

            await tunnel.Upstream.WaitForPeerToCloseAsync();
        }

        await world.Upstream.WaitForNoConnectionAsync();
        await ShouldBeAuditedAsync(world, HostileTunnel.Ways.Count, static outcome => outcome is "ClientGone");
    }

    [Fact]
    public async Task T29_So_does_one_that_goes_while_it_is_being_written_to()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var (way, isSpdy) in HostileTunnel.Ways)
        {
            await using var tunnel = await HostileTunnel.OpenAsync(world, way, isSpdy);
            var writing = FloodAsync(tunnel.Server);
            await tunnel.Client.ReadExactlyAsync(new byte[Piece]);

            tunnel.Caller.Reset();

            (await writing).Should().BeLessThan(Much, way.ToString());
        }

        await world.Upstream.WaitForNoConnectionAsync();
    }

    [Fact]
    public async Task T29_A_client_that_closes_its_half_is_gone_on_HTTP_1_1()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var (way, isSpdy) in HostileTunnel.Ways.Where(static one => !one.Way.IsHttp2))
        {
            await using var client = await RawClient.ConnectAsync(world.Port(way.Protocol), way.Protocol is WireProtocol.Http11 ? null : new RawTls());
            var mark = world.Mark();
            var response = await client.SendAsync(world.Request(way, isSpdy ? SpdyHandshake.Request(HostileTunnel.Exec) : RawRequest.WebSocket(HostileTunnel.Exec)));
            response.Status.Should().Be(101, way.ToString());
            var upstream = world.SentSince(mark).Single().Connection;
            await HostileTunnel.ShouldPassAsync(response.Duplex, upstream.Duplex, [1, 2, 3], way.ToString());

            await client.HalfCloseAsync();

            await upstream.WaitForPeerToCloseAsync();
        }
    }

    [Fact]
    public async Task T29_A_client_that_closes_its_half_of_an_HTTP_2_stream_still_gets_the_rest()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var way in HostileWays.Http2)
        {
            var bytes = new byte[1024 * 1024];
            Random.Shared.NextBytes(bytes);
            await using var client = await RawHttp2Client.ConnectAsync(world.Gateway.TlsPort, new RawTls());
            var mark = world.Mark();
            var stream = await client.OpenAsync(world.Request(way, RawRequest.WebSocket(HostileTunnel.Exec)).AsExtendedConnect());
            var response = await stream.ReadHeadAsync();
            var upstream = world.SentSince(mark).Single().Connection;
            await HostileTunnel.ShouldPassAsync(response.Duplex, upstream.Duplex, [1, 2, 3], way.ToString());

            await stream.EndAsync();
            await HostileTunnel.ShouldPassAsync(upstream.Duplex, response.Duplex, bytes, way.ToString());

            // And then it goes, with all that is open.
            await stream.ResetAsync();
            await upstream.WaitForPeerToCloseAsync();
        }
    }

    [Fact]
    public async Task T29_An_upstream_that_closes_its_half_has_all_its_bytes_delivered_first()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        var bytes = new byte[1024 * 1024];
        Random.Shared.NextBytes(bytes);
        foreach (var (way, isSpdy) in HostileTunnel.Ways)
        {
            await using var tunnel = await HostileTunnel.OpenAsync(world, way, isSpdy);
            var sending = Task.Run(async () =>
            {
                await tunnel.Server.WriteAsync(bytes);
                await tunnel.Upstream.CloseAsync();
            });

            using var arrived = new MemoryStream();
            await tunnel.Client.CopyToAsync(arrived);

            await sending;
            arrived.ToArray().AsSpan().SequenceEqual(bytes).Should().BeTrue("{0}, SPDY {1}: {2} bytes came", way, isSpdy, arrived.Length);
            await tunnel.Upstream.WaitForPeerToCloseAsync();
        }
    }

    [Fact]
    public async Task T29_A_reader_that_stands_still_holds_the_other_end_back_and_nothing_gathers()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var (way, isSpdy) in HostileTunnel.Ways)
        {
            foreach (var fromClient in new[] { false, true })
            {
                var before = GC.GetTotalMemory(forceFullCollection: true);
                await using var tunnel = await HostileTunnel.OpenAsync(world, way, isSpdy);
                var written = new WrittenBytes();
                var writing = FloodAsync(fromClient ? tunnel.Client : tunnel.Server, written);

                await written.StandsStillAsync();

                (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(MemoryTests.Growth, "{0}, SPDY {1}, from the client {2}", way, isSpdy, fromClient);
                written.Value.Should().BeLessThan(Much, "{0}, SPDY {1}, from the client {2}", way, isSpdy, fromClient);

                // It reads on, and the other end with it.
                var to = fromClient ? tunnel.Server : tunnel.Client;
                var held = written.Value;
                var read = new byte[Piece];
                while (written.Value < held + (4 * Piece))
                {
                    await to.ReadExactlyAsync(read);
                }

                tunnel.Caller.Reset();
                await writing;
            }
        }
    }

    [Fact]
    public async Task T29_One_byte_at_a_time_is_one_byte_at_a_time()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var (way, isSpdy) in HostileTunnel.Ways)
        {
            await using var tunnel = await HostileTunnel.OpenAsync(world, way, isSpdy, Forward);
            for (var i = 0; i < 20; i++)
            {
                await HostileTunnel.ShouldPassAsync(tunnel.Client, tunnel.Server, [(byte)i], way.ToString());
                await HostileTunnel.ShouldPassAsync(tunnel.Server, tunnel.Client, [(byte)i], way.ToString());
            }
        }
    }

    [Fact]
    public async Task T29_T96_A_portforward_that_is_idle_for_longer_than_every_bound_lives()
    {
        await using var silent = RawUpstream.NeverAnswering();
        await using var world = await HostileWorld.StartAsync(options => Short(options) with { ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("more", [TestCluster.Held("silent", silent.Url)])] });
        HostileTunnel.Accept(world);
        var tunnels = new List<(string Name, HostileTunnel Tunnel)>();
        foreach (var (way, isSpdy) in HostileTunnel.Ways)
        {
            tunnels.Add(($"{way}, SPDY {isSpdy}", await HostileTunnel.OpenAsync(world, way, isSpdy, Forward)));
        }

        // A request that began later and is cut at its bound shows that they have been idle for longer; three of them, longer than all bounds together.
        for (var i = 0; i < 3; i++)
        {
            (await world.Gateway.GetAsync("/api/v1/pods", "silent")).Status.Should().Be(504);
        }

        foreach (var (name, tunnel) in tunnels)
        {
            await HostileTunnel.ShouldPassAsync(tunnel.Client, tunnel.Server, "still"u8.ToArray(), name);
            await HostileTunnel.ShouldPassAsync(tunnel.Server, tunnel.Client, "here"u8.ToArray(), name);
            await tunnel.DisposeAsync();
        }
    }

    [Fact]
    public async Task T29_A_portforward_that_is_idle_for_ten_minutes_lives()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("FAIRLEAD_SOAK") is "1", "takes ten minutes; FAIRLEAD_SOAK=1 runs it. The same with short bounds runs always");
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        var tunnels = new List<(string Name, HostileTunnel Tunnel)>();
        foreach (var (way, isSpdy) in HostileTunnel.Ways)
        {
            tunnels.Add(($"{way}, SPDY {isSpdy}", await HostileTunnel.OpenAsync(world, way, isSpdy, Forward)));
        }

        await Task.Delay(TimeSpan.FromMinutes(10));

        foreach (var (name, tunnel) in tunnels)
        {
            await HostileTunnel.ShouldPassAsync(tunnel.Client, tunnel.Server, "still"u8.ToArray(), name);
            await HostileTunnel.ShouldPassAsync(tunnel.Server, tunnel.Client, "here"u8.ToArray(), name);
            await tunnel.DisposeAsync();
        }
    }

    /// <summary>Every bound that is configured, short.</summary>
    internal static GatewayOptions Short(GatewayOptions options) => options with
    {
        Timeouts = options.Timeouts with { Connect = _bound, ResponseHeaders = _bound, Idle = _bound },
        ServiceProxy = options.ServiceProxy with { HeadersTimeout = _bound },
    };

    /// <summary>Waits for that many records of requests that went upstream, and looks at how they ended.</summary>
    internal static async Task ShouldBeAuditedAsync(HostileWorld world, int count, Func<string, bool> isIt)
    {
        IReadOnlyList<JsonElement> records = [];
        await Eventually.BeTrueAsync(
            async () => (records = [.. (await world.ReadAuditAsync()).Where(static record => !record.GetProperty("requestURI").GetString()!.StartsWith("/auth/", StringComparison.Ordinal))]).Count >= count,
            $"{count} audit records");
        records.Should().HaveCount(count, "one record for each");
        records.Select(static record => record.GetProperty("annotations").GetProperty("fairlead.dev/outcome").GetString()!).Should().OnlyContain(outcome => isIt(outcome));
    }

    /// <summary>Writes until there is no room or nobody there any more.</summary>
    private static async Task<long> FloodAsync(Stream stream, WrittenBytes? written = null)
    {
        await Task.Yield();
        written ??= new WrittenBytes();
        var piece = new byte[Piece];
        try
        {
            while (written.Value < Much)
            {
                await stream.WriteAsync(piece);
                written.Add(Piece);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The far side has gone, as it was to.
        }

        return written.Value;
    }
}
