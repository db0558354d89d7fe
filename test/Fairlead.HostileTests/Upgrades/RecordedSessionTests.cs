using System.Text;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.HostileTests.Faults;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Upgrades;

/// <summary>T30: a session that has to be recorded is recorded or refused, however it is asked for.</summary>
public sealed class RecordedSessionTests
{
    private const string Pod = "/api/v1/namespaces/n/pods/p/";

    /// <summary>Every spelling of the row, and what becomes of it: the status of the refusal, or 0 for a recording.</summary>
    private static readonly (string Target, int Refused)[] _spellings =
    [
        (Pod + "exec?command=sh&stdin=true&tty=true", 0),
        (Pod + "exec?follow", 0),
        (Pod + "exec?follow=1&watch=1", 0),
        (Pod + "exec/", 0),
        (Pod + "%65xec?command=sh", 0),
        (Pod + "%65%78%65%63", 0),
        (Pod + "exec/and/more", 0),
        ("/%61pi/v1/namespaces/n/pods/p/exec", 0),
        ("/api/v1/watch/namespaces/n/pods/p/exec", 0),
        (Pod + "attach", 0),
        (Pod + "attach?container=debugger-x7k2&stdin=true&tty=true", 0),
        ("//api/v1/namespaces/n/pods/p/exec", 400),
        ("/api//v1/namespaces/n/pods/p/exec", 400),
        (Pod + "/exec", 400),
        (Pod + "./exec", 400),
        (Pod + "x/../exec", 400),
        (Pod + "%2e/exec", 400),
        ("/api/v1/namespaces/n/pods/p%2Fexec", 400),
        (Pod + "exec%2F", 400),
        ("/api/v1/nodes/n/proxy/exec/n/p/c?command=sh", 403),
        ("/api/v1/nodes/https:n:10250/proxy/exec/n/p/c?command=sh", 403),
        ("/api/v1/proxy/nodes/n/exec/n/p/c?command=sh", 403),
    ];

    private static IEnumerable<HostileWay> Ways => HostileWays.All.Where(static way => way.Door is not DoorName.Service);

    [Fact]
    public async Task T30_A_WebSocket_session_is_recorded_or_refused_however_it_is_spelled()
    {
        using var folder = new TempFolder();
        await using var world = await StartAsync(folder.Path);
        var number = 0;
        foreach (var way in Ways)
        {
            foreach (var (target, refused) in _spellings)
            {
                var (mark, marker) = (world.Mark(), $"marker-{number++}.");
                world.Upstream.OnConnection(connection => SayAsync(connection, marker));
                await using var client = await world.ConnectAsync(way);
                var because = $"{way} {target}".Replace("{", "", StringComparison.Ordinal);

                var response = await client.UpgradeAsync(world.Request(way, RawRequest.WebSocket(target, "v5.channel.k8s.io")));

                if (refused > 0)
                {
                    world.ShouldBeRefused(way, await response.ReadToEndAsync(), refused, mark, target);
                    continue;
                }

                response.Status.Should().Be(way.IsHttp2 ? 200 : 101, because);
                Encoding.UTF8.GetString((await WebSocketFrames.ReadAsync(response.Duplex))!.Payload[1..]).Should().Be(marker, because);
                Directory.EnumerateFiles(folder.Path, "*.cast", SearchOption.AllDirectories).Count(file => ReadText(file).Contains(marker, StringComparison.Ordinal)).Should().Be(1, "what was seen is recorded: " + because);
            }
        }
    }

