using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Recording;

public sealed class RecordedSessionTests
{
    private const string Shown = "hellöoops!<typed><exit>";

    public static MatrixTheoryData<EitherDoor, WireProtocol> Ways { get; } = new(Enum.GetValues<EitherDoor>(), WireClient.Protocols);

    public static MatrixTheoryData<string, WireProtocol> SubProtocols { get; } = new(
        ["", "channel.k8s.io", "v4.channel.k8s.io", "v5.channel.k8s.io", "base64.channel.k8s.io", "v4.base64.channel.k8s.io"], [WireProtocol.Http11, WireProtocol.Http2Tls]);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task T30_A_session_is_recorded_as_it_was_seen_and_without_what_was_typed(EitherDoor door, WireProtocol protocol)
    {
        await using var world = await RecordingWorld.StartAsync();
        await using var client = await world.ConnectAsync(protocol);

        var response = await client.UpgradeAsync(door.Request(RawRequest.WebSocket(RecordingWorld.Exec, "v5.channel.k8s.io")));
        response.Status.Should().Be(protocol is WireProtocol.Http2Tls ? 200 : 101);
        var got = await RecordingWorld.TalkAsync(response, isBase64: false);

        got.Count(static frame => frame.Opcode is WebSocketOpcode.Close).Should().Be(1);
        var records = await AuditEvents.ReadAsync(world.AuditFile, 1);
        var file = world.Files.Should().ContainSingle().Subject;
        RecordingWorld.TextOf(file, "o").Should().Be(Shown);
        RecordingWorld.TextOf(file, "i").Should().BeEmpty("passwords are typed");
        var lines = RecordingWorld.Lines(file);
        (lines[0].GetProperty("width").GetRawText() + "x" + lines[0].GetProperty("height").GetRawText() + RecordingWorld.TextOf(file, "r"))
            .Should().EndWith("100x30", "a size that comes before all output is in the head");
        lines.Skip(1).Select(static line => line[0].GetDouble()).Should().BeInAscendingOrder();
        var header = lines[0];
        header.GetProperty("version").GetInt32().Should().Be(2);
        header.GetProperty("title").GetString().Should().Be("exec team/web (main) on config/kind by portal-caller");
        header.GetProperty("env").GetProperty("FAIRLEAD_POD").GetString().Should().Be("web");
        (await File.ReadAllTextAsync(file)).Should().NotContain("SENTINEL", "a command may hold a password").And.NotContain("Success");

        var record = records.Single();
        file.Should().EndWith(record.Annotation("recording"));
        record.Annotation("recording").Should().Contain(record.GetProperty("auditID").GetString());
        header.GetProperty("env").GetProperty("FAIRLEAD_AUDIT_ID").GetString().Should().Be(record.GetProperty("auditID").GetString());
        record.Annotation("outcome").Should().Be("Complete");
        AuditEvents.In(world.AuditFile, AuditEvents.Started).Single().Annotation("recording").Should().Be(record.Annotation("recording"), "it can be looked at while it goes on");
    }

