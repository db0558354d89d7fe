using System.Text;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class UpgradeTests
{
    private const string Exec = "/api/v1/namespaces/team/pods/web/exec?container=main&command=sh&stdin=true";

    public static MatrixTheoryData<EitherDoor, WireProtocol> Ways { get; } = new(Enum.GetValues<EitherDoor>(), WireClient.Protocols);

    public static MatrixTheoryData<EitherDoor, WireProtocol> Http11Ways { get; } =
        new(Enum.GetValues<EitherDoor>(), [WireProtocol.Http11, WireProtocol.Http11Tls]);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B82_B83_T94_A_WebSocket_passes_its_greeting_an_echo_and_its_close(EitherDoor door, WireProtocol client)
    {
        await using var upstream = Echoing("v4.channel.k8s.io");
        using var folder = new TempFolder();
        var audit = folder.PathOf("audit.jsonl");
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { Audit = new AuditOptions { File = audit } });
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));
        var handshake = door.Request(RawRequest.WebSocket(Exec, "v5.channel.k8s.io", "v4.channel.k8s.io"));

        var response = await caller.UpgradeAsync(handshake);

        response.Status.Should().Be(client is WireProtocol.Http2Tls ? 200 : 101);
        response.Header("Sec-WebSocket-Protocol").Should().Be("v4.channel.k8s.io");
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Payload.Should().Equal([1, .. "hello"u8]);
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfChannel(0, "echo"));
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Payload.Should().Equal([0, .. "echo"u8]);
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfClose(1000, "bye"));
        var close = await WebSocketFrames.ReadAsync(response.Duplex);
        close!.CloseCode.Should().Be(1000);
        close.CloseReason.Should().Be("bye");
        (await WebSocketFrames.ReadAsync(response.Duplex)).Should().BeNull();

        var seen = upstream.Requests.Should().ContainSingle().Subject;
        seen.RequestLine.Should().Be($"GET {Exec} HTTP/1.1");
        seen.Header("Upgrade").Should().Be("websocket");
        seen.Header("Connection").Should().BeEquivalentTo("Upgrade");
        seen.Header("Sec-WebSocket-Version").Should().Be("13");
        seen.Header("Sec-WebSocket-Protocol").Should().Be("v5.channel.k8s.io, v4.channel.k8s.io");
        seen.Header("Authorization").Should().Be("Bearer SA");
        seen.HeaderLines.Select(static line => line.Name.ToLowerInvariant()).Should().OnlyHaveUniqueItems("no header is doubled");
        await caller.DisposeAsync();
        var line = (await AuditLines.ReadAsync(audit, 1)).Should().ContainSingle().Subject;
        line.Verb.Should().Be("create");
        line.Outcome.Should().Be("Complete");
    }

    [Theory]
    [MemberData(nameof(Http11Ways))]
    public async Task B82_An_Upgrade_token_among_others_in_Connection_is_recognised(EitherDoor door, WireProtocol client)
    {
        await using var upstream = Echoing();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));
        var handshake = RawRequest.WebSocket(Exec, "channel.k8s.io");
        handshake = handshake with { Headers = [.. handshake.Headers.Select(static line => line.Name is "Connection" ? line with { Value = "keep-alive, Upgrade" } : line)] };

        var response = await caller.SendAsync(door.Request(handshake));

        response.Status.Should().Be(101);
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Payload.Should().Equal([1, .. "hello"u8]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B84_A_refused_WebSocket_passes_with_its_status_and_body(EitherDoor door, WireProtocol client)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Json(403, """{"kind":"Status","message":"pods \"web\" is forbidden"}"""));
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));

        var response = await (await caller.UpgradeAsync(door.Request(RawRequest.WebSocket(Exec, "v5.channel.k8s.io")))).ReadToEndAsync();

        response.Status.Should().Be(403);
        response.BodyText.Should().Be("""{"kind":"Status","message":"pods \"web\" is forbidden"}""");
        response.Header("Proxy-Status").Should().BeNull();
        upstream.Requests.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B85_A_WebSocket_to_an_unreachable_cluster_is_502_as_an_ordinary_answer(EitherDoor door, WireProtocol client)
    {
        using var refused = new RefusedPort();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", $"https://127.0.0.1:{refused.Port}"));
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));

        var response = await (await caller.UpgradeAsync(door.Request(RawRequest.WebSocket(Exec, "v5.channel.k8s.io")))).ReadToEndAsync();

        door.ShouldBeBadGateway(response, "connection refused", refused.Port);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B86_A_client_that_leaves_during_a_stalled_handshake_ends_it_and_is_audited_once(EitherDoor door, WireProtocol client)
    {
        await using var upstream = RawUpstream.NeverAnswering();
        using var folder = new TempFolder();
        var audit = folder.PathOf("audit.jsonl");
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { Audit = new AuditOptions { File = audit } });
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));
        _ = caller.UpgradeAsync(door.Request(RawRequest.WebSocket(Exec, "v5.channel.k8s.io")));
        var request = await upstream.WaitForRequestAsync();

        caller.Reset();

        await request.Connection.WaitForPeerToCloseAsync();
        (await AuditLines.ReadAsync(audit, 1)).Should().ContainSingle().Which.Outcome.Should().Be("ClientGone");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B88_A_WebSocket_without_credentials_is_401_and_to_an_unknown_cluster_404(EitherDoor door, WireProtocol client)
    {
        await using var upstream = Echoing();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));
        var handshake = RawRequest.WebSocket(Exec, "v5.channel.k8s.io");

        var missing = await (await caller.UpgradeAsync(door.Bare(handshake))).ReadToEndAsync();
        var unknown = await (await caller.UpgradeAsync(door.Request(handshake, "zzz"))).ReadToEndAsync();

        door.ShouldRefuse(missing, 401, "AuthenticationError", "Unauthorized", "Missing credentials");
        missing.Header("WWW-Authenticate").Should().Be("Bearer");
        door.ShouldRefuse(unknown, 404, "NotFoundError", "NotFound", "Cluster 'zzz' not found");
        upstream.Requests.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B91_The_token_of_the_bearer_sub_protocol_is_the_cluster_token_and_the_sub_protocol_stays_behind(EitherDoor door, WireProtocol client)
    {
        await using var upstream = Echoing("v5.channel.k8s.io");
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));
        var token = "base64url.bearer.authorization.k8s.io." + System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes("user-token"));
        var handshake = RawRequest.WebSocket(Exec, token, "v5.channel.k8s.io");

        var response = await caller.UpgradeAsync(door is EitherDoor.Backstage ? door.Request(handshake) : door.Bare(handshake));

        response.Header("Sec-WebSocket-Protocol").Should().Be("v5.channel.k8s.io");
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Payload.Should().Equal([1, .. "hello"u8]);
        var seen = upstream.Forwarded().Should().ContainSingle().Subject;
        seen.Headers("Authorization").Should().Equal("Bearer user-token");
        seen.Headers("Sec-WebSocket-Protocol").Should().Equal("v5.channel.k8s.io");
    }

    [Theory]
    [MemberData(nameof(Http11Ways))]
    public async Task B87_T93_A_SPDY_upgrade_stays_a_POST_and_bytes_echo_both_ways(EitherDoor door, WireProtocol client)
    {
        await using var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(SpdyHandshake.Accept());
            await connection.Duplex.CopyToAsync(connection.Duplex);
        });
        using var folder = new TempFolder();
        var audit = folder.PathOf("audit.jsonl");
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { Audit = new AuditOptions { File = audit } });
        foreach (var subresource in new[] { "exec?command=sh", "attach", "portforward" })
        {
            await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));
            var response = await caller.SendAsync(door.Request(SpdyHandshake.Request("/api/v1/namespaces/a/pods/b/" + subresource)));

            response.Status.Should().Be(101, subresource);
            response.Header("Upgrade").Should().Be("SPDY/3.1");
            response.Header("X-Stream-Protocol-Version").Should().Be("v4.channel.k8s.io");
            byte[] bytes = [0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1];
            await response.Duplex.WriteAsync(bytes);
            var echo = new byte[bytes.Length];
            await response.Duplex.ReadExactlyAsync(echo);
            echo.Should().Equal(bytes);
        }

        upstream.Requests.Select(static request => request.Method).Should().Equal("POST", "POST", "POST");
        upstream.Requests.Should().OnlyContain(static request => request.Header("Upgrade") == "SPDY/3.1");
        string.Join(", ", upstream.Requests[0].Headers("X-Stream-Protocol-Version")).Should().Be(string.Join(", ", SpdyHandshake.ExecProtocols));
        (await AuditLines.ReadAsync(audit, 3)).Should().OnlyContain(static line => line.Verb == "create");
    }

    private static RawUpstream Echoing(string? subprotocol = null)
    {
        var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            if (await connection.ReadForwardedAsync() is not { } handshake)
            {
                return;
            }

            await connection.WriteAsync(WebSocketHandshake.Accept(handshake, subprotocol));
            await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfChannel(1, "hello"));
            while (await WebSocketFrames.ReadAsync(connection.Duplex) is { } frame)
            {
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, frame with { Masked = false });
                if (frame.Opcode is WebSocketOpcode.Close)
                {
                    await connection.CloseAsync();
                    await connection.PeerClosed;
                }
            }
        });
        return upstream;
    }

    private static int PortOf(TestGateway gateway, WireProtocol protocol) => protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort;
}
