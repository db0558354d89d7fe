using AwesomeAssertions;
using Fairlead.FunctionalTests.Doors;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Long answers, events and WebSockets of Services.</summary>
[Collection(MemoryTests.Name)]
public sealed class StreamTests
{
    private const int Piece = 64 * 1024;
    private const int Pieces = 512;
    private const long Growth = 16 * 1024 * 1024;

    public static MatrixTheoryData<Via, WireProtocol> Ways { get; } = new(Enum.GetValues<Via>(), ServiceAnswers.Protocols);

    public static MatrixTheoryData<Via, Shape, WireProtocol> Shapes { get; } = new(Enum.GetValues<Via>(), [Shape.Path, Shape.Request], ServiceAnswers.Protocols);

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H74_The_first_bytes_of_32_MiB_come_before_the_last_are_sent(Via via, Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        var gate = new Gate();
        passage.Upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(RawAnswer.Head(200, "Content-Type: application/octet-stream", $"Content-Length: {(long)Piece * Pieces}"));
            var piece = new byte[Piece];
            for (var i = 0; i < Pieces; i++)
            {
                if (i == 1)
                {
                    await gate.WaitAsync();
                }

                await connection.WriteAsync(piece);
            }

            await connection.PeerClosed;
        });
        await using var client = await passage.ConnectAsync(protocol);

        var response = await client.SendAsync(RawRequest.Get(shape.Target("/big")).WithBearer(ServiceCluster.UserToken));
        while (response.Body.Length < Piece)
        {
            (await response.ReadChunkAsync()).Should().NotBeNull();
        }

        gate.Open();
        await response.ReadToEndAsync();

        response.Body.LongLength.Should().Be((long)Piece * Pieces);
        response.End.Should().Be(ResponseEnd.Complete);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H74_A_client_that_does_not_read_holds_the_Service_back_and_nothing_gathers(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        var piece = new byte[Piece];
        long written = 0;
        passage.Upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(RawAnswer.Head(200, "Content-Type: application/octet-stream", $"Content-Length: {100L * Piece * Pieces}"));
            while (connection.IsOpen)
            {
                await connection.WriteAsync(piece);
                Interlocked.Add(ref written, Piece);
            }
        });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using (var client = await passage.ConnectAsync(protocol))
        {
            (await client.SendAsync(RawRequest.Get("/serviceproxy/default/web/big").WithBearer(ServiceCluster.UserToken))).Status.Should().Be(200);
            // Until the buffers of all connections are full and the Service stands still; what it has written by then is on the way.
            long last = -1;
            await Eventually.BeTrueAsync(
                async () =>
                {
                    await Task.Delay(200);
                    var now = Interlocked.Read(ref written);
                    return now == Interlocked.Exchange(ref last, now);
                },
                "the Service to stand still");

            (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(Growth);
            Interlocked.Read(ref written).Should().BeLessThan(100L * Piece * Pieces);
        }

        await passage.Upstream.WaitForNoConnectionAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H74_A_download_that_takes_longer_than_the_limit_for_headers_is_whole(Via via, WireProtocol protocol)
    {
        // The body alone takes three times the limit.
        var limit = TimeSpan.FromSeconds(1);
        await using var passage = await ServicePassage.StartAsync(via.Choice(), options => options.WithDoor(door => door with { HeadersTimeout = limit }));
        passage.Upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(RawAnswer.Head(200, "Content-Type: text/plain", "Content-Length: 9") + "abc");
            for (var i = 0; i < 2; i++)
            {
                await Task.Delay(limit * 1.5);
                await connection.WriteAsync("abc");
            }

            await connection.PeerClosed;
        });

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/web/slow").WithBearer(ServiceCluster.UserToken));

        response.BodyText.Should().Be("abcabcabc");
        response.End.Should().Be(ResponseEnd.Complete);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H75_Server_sent_events_come_one_by_one_although_the_client_takes_gzip(Via via, Shape shape, WireProtocol protocol)
    {
        string[] events = ["data: one", "data: two", "data: three"];
        var gates = Array.ConvertAll(events, static _ => new Gate());
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        passage.Upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(RawAnswer.Head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked"));
            for (var i = 0; i < events.Length; i++)
            {
                await gates[i].WaitAsync();
                await connection.WriteAsync(RawAnswer.Chunk(events[i] + "\n\n"));
            }

            await connection.WriteAsync(RawAnswer.LastChunk);
            await connection.PeerClosed;
        });
        await using var client = await passage.ConnectAsync(protocol);
        if (via is Via.ApiServer)
        {
            // The stand-in API server sends its headers with the first byte of the body.
            gates[0].Open();
        }

        var response = await client.SendAsync(RawRequest.Get(shape.Target("/events")).WithBearer(ServiceCluster.UserToken).With("Accept-Encoding", "gzip, br"));

        response.Status.Should().Be(200, response.ToString());
        response.Headers("Content-Encoding").Should().BeEmpty();
        response.Headers("Content-Type").Should().Equal("text/event-stream");
        response.Body.Should().BeEmpty("the headers came first");
        for (var i = 0; i < events.Length; i++)
        {
            gates[i].Open();
            (await response.ReadLineAsync()).Should().Be(events[i]);
            (await response.ReadLineAsync()).Should().BeEmpty();
        }

        (await response.ReadToEndAsync()).End.Should().Be(ResponseEnd.Complete);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H76_A_WebSocket_opens_echoes_and_closes(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        Echo(passage.Upstream, "chat");
        foreach (var target in new[] { "/serviceproxy/default/web/ws?a=b", "/clusters/main/serviceproxy/default/web/ws?a=b" })
        {
            await using var client = await passage.ConnectAsync(protocol);

            var response = await client.UpgradeAsync(RawRequest.WebSocket(target, "chat", "other").WithBearer(ServiceCluster.UserToken));

            response.Status.Should().Be(protocol is WireProtocol.Http11 ? 101 : 200, response.ToString());
            response.Header("Sec-WebSocket-Protocol").Should().Be("chat");
            await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfText("hello"));
            (await WebSocketFrames.ReadAsync(response.Duplex))!.Text.Should().Be("hello");
            await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfClose(1000, "bye"));
            (await WebSocketFrames.ReadAsync(response.Duplex))!.CloseCode.Should().Be(1000);
            (await WebSocketFrames.ReadAsync(response.Duplex)).Should().BeNull("the tunnel has ended");
        }

        passage.Seen.Should().HaveCount(2);
        foreach (var seen in passage.Seen)
        {
            seen.RequestLine.Should().Be("GET /ws?a=b HTTP/1.1");
            seen.Header("Host").Should().Be(via is Via.Direct ? "web.default.svc.cluster.local" : seen.Header("Host"));
            seen.Headers("Authorization").Should().Equal(via is Via.Direct ? ["Bearer U"] : []);
            seen.Header("Sec-WebSocket-Protocol").Should().Be("chat, other");
        }

        await passage.Upstream.WaitForNoConnectionAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H76_A_WebSocket_that_the_Service_refuses_gets_its_status_and_body(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        passage.Upstream.Respond(RawAnswer.Text(403, "not you", "text/x-own"));
        await using var client = await passage.ConnectAsync(protocol);

        var response = await (await client.UpgradeAsync(RawRequest.WebSocket("/serviceproxy/default/web/ws", "chat").WithBearer(ServiceCluster.UserToken))).ReadToEndAsync();

        response.Status.Should().Be(403, response.ToString());
        response.BodyText.Should().Be("not you");
        response.Headers("Content-Type").Should().Equal("text/x-own");
        response.Headers("Proxy-Status").Should().BeEmpty();
        passage.Seen.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H77_The_token_of_the_bearer_sub_protocol_is_the_callers_and_only_the_others_arrive(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        Echo(passage.Upstream, "chat");
        await using var client = await passage.ConnectAsync(protocol);

        var response = await client.UpgradeAsync(RawRequest.WebSocket("/serviceproxy/default/web/ws", ServiceAnswers.BearerSubprotocol(ServiceCluster.UserToken), "chat"));

        response.Status.Should().Be(protocol is WireProtocol.Http11 ? 101 : 200, response.ToString());
        response.Header("Sec-WebSocket-Protocol").Should().Be("chat");
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfText("hello"));
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Text.Should().Be("hello");
        var seen = passage.Seen.Should().ContainSingle().Subject;
        seen.Headers("Sec-WebSocket-Protocol").Should().Equal("chat");
        seen.Headers("Authorization").Should().Equal(via is Via.Direct ? ["Bearer U"] : []);
        passage.AskedBy("ann").Should().NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H77_The_sub_protocols_of_Headlamp_stay_behind(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        Echo(passage.Upstream, "chat");
        await using var client = await passage.ConnectAsync(protocol);

        var response = await client.UpgradeAsync(RawRequest.WebSocket(
            "/serviceproxy/default/web/ws", "base64url.headlamp.authorization.k8s.io.user-id", ServiceAnswers.BearerSubprotocol(ServiceCluster.UserToken),
            "base64url.headlamp.backend.authorization.k8s.io.c2VjcmV0", "chat"));

        response.Status.Should().Be(protocol is WireProtocol.Http11 ? 101 : 200, response.ToString());
        passage.Seen.Should().ContainSingle().Which.Headers("Sec-WebSocket-Protocol").Should().Equal("chat");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H77_A_sub_protocol_with_a_token_that_nobody_knows_is_401(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        await using var client = await passage.ConnectAsync(protocol);

        var response = await (await client.UpgradeAsync(RawRequest.WebSocket(
            "/serviceproxy/default/web/ws", ServiceAnswers.BearerSubprotocol("nobody"), "chat"))).ReadToEndAsync();

        response.Status.Should().Be(401, response.ToString());
        passage.ShouldHaveSentNothing();
    }

    private static void Echo(RawUpstream upstream, string subprotocol) => upstream.OnConnection(async connection =>
    {
        await connection.WriteAsync(WebSocketHandshake.Accept((await connection.ReadRequestAsync())!, subprotocol));
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
}
