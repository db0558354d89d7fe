using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.Tests.Testing;

public sealed class UpgradeTests
{
    [Fact]
    public void The_accept_value_is_that_of_RFC_6455() =>
        WebSocketFrames.AcceptOf("dGhlIHNhbXBsZSBub25jZQ==").Should().Be("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public async Task Frames_of_every_length_are_read_back(int length)
    {
        var payload = new byte[length];
        Random.Shared.NextBytes(payload);
        foreach (var masked in new[] { false, true })
        {
            using var stream = new MemoryStream(WebSocketFrames.Encode(WebSocketFrame.OfBytes(payload), masked));

            var frame = await WebSocketFrames.ReadAsync(stream);

            frame!.Payload.Should().Equal(payload);
            frame.Masked.Should().Be(masked);
            frame.Opcode.Should().Be(WebSocketOpcode.Binary);
            (await WebSocketFrames.ReadAsync(stream)).Should().BeNull();
        }
    }

    [Fact]
    public async Task A_WebSocket_runs_between_raw_client_and_raw_upstream()
    {
        await using var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            var request = await connection.ReadRequestAsync();
            await connection.WriteAsync(WebSocketHandshake.Accept(request!, "v4.channel.k8s.io"));
            await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfChannel(1, "hello"));
            var frame = await WebSocketFrames.ReadAsync(connection.Duplex);
            frame!.Masked.Should().BeTrue();
            await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfClose(1001, frame.Text));
            await connection.PeerClosed;
        });
        await using var client = await RawClient.ConnectAsync(upstream.Port);

        var response = await client.SendAsync(RawRequest.WebSocket("/exec?command=sh", "v5.channel.k8s.io", "v4.channel.k8s.io"));
        response.Status.Should().Be(101);
        response.Header("Sec-WebSocket-Protocol").Should().Be("v4.channel.k8s.io");
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Payload.Should().Equal([1, .. "hello"u8]);
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfText("bye"));
        var close = await WebSocketFrames.ReadAsync(response.Duplex);

        close!.CloseCode.Should().Be(1001);
        close.CloseReason.Should().Be("bye");
        upstream.Requests[0].Header("Sec-WebSocket-Protocol").Should().Be("v5.channel.k8s.io, v4.channel.k8s.io");
    }

    [Fact]
    public async Task A_SPDY_handshake_is_a_POST_with_a_line_for_each_protocol()
    {
        await using var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(SpdyHandshake.Accept());
            await connection.Duplex.CopyToAsync(connection.Duplex);
        });
        await using var client = await RawClient.ConnectAsync(upstream.Port);

        var response = await client.SendAsync(SpdyHandshake.Request("/exec"));
        var echo = new byte[4];
        await response.Duplex.WriteAsync(new byte[] { 0x80, 3, 0, 1 });
        await response.Duplex.ReadExactlyAsync(echo);

        response.Status.Should().Be(101);
        echo.Should().Equal(0x80, 3, 0, 1);
        upstream.Requests[0].Method.Should().Be("POST");
        upstream.Requests[0].Headers("X-Stream-Protocol-Version").Should().Equal(SpdyHandshake.ExecProtocols);
    }
}
