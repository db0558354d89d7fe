using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.Access;

/// <summary>Streams end with the authority that they were opened by: a WebSocket with a Close frame that says why, everything else by a reset.</summary>
public sealed class StreamAuthorityTests : IAsyncDisposable
{
    private const string Watch = "/clusters/kind/api/v1/namespaces/team/pods?watch=1";
    private const string Log = "/clusters/kind/api/v1/namespaces/team/pods/web/log?follow=true";
    private const string Exec = "/clusters/kind/api/v1/namespaces/team/pods/web/exec?command=sh&stdin=true";
    private const string PortForward = "/clusters/kind/api/v1/namespaces/team/pods/web/portforward?ports=80";

    private static readonly TimeSpan _bound = TimeSpan.FromMilliseconds(600);
    private readonly TempFolder _folder = new();
    private readonly RawUpstream _upstream = new();
    private volatile bool _allows = true;
    private volatile bool _answers = true;

    public StreamAuthorityTests() => _upstream.OnConnection(ServeAsync);

    public static TheoryData<WireProtocol> Protocols => [.. WireClient.Protocols];

    public static MatrixTheoryData<string, WireProtocol> Reads { get; } = new([Watch, Log], WireClient.Protocols);

    public static MatrixTheoryData<string, WireProtocol> Sockets { get; } = new([Exec, PortForward, "/clusters/kind/serviceproxy/team/web/socket"], WireClient.Protocols);

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task T26_A_rule_that_is_taken_away_resets_a_watch_and_a_followed_log(string target, WireProtocol protocol)
    {
        await using var gateway = await StartAsync(Held());
        await using var client = await ConnectAsync(gateway, protocol);
        var response = await client.SendAsync(RawRequest.Get(target).WithBearer(TestGateway.Token));
        (await response.ReadLineAsync()).Should().Be("first");

        await gateway.ReloadAsync(Options(Held()) with { AccessRules = [TestGateway.AllowAll with { Verbs = ["list"] }] }, File);

        await ShouldBeResetAsync(response);
        await UpstreamIsLeftAsync();
    }

