using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Recording;

/// <summary>What cannot be recorded: refused or ended where a recording is required, and let pass with a note where it is not.</summary>
public sealed class RequiredRecordingTests
{
    public static MatrixTheoryData<EitherDoor, WireProtocol> Ways { get; } = new(Enum.GetValues<EitherDoor>(), WireClient.Protocols);

    public static MatrixTheoryData<EitherDoor, WireProtocol> Http11Ways { get; } = new(Enum.GetValues<EitherDoor>(), [WireProtocol.Http11, WireProtocol.Http11Tls]);

    [Theory]
    [MemberData(nameof(Http11Ways))]
    public async Task T30_SPDY_is_refused_with_what_to_do_instead(EitherDoor door, WireProtocol protocol)
    {
        await using var world = await RecordingWorld.StartAsync();
        foreach (var subresource in (string[])["exec?command=sh", "attach"])
        {
            await using var client = await world.ConnectAsync(protocol);

            var response = await (await client.SendAsync(door.Request(SpdyHandshake.Request("/api/v1/namespaces/team/pods/web/" + subresource)))).ReadToEndAsync();

            door.ShouldRefuse(response, 403, "NotAllowedError", "Forbidden", "use kubectl 1.31 or newer, or set KUBECTL_REMOTE_COMMAND_WEBSOCKETS=true");
        }

        world.Upstream.Requests.Should().BeEmpty();
        world.Files.Should().BeEmpty();
        var records = await AuditEvents.ReadAsync(world.AuditFile, 2);
        records.Should().OnlyContain(static record => record.Annotation("outcome") == "Refused/RecordingRequired" && record.Annotation("decided-by") == "recording");
    }

    [Theory]
    [MemberData(nameof(Http11Ways))]
    public async Task SPDY_passes_with_a_note_where_no_recording_is_required(EitherDoor door, WireProtocol protocol)
    {
        await using var world = await RecordingWorld.StartAsync(NotRequired);
        world.Upstream.OnConnection(static async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(SpdyHandshake.Accept());
            await connection.PeerClosed;
        });
        await using var client = await world.ConnectAsync(protocol);

        (await client.SendAsync(door.Request(SpdyHandshake.Request("/api/v1/namespaces/team/pods/web/exec?command=sh")))).Status.Should().Be(101);