    [Theory]
    [MemberData(nameof(SubProtocols))]
    public async Task T30_Every_sub_protocol_is_recorded_in_the_same_way(string subProtocol, WireProtocol protocol)
    {
        await using var world = await RecordingWorld.StartAsync(static options => options with { Input = true }, subProtocol.Length == 0 ? null : subProtocol);
        await using var client = await world.ConnectAsync(protocol);
        var handshake = subProtocol.Length == 0 ? RawRequest.WebSocket(RecordingWorld.Exec) : RawRequest.WebSocket(RecordingWorld.Exec, subProtocol);

        var response = await client.UpgradeAsync(EitherDoor.Cluster.Request(handshake));
        await RecordingWorld.TalkAsync(response, subProtocol.Contains("base64", StringComparison.Ordinal), isWhole: true);

        await AuditEvents.ReadAsync(world.AuditFile, 1);
        var file = world.Files.Should().ContainSingle().Subject;
        RecordingWorld.TextOf(file, "o").Should().Be(Shown);
        RecordingWorld.TextOf(file, "i").Should().Be("typedexit");
        RecordingWorld.Lines(file)[0].GetProperty("command").GetString().Should().Be("sh SENTINEL", "with the input comes the command");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task T30_Input_in_fragments_which_a_cluster_reads_otherwise_is_not_taken_for_recorded(bool isRequired)
    {
        await using var world = await RecordingWorld.StartAsync(options => options with { Input = true, Rules = [.. options.Rules.Select(rule => rule with { IsRequired = isRequired })] });
        await using var client = await world.ConnectAsync(WireProtocol.Http11);

        var response = await client.UpgradeAsync(EitherDoor.Cluster.Request(RawRequest.WebSocket(RecordingWorld.Exec, "v5.channel.k8s.io")));
        try
        {
            await RecordingWorld.TalkAsync(response, isBase64: false);
        }
        catch (IOException) when (isRequired)
        {
            // The gateway has ended it while something was still being typed.
        }

        var record = (await AuditEvents.ReadAsync(world.AuditFile, 1)).Single();
        record.Annotation("outcome").Should().Be(isRequired ? "Revoked" : "Complete");
        record.Annotation("not-recorded").Should().NotBeNullOrEmpty();
        RecordingWorld.TextOf(world.Files.Should().ContainSingle().Subject, "i").Should().BeEmpty();
    }

    [Theory]
    [InlineData("attach")]
    [InlineData("exec")]
    public async Task T30_Attaching_is_a_session_too_be_it_to_an_ephemeral_container(string subresource)
    {
        await using var world = await RecordingWorld.StartAsync();
        await using var client = await world.ConnectAsync(WireProtocol.Http11);

        var response = await client.UpgradeAsync(EitherDoor.Cluster.Request(RawRequest.WebSocket($"/api/v1/namespaces/team/pods/web/{subresource}?container=debugger-x1&stdin=true&tty=true", "v5.channel.k8s.io")));
        await RecordingWorld.TalkAsync(response, isBase64: false);

        await AuditEvents.ReadAsync(world.AuditFile, 1);
        RecordingWorld.TextOf(world.Files.Single(), "o").Should().Be(Shown);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task T30_Bytes_pass_as_they_are_recorded_or_not(EitherDoor door, WireProtocol protocol)
    {
        var all = new List<byte[]>();
        foreach (var isRecorded in (bool[])[true, false])
        {
            await using var world = await RecordingWorld.StartAsync(options => options with { Rules = isRecorded ? options.Rules : [new RecordingRule(RecordingRule.Everything.Sessions with { Clusters = ["other"] }, true)] });
            await using var client = await world.ConnectAsync(protocol);
            var response = await client.UpgradeAsync(door.Request(RawRequest.WebSocket(RecordingWorld.Exec, "v5.channel.k8s.io")));
            var got = await RecordingWorld.TalkAsync(response, isBase64: false);

            all.Add([.. got.SelectMany(static frame => WebSocketFrames.Encode(frame, frame.Masked))]);
            world.Files.Should().HaveCount(isRecorded ? 1 : 0);
        }

        all[0].Should().Equal(all[1]);
    }

    [Fact]
    public async Task T30_Compression_is_not_offered_for_a_recorded_session_and_stays_for_others()
    {
        await using var world = await RecordingWorld.StartAsync();
        foreach (var path in (string[])["exec?command=sh", "portforward?ports=80"])
        {
            await using var client = await world.ConnectAsync(WireProtocol.Http11);
            var response = await client.UpgradeAsync(EitherDoor.Cluster.Request(RawRequest.WebSocket("/api/v1/namespaces/team/pods/web/" + path, "v5.channel.k8s.io").With("Sec-WebSocket-Extensions", "permessage-deflate")));
            response.Status.Should().Be(101);
        }

        world.Upstream.Requests.Select(static request => request.Header("Sec-WebSocket-Extensions")).Should().Equal(null, "permessage-deflate");
    }

    [Fact]
    public async Task A_session_that_the_cluster_refuses_leaves_no_recording()
    {
        await using var world = await RecordingWorld.StartAsync();
        world.Upstream.Respond(RawAnswer.Json(403, "{}"));
        await using var client = await world.ConnectAsync(WireProtocol.Http11);

        (await client.UpgradeAsync(EitherDoor.Cluster.Request(RawRequest.WebSocket(RecordingWorld.Exec, "v5.channel.k8s.io")))).Status.Should().Be(403);

        (await AuditEvents.ReadAsync(world.AuditFile, 1)).Single().Annotation("recording").Should().BeNull();
        world.Files.Should().BeEmpty();
    }
}