    [Theory]
    [MemberData(nameof(Sockets))]
    public async Task T26_A_rule_that_is_taken_away_closes_a_WebSocket_and_says_why(string target, WireProtocol protocol)
    {
        await using var gateway = await StartAsync(Held());
        await using var client = await ConnectAsync(gateway, protocol);
        var response = await client.UpgradeAsync(RawRequest.WebSocket(target, "v5.channel.k8s.io").WithBearer(TestGateway.Token));
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Text.Should().Be("first");

        await gateway.ReloadAsync(Options(Held()) with { AccessRules = [TestGateway.AllowAll with { Verbs = ["get"] }] }, File);

        var close = await WebSocketFrames.ReadAsync(response.Duplex);
        close!.Opcode.Should().Be(WebSocketOpcode.Close);
        close.CloseCode.Should().Be(1008);
        close.CloseReason.Should().StartWith("Unauthorized to create");
        close.Payload.Length.Should().BeLessThanOrEqualTo(125);
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfClose(1008));
        (await WebSocketFrames.ReadAsync(response.Duplex)).Should().BeNull();
        await UpstreamIsLeftAsync();
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http11Tls)]
    public async Task T26_A_SPDY_connection_is_reset_and_nothing_is_put_into_it(WireProtocol protocol)
    {
        await using var gateway = await StartAsync(Held());
        await using var client = await ConnectAsync(gateway, protocol);
        var response = await client.SendAsync(SpdyHandshake.Request(Exec, "v4.channel.k8s.io").WithBearer(TestGateway.Token));
        response.Status.Should().Be(101);
        var first = new byte[5];
        await response.Duplex.ReadExactlyAsync(first);

        await gateway.ReloadAsync(Options(Held()) with { AccessRules = [] }, File);

        await ShouldBreakAsync(response.Duplex);
        await UpstreamIsLeftAsync();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task T26_In_the_middle_of_a_frame_nothing_is_injected(WireProtocol protocol)
    {
        await using var gateway = await StartAsync(Held());
        await using var client = await ConnectAsync(gateway, protocol);
        var response = await client.UpgradeAsync(RawRequest.WebSocket(Exec + "&half=true", "v5.channel.k8s.io").WithBearer(TestGateway.Token));
        var begun = new byte[12];
        await response.Duplex.ReadExactlyAsync(begun);

        await gateway.ReloadAsync(Options(Held()) with { AccessRules = [] }, File);

        await ShouldBreakAsync(response.Duplex);
        await UpstreamIsLeftAsync();
    }

    [Fact]
    public async Task T26_After_the_end_no_byte_passes_in_either_direction()
    {
        await using var gateway = await StartAsync(Held());
        await using var client = await ConnectAsync(gateway, WireProtocol.Http11);
        var response = await client.UpgradeAsync(RawRequest.WebSocket(Exec + "&echo=true", "v5.channel.k8s.io").WithBearer(TestGateway.Token));
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Text.Should().Be("first");

        await gateway.ReloadAsync(Options(Held()) with { AccessRules = [] }, File);
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Opcode.Should().Be(WebSocketOpcode.Close);
        await UpstreamIsLeftAsync();
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfText("rm -rf /"));
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfClose());

        (await WebSocketFrames.ReadAsync(response.Duplex)).Should().BeNull();
        _echoed.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task T26_A_role_that_the_cluster_takes_away_ends_streams_on_the_callers_own_token(WireProtocol protocol)
    {
        await using var gateway = await StartAsync(Held());
        await using var client = await ConnectAsync(gateway, protocol);
        var watch = await client.SendAsync(RawRequest.Get(Watch).WithBearer("own"));
        (await watch.ReadLineAsync()).Should().Be("first");
        await using var other = await ConnectAsync(gateway, protocol);
        var shell = await other.UpgradeAsync(RawRequest.WebSocket(Exec, "v5.channel.k8s.io").WithBearer("own"));
        (await WebSocketFrames.ReadAsync(shell.Duplex))!.Text.Should().Be("first");

        _allows = false;

        await ShouldBeResetAsync(watch);
        (await WebSocketFrames.ReadAsync(shell.Duplex))!.CloseReason.Should().Contain("does not let you");
    }

    [Fact]
    public async Task T26_T114_When_nobody_can_say_a_stream_lives_on_for_a_while_and_is_then_cut()
    {
        await using var gateway = await StartAsync(Held());
        await using var client = await ConnectAsync(gateway, WireProtocol.Http11);
        var watch = await client.SendAsync(RawRequest.Get(Watch).WithBearer("own"));
        (await watch.ReadLineAsync()).Should().Be("first");

        _answers = false;
        await Eventually.BeTrueAsync(() => _upstream.Requests.Count(ReviewAnswers.IsReview) > 1, "the cluster is asked again although it has not answered");
        watch.End.Should().BeNull("one answer that is missing is no reason to end a stream");

        await ShouldBeResetAsync(watch);
        gateway.Log.Lines.Should().Contain(static line => line.Contains("ReviewUnavailable", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task T113_Questions_that_hang_keep_nobody_elses_waiting(bool isOtherCluster)
    {
        await using var gateway = await StartAsync(Held(), Held() with { Name = "other" });
        var clients = new List<WireClient>();
        for (var i = 0; i < 100; i++)
        {
            clients.Add(await ConnectAsync(gateway, WireProtocol.Http11));
            (await (await clients[^1].SendAsync(RawRequest.Get($"/clusters/kind/api/v1/namespaces/team-{i}/pods?watch=1").WithBearer("hanging"))).ReadLineAsync()).Should().Be("first");
        }

        await using var client = await ConnectAsync(gateway, WireProtocol.Http11);
        var watch = await client.SendAsync(RawRequest.Get(isOtherCluster ? Watch.Replace("kind", "other", StringComparison.Ordinal) : Watch).WithBearer("own"));
        (await watch.ReadLineAsync()).Should().Be("first");
        await Eventually.BeTrueAsync(() => gateway.Log.Count(505) >= 100, "those that nobody can say anything about are cut");
        watch.End.Should().BeNull("the cluster has said of this one that it may go on");

        _allows = false;

        await ShouldBeResetAsync(watch);
        foreach (var hanging in clients)
        {
            await hanging.DisposeAsync();
        }
    }

    [Fact]
    public async Task Decision17_Streams_of_the_same_caller_and_action_are_asked_about_together()
    {
        await using var gateway = await StartAsync(Held());
        var clients = new List<WireClient>();
        for (var i = 0; i < 20; i++)
        {
            var client = await ConnectAsync(gateway, WireProtocol.Http11);
            clients.Add(client);
            (await (await client.SendAsync(RawRequest.Get(Watch).WithBearer("own"))).ReadLineAsync()).Should().Be("first");
        }

        var before = _upstream.Requests.Count(ReviewAnswers.IsReview);
        await Eventually.BeTrueAsync(() => _upstream.Requests.Count(ReviewAnswers.IsReview) >= before + 3, "three rounds have gone by");
        var rounds = _upstream.Requests.Count(ReviewAnswers.IsReview) - before;

        rounds.Should().BeLessThan(20, "twenty streams would be sixty questions");
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task T26_A_machines_token_that_is_taken_out_of_the_configuration_ends_its_streams()
    {
        await using var gateway = await StartAsync(Held());
        await using var client = await ConnectAsync(gateway, WireProtocol.Http11);
        var watch = await client.SendAsync(RawRequest.Get(Watch).WithBearer(TestGateway.Token));
        (await watch.ReadLineAsync()).Should().Be("first");
        _allows = false;

        await gateway.ReloadAsync(Options(Held()) with { Auth = new AuthOptions { Static = [TestGateway.Caller("other", "other-token", "portal")] } }, File);

        await ShouldBeResetAsync(watch);
    }

    [Fact]
    public async Task T112_A_cluster_that_is_taken_out_of_the_configuration_takes_its_streams_along_and_no_others()
    {
        await using var gateway = await StartAsync(Held(), TestCluster.Held("other", _upstream.Url));
        await using var client = await ConnectAsync(gateway, WireProtocol.Http11);
        await using var another = await ConnectAsync(gateway, WireProtocol.Http11);
        var gone = await client.SendAsync(RawRequest.Get(Watch).WithBearer(TestGateway.Token));
        var stays = await another.SendAsync(RawRequest.Get(Watch.Replace("kind", "other", StringComparison.Ordinal)).WithBearer(TestGateway.Token));
        (await gone.ReadLineAsync()).Should().Be("first");
        (await stays.ReadLineAsync()).Should().Be("first");

        await gateway.ReloadAsync(Options(TestCluster.Held("other", _upstream.Url)), File);

        await ShouldBeResetAsync(gone);
        stays.End.Should().BeNull();
        _more.Open();
        (await stays.ReadLineAsync()).Should().Be("more");
    }

    [Fact]
    public async Task T26_The_record_says_that_the_stream_was_ended()
    {
        var audit = _folder.PathOf("audit.jsonl");
        await using var gateway = await TestGateway.StartAsync(Options(Held()) with { Audit = new AuditOptions { File = audit } });
        await using var client = await ConnectAsync(gateway, WireProtocol.Http11);
        var watch = await client.SendAsync(RawRequest.Get(Watch).WithBearer(TestGateway.Token));
        (await watch.ReadLineAsync()).Should().Be("first");

        await gateway.ReloadAsync(Options(Held()) with { Audit = new AuditOptions { File = audit }, AccessRules = [] }, File);

        await ShouldBeResetAsync(watch);
        var line = (await BackstageDoor.AuditLines.ReadAsync(audit, 1)).Should().ContainSingle().Subject;
        line.Outcome.Should().Be("Revoked");
        line.Text.Should().Contain("\"fairlead.dev/ended-by\":\"");
    }

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        _folder.Dispose();
    }

    private readonly Gate _more = new();
    private readonly List<byte> _echoed = [];

    private string File => _folder.PathOf("fairlead.yaml");

    private ClusterDefinition Held() => TestCluster.Held("kind", _upstream.Url) with { IsDirect = false };

    private GatewayOptions Options(params ClusterDefinition[] clusters)
    {
        var options = TestGateway.Options(clusters);
        return options with { Timeouts = options.Timeouts with { Revocation = _bound }, Files = [SourceFile.Of(File)], ServiceProxy = new ServiceProxyOptions { Enabled = true, Transport = TransportChoice.ApiServer } };
    }

    private async Task<TestGateway> StartAsync(params ClusterDefinition[] clusters)
    {
        await System.IO.File.WriteAllTextAsync(File, "");
        return await TestGateway.StartAsync(Options(clusters));
    }

    private static Task<WireClient> ConnectAsync(TestGateway gateway, WireProtocol protocol) =>
        WireClient.ConnectAsync(protocol, protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort);

    private static async Task ShouldBeResetAsync(RawResponse response)
    {
        await response.ReadToEndAsync();
        response.End.Should().BeOneOf(ResponseEnd.Reset, ResponseEnd.Truncated);
        response.BodyText.Should().Be("first\n", "nothing is put into a body that was forwarded");
    }

    private static async Task ShouldBreakAsync(Stream duplex)
    {
        var reading = async () => await duplex.ReadExactlyAsync(new byte[1]);
        await reading.Should().ThrowAsync<IOException>();
    }

    private Task UpstreamIsLeftAsync() => Eventually.BeTrueAsync(
        () => _upstream.Connections.Where(static connection => connection.Requests.Any(static request => !ReviewAnswers.IsReview(request) && !request.Target.Contains("/services", StringComparison.Ordinal) || request.Header("Upgrade") is not null))
            .All(static connection => !connection.IsOpen), "the stream's connection to the cluster is closed");

    private async Task ServeAsync(RawUpstreamConnection connection)
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            if (ReviewAnswers.IsReview(request))
            {
                if (request.Header("Authorization") is "Bearer hanging")
                {
                    await connection.PeerClosed;
                    return;
                }

                if (!_answers)
                {
                    await connection.AnswerAsync(RawAnswer.Json(500, "{}"));
                    continue;
                }

                await connection.AnswerAsync(ReviewAnswers.Answer(_allows));
            }
            else if (request.Header("Upgrade") is not null)
            {
                await ServeUpgradeAsync(connection, request);
                return;
            }
            else if (request.Target.StartsWith("/api/v1/services", StringComparison.Ordinal))
            {
                await connection.AnswerAsync(RawAnswer.Json(403, "{}"));
            }
            else if (request.Target.EndsWith("/services/web", StringComparison.Ordinal))
            {
                await connection.AnswerAsync(RawAnswer.Json(200, """{"metadata":{"name":"web","namespace":"team"},"spec":{"ports":[{"port":80}],"clusterIP":"10.0.0.1"}}"""));
            }
            else
            {
                await connection.WriteAsync(RawAnswer.ChunkedHead(200));
                await connection.WriteAsync(RawAnswer.Chunk("first\n"));
                await Task.WhenAny(connection.PeerClosed, _more.WaitAsync());
                if (!connection.PeerClosed.IsCompleted)
                {
                    await connection.WriteAsync(RawAnswer.Chunk("more\n"));
                }

                await connection.PeerClosed;
                return;
            }
        }
    }

    private async Task ServeUpgradeAsync(RawUpstreamConnection connection, RecordedRequest request)
    {
        if (request.Header("Upgrade") is "SPDY/3.1")
        {
            await connection.WriteAsync(SpdyHandshake.Accept());
            await connection.WriteAsync("first");
        }
        else
        {
            await connection.WriteAsync(WebSocketHandshake.Accept(request, "v5.channel.k8s.io"));
            if (request.Target.Contains("half=true", StringComparison.Ordinal))
            {
                await connection.WriteAsync(WebSocketFrames.Encode(WebSocketFrame.OfText(new string('x', 1000)), masked: false).AsMemory(0, 12));
            }
            else
            {
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfText("first"));
            }
        }

        var buffer = new byte[1024];
        try
        {
            while (await connection.Duplex.ReadAsync(buffer) is var read and > 0)
            {
                _echoed.AddRange(buffer.AsSpan(0, read));
            }
        }
        catch (IOException)
        {
            // Reset: the way most of these end.
        }

        await connection.PeerClosed;
    }
}
