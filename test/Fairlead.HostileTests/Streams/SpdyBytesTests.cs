using System.Buffers.Binary;
using System.IO.Compression;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.HostileTests.Streams;

/// <summary>SPDY/3.1 that means harm: the gateway reads none of it, so that nothing of it can be believed.</summary>
[Collection(MemoryTests.Name)]
public sealed class SpdyBytesTests
{
    private static readonly IReadOnlyList<(HostileWay Way, bool IsSpdy)> _ways = [.. HostileTunnel.Ways.Where(static one => one.IsSpdy)];

    private static (string Name, byte[] Bytes)[] Frames { get; } =
    [
        ("SETTINGS with 2^31 entries", Control(4, 0, Number(0x8000_0000))),
        ("SETTINGS that are cut", Control(4, 0, Number(1))),
        ("SYN_STREAM with 2^31 headers", Control(1, 0, [.. Number(1), .. Number(0), 0, 0, .. Packed(Number(0x8000_0000))])),
        ("SYN_STREAM with a name of 2^31 bytes", Control(1, 0, [.. Number(3), .. Number(0), 0, 0, .. Packed([.. Number(1), .. Number(0x8000_0000)])])),
        ("a zlib bomb for headers", Control(1, 0, [.. Number(5), .. Number(0), 0, 0, .. Packed(new byte[32 * 1024 * 1024])])),
        ("headers that are not packed", Control(1, 0, [.. Number(7), .. Number(0), 0, 0, 1, 2, 3])),
        ("data for a stream that is none", [0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 4, 1, 2, 3, 4]),
        ("data longer than it is", [0, 0, 0, 1, 0, 0xFF, 0xFF, 0xFF]),
        ("RST_STREAM and GOAWAY of nothing", [.. Control(3, 0, [.. Number(9), .. Number(1)]), .. Control(7, 0, [.. Number(0), .. Number(0)])]),
        ("window of 2^31", Control(9, 0, [.. Number(1), .. Number(0xFFFF_FFFF)])),
        ("another version", [0x80, 0xFF, 0, 1, 0, 0, 0, 0]),
        ("HTTP in the middle", "GET /stolen HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray()),
    ];

    [Fact]
    public async Task T28_No_frame_is_changed_held_back_or_the_end_of_the_connection()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var (way, _) in _ways)
        {
            foreach (var subresource in new[] { "exec?command=sh", "attach", "portforward" })
            {
                await using var tunnel = await HostileTunnel.OpenAsync(world, way, isSpdy: true, "/api/v1/namespaces/n/pods/x/" + subresource);
                var mark = world.Mark();
                foreach (var (name, bytes) in Frames)
                {
                    await HostileTunnel.ShouldPassAsync(tunnel.Client, tunnel.Server, bytes, $"{way}: {name}, from the client");
                    await HostileTunnel.ShouldPassAsync(tunnel.Server, tunnel.Client, bytes, $"{way}: {name}, from the upstream");
                }

                tunnel.Upstream.IsOpen.Should().BeTrue(way.ToString());
                world.SentSince(mark).Should().BeEmpty("{0}: what stands in a tunnel is no request", way);
            }
        }
    }

    [Fact]
    public async Task T28_100_000_streams_pass_and_none_is_kept()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        var streams = new byte[100_000 * 18];
        for (var i = 0; i < 100_000; i++)
        {
            Control(1, 0, [.. Number((uint)((2 * i) + 1)), .. Number(0), 0, 0]).CopyTo(streams, i * 18);
        }

        foreach (var (way, _) in _ways)
        {
            await using var tunnel = await HostileTunnel.OpenAsync(world, way, isSpdy: true);
            var before = GC.GetTotalMemory(forceFullCollection: true);

            await HostileTunnel.ShouldPassAsync(tunnel.Client, tunnel.Server, streams, way.ToString());

            // None of the streams is ever closed; the connection stays, and what it holds does not grow with them.
            (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(MemoryTests.Growth / 3, way.ToString());
            tunnel.Upstream.IsOpen.Should().BeTrue(way.ToString());
        }
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http11Tls)]
    public async Task T28_A_stream_without_end_gathers_nowhere(WireProtocol protocol)
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var door in Enum.GetValues<DoorName>())
        {
            var way = new HostileWay(door, protocol, LoginName.Bearer);
            await using var tunnel = await HostileTunnel.OpenAsync(world, way, isSpdy: true);
            var pieces = door is DoorName.Cluster ? 1664 : 104;
            await WebSocketBytesTests.EndlessAsync(tunnel.Client, tunnel.Server, pieces, $"{way}, from the client");
            await WebSocketBytesTests.EndlessAsync(tunnel.Server, tunnel.Client, pieces, $"{way}, from the upstream");
        }
    }

    private static byte[] Control(ushort type, byte flags, byte[] payload) =>
        [0x80, 3, (byte)(type >> 8), (byte)type, flags, (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];

    private static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Packed(byte[] headers)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(headers);
        }

        return packed.ToArray();
    }
}