    [Fact]
    public async Task T30_A_SPDY_session_is_refused_however_it_is_spelled()
    {
        using var folder = new TempFolder();
        await using var world = await StartAsync(folder.Path);
        foreach (var way in Ways.Where(static way => !way.IsHttp2))
        {
            foreach (var (target, refused) in _spellings)
            {
                var mark = world.Mark();

                var response = await world.SendAsync(way, SpdyHandshake.Request(target));

                world.ShouldBeRefused(way, response, refused > 0 ? refused : 403, mark, target);
            }
        }

        Directory.EnumerateFiles(folder.Path, "*.cast", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Fact]
    public async Task T30_T114_Without_its_recorder_no_session_begins_however_it_is_spelled()
    {
        await using var world = await StartAsync("/dev/null/recordings");
        foreach (var way in Ways)
        {
            foreach (var (target, refused) in _spellings)
            {
                var mark = world.Mark();
                await using var client = await world.ConnectAsync(way);

                var response = await (await client.UpgradeAsync(world.Request(way, RawRequest.WebSocket(target, "v5.channel.k8s.io")))).ReadToEndAsync();

                world.ShouldBeRefused(way, response, refused > 0 ? refused : 403, mark, target);
            }
        }
    }

    [Fact]
    public async Task T30_T114_A_disk_that_fills_up_ends_the_session_and_lets_none_begin_until_it_has_room()
    {
        FaultyWorld.SkipUnlessThere("prlimit");
        using var folder = new TempFolder();
        var go = new TaskCompletionSource();
        await using var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            if (await connection.ReadForwardedAsync() is { } handshake)
            {
                await connection.WriteAsync(WebSocketHandshake.Accept(handshake, "v5.channel.k8s.io"));
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfChannel(1, "first"));
                await go.Task;
                for (var i = 0; i < 300; i++)
                {
                    await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfChannel(1, new string('x', 100)));
                }

                await connection.PeerClosed;
            }
        });
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", upstream.Url)], $"recording: {{ folder: '{folder.Path}' }}", audit: "/dev/null");
        await using var client = await RawClient.ConnectAsync(world.Port);
        var response = await client.SendAsync(Session());
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Payload.Should().Equal([1, .. "first"u8]);

        await LimitAsync(world, "10000");
        go.SetResult();
        var last = await WebSocketFrames.ReadAsync(response.Duplex);
        while (last is { Opcode: WebSocketOpcode.Binary })
        {
            last = await WebSocketFrames.ReadAsync(response.Duplex);
        }

        last!.Opcode.Should().Be(WebSocketOpcode.Close);
        last.CloseCode.Should().Be(1008);
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfClose());
        await LimitAsync(world, "10");
        FaultyWorld.ShouldBeRefused(await RawClient.ExchangeAsync(world.Port, Session()), 403);
        upstream.Requests.Should().ContainSingle();
        await LimitAsync(world, "unlimited");
        await using var again = await RawClient.ConnectAsync(world.Port);
        (await again.SendAsync(Session())).Status.Should().Be(101);
        Testing.Gateways.AuditEvents.Parse(ReadText(Directory.EnumerateFiles(folder.Path, "*.cast", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First())).Should().HaveCountGreaterThan(1, "a player finds no half line");
    }

    private static RawRequest Session()
    {
        var request = RawRequest.WebSocket(Pod + "exec?command=sh", "v5.channel.k8s.io");
        return (request with { Target = "/clusters/a" + request.Target }).WithBearer(Testing.Gateways.TestGateway.Token);
    }

    private static Task<HostileWorld> StartAsync(string folder) => HostileWorld.StartAsync(options => options with { Recording = new RecordingOptions { Folder = folder } });

    private static async Task SayAsync(RawUpstreamConnection connection, string marker)
    {
        if (await connection.ReadForwardedAsync() is { } handshake)
        {
            await connection.WriteAsync(WebSocketHandshake.Accept(handshake, "v5.channel.k8s.io"));
            await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfChannel(1, marker));
            await connection.PeerClosed;
        }
    }

    private static string ReadText(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static async Task LimitAsync(FaultyWorld world, string limit) => (await ProcessRunner.RunAsync(
        "prlimit", ["--pid", world.Gateway.Process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), $"--fsize={limit}:unlimited"])).Succeeded();
}
