using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;

namespace Fairlead.HostileTests.Streams;

/// <summary>An upgraded connection through the gateway, and both of its ends.</summary>
internal sealed class HostileTunnel : IAsyncDisposable
{
    /// <summary>A command in a pod; at the service door a path like any other.</summary>
    public const string Exec = "/api/v1/namespaces/n/pods/x/exec?command=sh";

    private readonly Func<ValueTask> _dispose;

    private HostileTunnel(WireClient client, RawResponse response, RawUpstreamConnection upstream, Func<ValueTask> dispose)
    {
        Caller = client;
        Response = response;
        Upstream = upstream;
        _dispose = dispose;
    }

    /// <summary>The client's connection.</summary>
    public WireClient Caller { get; }

    /// <summary>The answer to the handshake.</summary>
    public RawResponse Response { get; }

    /// <summary>What the client sends and gets.</summary>
    public Stream Client => Response.Duplex;

    /// <summary>The upstream's connection.</summary>
    public RawUpstreamConnection Upstream { get; }

    /// <summary>What the upstream sends and gets.</summary>
    public Stream Server => Upstream.Duplex;

    /// <summary>The ways with the upgrades that there are on them: no HTTP/2 client speaks SPDY.</summary>
    public static IReadOnlyList<(HostileWay Way, bool IsSpdy)> Ways { get; } =
        [.. HostileWays.All.SelectMany(static way => way.IsHttp2 ? new[] { (way, false) } : [(way, false), (way, true)])];

    /// <summary>Has the upstream accept every upgrade, and leave the rest to the test.</summary>
    public static void Accept(HostileWorld world) => world.Upstream.OnConnection(static async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            if (request.Header("Upgrade") is not { } upgrade)
            {
                await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
                continue;
            }

            await connection.WriteAsync(upgrade is "SPDY/3.1" ? SpdyHandshake.Accept() : WebSocketHandshake.Accept(request));
            await connection.PeerClosed;
            return;
        }
    });

    /// <summary>Opens one. The upstream has to <see cref="Accept"/>.</summary>
    public static async Task<HostileTunnel> OpenAsync(HostileWorld world, HostileWay way, bool isSpdy = false, string target = Exec)
    {
        var mark = world.Mark();
        var client = await world.ConnectAsync(way);
        var handshake = world.Request(way, isSpdy ? SpdyHandshake.Request(target) : RawRequest.WebSocket(target));
        var response = isSpdy ? await client.SendAsync(handshake) : await client.UpgradeAsync(handshake);
        response.Status.Should().Be(way.IsHttp2 ? 200 : 101, "{0}, SPDY {1}: {2}", way, isSpdy, response);
        var seen = world.SentSince(mark).Single(request => string.Equals(request.Target, target, StringComparison.Ordinal));
        return new HostileTunnel(client, response, seen.Connection, client.DisposeAsync);
    }

    /// <summary>Sends bytes from one end, and compares what arrives at the other.</summary>
    public static async Task ShouldPassAsync(Stream from, Stream to, byte[] bytes, string reason, int piece = int.MaxValue)
    {
        var writing = Task.Run(async () =>
        {
            foreach (var part in bytes.Chunk(Math.Min(piece, 64 * 1024)))
            {
                await from.WriteAsync(part);
            }
        });
        var arrived = new byte[bytes.Length];
        await to.ReadExactlyAsync(arrived);
        await writing;
        arrived.AsSpan().SequenceEqual(bytes).Should().BeTrue(reason);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _dispose();
}
