using System.IO.Compression;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.HostileTests.Streams;

/// <summary>Frames that no WebSocket may have. The gateway follows where frames end and passes on what it gets; both ends have to see to themselves.</summary>
[Collection(MemoryTests.Name)]
public sealed class WebSocketBytesTests
{
    private const int Piece = 64 * 1024;
    private const int Pieces = 1664;

    /// <summary>By name, as a client would send them.</summary>
    private static (string Name, byte[] Bytes)[] Frames { get; } =
    [
        ("unmasked", [0x81, 2, (byte)'h', (byte)'i']),
        ("masked", [0x81, 0x82, 1, 2, 3, 4, (byte)'h' ^ 1, (byte)'i' ^ 2]),
        ("reserved bits", [0xF1, 0x80, 0, 0, 0, 0]),
        ("reserved opcodes", [0x83, 0x80, 0, 0, 0, 0, 0x8B, 0x80, 0, 0, 0, 0, 0x8F, 0]),
        ("length in too many bytes", [0x82, 0xFE, 0, 1, 0, 0, 0, 0, 7, 0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 7]),
        ("fragmented control frame", [0x09, 0x81, 0, 0, 0, 0, 1, 0x80, 0x81, 0, 0, 0, 0, 2]),
        ("ping of 64 KiB", [0x89, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. new byte[64 * 1024]]),
        ("continuation of nothing", [0x80, 0x83, 0, 0, 0, 0, 1, 2, 3]),
        ("text that is none", [0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28]),
        ("compression bomb", Bomb()),
        ("close without a code", [0x88, 0x80, 0, 0, 0, 0]),
        ("close of one byte", [0x88, 0x81, 0, 0, 0, 0, 3]),
        ("close with a reserved code", [0x88, 0x82, 0, 0, 0, 0, 3, 0xED]),
        ("close with text that is none", [0x88, 0x84, 0, 0, 0, 0, 3, 0xE8, 0xC3, 0x28]),
        ("close of 64 KiB", [0x88, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. new byte[64 * 1024]]),
        ("after the close", [0x82, 0x81, 0, 0, 0, 0, 1]),
        // The last, since nothing after it begins a frame.
        ("length 2^63", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]),
        ("length 2^64-1", [0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4, 5]),
    ];

    [Fact]
    public async Task T27_No_frame_is_changed_held_back_or_the_end_of_the_connection()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var way in HostileWays.All)
        {
            await using var tunnel = await HostileTunnel.OpenAsync(world, way);
            foreach (var (name, bytes) in Frames)
            {
                await HostileTunnel.ShouldPassAsync(tunnel.Client, tunnel.Server, bytes, $"{way}: {name}, from the client");
                await HostileTunnel.ShouldPassAsync(tunnel.Server, tunnel.Client, bytes, $"{way}: {name}, from the upstream");
            }

            tunnel.Upstream.IsOpen.Should().BeTrue(way.ToString());
        }
    }

    [Fact]
    public async Task T27_Every_frame_stands_alone_at_the_beginning_of_a_connection_too()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var way in HostileWays.Bearer)
        {
            foreach (var (name, bytes) in Frames)
            {
                await using var tunnel = await HostileTunnel.OpenAsync(world, way);
                await HostileTunnel.ShouldPassAsync(tunnel.Server, tunnel.Client, bytes, $"{way}: {name}, from the upstream");
                await HostileTunnel.ShouldPassAsync(tunnel.Client, tunnel.Server, bytes, $"{way}: {name}, from the client");
            }
        }
    }

    [Fact]
    public async Task T27_Headers_of_frames_pass_byte_by_byte()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        byte[] frame = [0x82, 0xFE, 0, 130, 9, 8, 7, 6, .. new byte[130]];
        foreach (var way in HostileWays.All)
        {
            await using var tunnel = await HostileTunnel.OpenAsync(world, way);
            var one = new byte[1];

            // The next byte is sent only when the one before has arrived.
            foreach (var (from, to) in new[] { (tunnel.Client, tunnel.Server), (tunnel.Server, tunnel.Client) })
            {
                foreach (var value in frame)
                {
                    await from.WriteAsync(new[] { value });
                    await to.ReadExactlyAsync(one);
                    one[0].Should().Be(value, way.ToString());
                }
            }
        }
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http11Tls)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task T27_An_endless_frame_gathers_nowhere(WireProtocol protocol)
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var door in Enum.GetValues<DoorName>())
        {
            var way = new HostileWay(door, protocol, LoginName.Session);
            await using var tunnel = await HostileTunnel.OpenAsync(world, way);
            byte[] head = [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4];
            await HostileTunnel.ShouldPassAsync(tunnel.Client, tunnel.Server, head, way.ToString());
            await HostileTunnel.ShouldPassAsync(tunnel.Server, tunnel.Client, head, way.ToString());

            // All of it on one way, and enough for the direction to show on the others.
            var pieces = door is DoorName.Cluster ? Pieces : Pieces / 16;
            await EndlessAsync(tunnel.Client, tunnel.Server, pieces, $"{way}, from the client");
            await EndlessAsync(tunnel.Server, tunnel.Client, pieces, $"{way}, from the upstream");
        }
    }

    /// <summary>Streams that many pieces; the process may not grow by what they hold.</summary>
    internal static async Task EndlessAsync(Stream from, Stream to, int pieces, string reason)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var piece = new byte[Piece];
        var read = new byte[Piece];
        for (var i = 0; i < pieces; i++)
        {
            var writing = from.WriteAsync(piece).AsTask();
            await to.ReadExactlyAsync(read);
            await writing;
            if (i % 400 == 399)
            {
                (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(MemoryTests.Growth, reason);
            }
        }

        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(MemoryTests.Growth, reason);
    }

    /// <summary>A compressed message (RFC 7692) of a few kilobytes that would unpack to 16 MiB.</summary>
    private static byte[] Bomb()
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(new byte[16 * 1024 * 1024]);
        }

        var length = (int)packed.Length;
        return [0xC2, 0xFF, 0, 0, 0, 0, 0, (byte)(length >> 16), (byte)(length >> 8), (byte)length, 0, 0, 0, 0, .. packed.ToArray()];
    }
}