        (await AuditEvents.ReadAsync(world.AuditFile, 1, AuditEvents.Started)).Single().Annotation("not-recorded").Should().Be("SPDY");
        world.Files.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task T30_T114_A_recording_that_cannot_begin_refuses_the_session_before_anything_is_sent(EitherDoor door, WireProtocol protocol)
    {
        await using var world = await RecordingWorld.StartAsync(NoFolder);
        await using var client = await world.ConnectAsync(protocol);

        var response = await (await client.UpgradeAsync(door.Request(RawRequest.WebSocket(RecordingWorld.Exec, "v5.channel.k8s.io")))).ReadToEndAsync();

        door.ShouldRefuse(response, 403, "NotAllowedError", "Forbidden", "recordings cannot be written now");
        if (protocol is not WireProtocol.Http2Tls)
        {
            await using var old = await world.ConnectAsync(protocol);
            var spdy = await (await old.SendAsync(door.Request(SpdyHandshake.Request(RecordingWorld.Exec)))).ReadToEndAsync();
            door.ShouldRefuse(spdy, 403, "NotAllowedError", "Forbidden", "recordings cannot be written now");
        }

        world.Upstream.Requests.Should().BeEmpty();
        world.Gateway.Log.Count(810).Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task A_recording_that_cannot_begin_is_noted_where_none_is_required()
    {
        await using var world = await RecordingWorld.StartAsync(static options => NoFolder(NotRequired(options)));
        await using var client = await world.ConnectAsync(WireProtocol.Http11);

        var response = await client.UpgradeAsync(EitherDoor.Cluster.Request(RawRequest.WebSocket(RecordingWorld.Exec, "v5.channel.k8s.io")));
        await RecordingWorld.TalkAsync(response, isBase64: false);

        (await AuditEvents.ReadAsync(world.AuditFile, 1)).Single().Annotation("not-recorded").Should().Be("the recording could not be begun");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task T30_T114_A_recording_that_fails_on_the_way_ends_the_session_with_a_Close_frame(EitherDoor door, WireProtocol protocol)
    {
        await using var world = await RecordingWorld.StartAsync(static options => options with { MaxSize = 4096 });
        world.Upstream.OnConnection(FloodAsync);
        await using var client = await world.ConnectAsync(protocol);
        var response = await client.UpgradeAsync(door.Request(RawRequest.WebSocket(RecordingWorld.Exec, "v5.channel.k8s.io")));

        var got = new List<WebSocketFrame> { await FirstAsync(response) };
        while (await WebSocketFrames.ReadAsync(response.Duplex) is { } frame)
        {
            got.Add(frame);
            if (frame.Opcode is WebSocketOpcode.Close)
            {
                await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfClose());
            }
        }

        got[^1].Opcode.Should().Be(WebSocketOpcode.Close);
        got[^1].CloseCode.Should().Be(1008);
        got[^1].CloseReason.Should().Contain("can no longer be recorded");
        var record = (await AuditEvents.ReadAsync(world.AuditFile, 1)).Single();
        record.Annotation("outcome").Should().Be("Revoked");
        record.Annotation("ended-by").Should().StartWith("RecordingUnavailable");
        record.Annotation("not-recorded").Should().Contain("failed before");
        var shown = string.Concat(got.SkipLast(1).Select(static frame => System.Text.Encoding.UTF8.GetString(frame.Payload[1..])));
        RecordingWorld.TextOf(world.Files.Single(), "o").Should().StartWith(shown, "nobody has seen what is not recorded");
        shown.Should().StartWith("first");
    }

    [Fact]
    public async Task A_recording_that_fails_on_the_way_ends_alone_where_none_is_required()
    {
        await using var world = await RecordingWorld.StartAsync(static options => NotRequired(options) with { MaxSize = 4096 });
        world.Upstream.OnConnection(FloodAsync);
        await using var client = await world.ConnectAsync(WireProtocol.Http11);
        var response = await client.UpgradeAsync(EitherDoor.Cluster.Request(RawRequest.WebSocket(RecordingWorld.Exec, "v5.channel.k8s.io")));

        await FirstAsync(response);
        for (var i = 0; i < 200; i++)
        {
            (await WebSocketFrames.ReadAsync(response.Duplex))!.Opcode.Should().Be(WebSocketOpcode.Binary);
        }

        world.Gateway.Log.Count(811).Should().Be(1);
        RecordingWorld.Lines(world.Files.Single()).Should().NotBeEmpty("what there is can be played");
    }

    [Theory]
    [InlineData("v6.channel.k8s.io", null)]
    [InlineData("v5.channel.k8s.io", "permessage-deflate")]
    public async Task T30_A_sub_protocol_or_extension_that_nobody_knows_ends_the_session_before_it_begins(string subProtocol, string? extensions)
    {
        await using var world = await RecordingWorld.StartAsync(protocol: subProtocol, extensions: extensions);
        foreach (var protocol in WireClient.Protocols)
        {
            await using var client = await world.ConnectAsync(protocol);

            var response = await (await client.UpgradeAsync(EitherDoor.Cluster.Request(RawRequest.WebSocket(RecordingWorld.Exec, subProtocol)))).ReadToEndAsync();

            EitherDoor.Cluster.ShouldRefuse(response, 403, "NotAllowedError", "Forbidden", "not known here");
        }

        world.Files.Should().BeEmpty();
    }

    [Theory]
    [InlineData("GET", "/api/v1/nodes/n/proxy/metrics")]
    [InlineData("POST", "/api/v1/nodes/https:n:10250/proxy/run/team/web/main?cmd=id")]
    [InlineData("GET", "/api/v1/proxy/nodes/n/exec/team/web/main?command=id")]
    public async Task T30_Nothing_passes_to_a_kubelet_where_sessions_have_to_be_recorded(string method, string path)
    {
        await using var world = await RecordingWorld.StartAsync();
        foreach (var door in Enum.GetValues<EitherDoor>())
        {
            var response = await RawClient.ExchangeAsync(world.Gateway.Port, door.Request(new RawRequest(method, path)));

            door.ShouldRefuse(response, 403, "NotAllowedError", "Forbidden", "nodes/proxy");
        }

        world.Upstream.Requests.Should().BeEmpty();
    }

    private static RecordingOptions NotRequired(RecordingOptions options) => options with { Rules = [RecordingRule.Everything with { IsRequired = false }] };

    // A folder in a device is one that nobody can make, root neither.
    private static RecordingOptions NoFolder(RecordingOptions options) => options with { Folder = "/dev/null/recordings" };

    /// <summary>Reads what comes first, and asks for more.</summary>
    private static async Task<WebSocketFrame> FirstAsync(RawResponse response)
    {
        var first = await WebSocketFrames.ReadAsync(response.Duplex);
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfChannel(0, "more"));
        return first!;
    }

    private static async Task FloodAsync(RawUpstreamConnection connection)
    {
        if (await connection.ReadForwardedAsync() is { } handshake)
        {
            await connection.WriteAsync(WebSocketHandshake.Accept(handshake, "v5.channel.k8s.io"));
            await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfChannel(1, "first"));
            await WebSocketFrames.ReadAsync(connection.Duplex);
            for (var i = 0; i < 200; i++)
            {
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfChannel(1, new string('x', 100)));
            }

            await connection.PeerClosed;
        }
    }
}
