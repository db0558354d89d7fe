using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Fairlead.Tests.Testing;

public sealed class RawHttp2ClientTests
{
    public static TheoryData<bool> PlainAndTls => [false, true];

    [Theory, MemberData(nameof(PlainAndTls))]
    public async Task A_request_arrives_as_written_and_its_answer_comes_back(bool tls)
    {
        await using var upstream = await Http2Upstream.StartAsync(tls ? TestCertificates.Shared.Server().Certificate : null);
        upstream.Respond(async context =>
        {
            await Http2Upstream.ReadBodyAsync(context);
            context.Response.Headers.Append("x-twice", "one");
            context.Response.Headers.Append("x-twice", "two");
            context.Response.AppendTrailer("x-sum", "7");
            await context.Response.WriteAsync("fine");
        });
        await using var client = await RawHttp2Client.ConnectAsync(upstream.Port, tls ? new() { Authority = TestCertificates.Shared.Authority } : null);
        client.AllowsExtendedConnect.Should().BeTrue();

        for (var i = 1; i <= 3; i++)
        {
            var request = new RawRequest("POST", "/a%2Fb//c?x=|y") { Body = "hello"u8.ToArray() }.With("X-A", "1").With("X-A", "2").With("Host", "gw.test");
            var response = await client.SendAsync(request);
            await response.ReadToEndAsync();

            response.Status.Should().Be(200);
            response.End.Should().Be(ResponseEnd.Complete);
            response.Headers("X-Twice").Should().Equal("one", "two");
            response.BodyText.Should().Be("fine");
            response.Trailers.Only("x-sum").Should().Be("7");
            var seen = upstream.Requests[i - 1];
            seen.Protocol.Should().Be("HTTP/2");
            seen.Target.Should().Be("/a%2Fb//c?x=|y");
            seen.Headers("x-a").Should().Equal("1", "2");
            seen.Header("host").Should().Be("gw.test");
            seen.Body.Should().Equal("hello"u8.ToArray());
        }

        upstream.ConnectionCount.Should().Be(1);
    }

    [Fact]
    public async Task A_body_larger_than_every_window_passes_both_ways()
    {
        await using var upstream = await Http2Upstream.StartAsync(null);
        upstream.Respond(async context => await context.Response.Body.WriteAsync(await Http2Upstream.ReadBodyAsync(context)));
        await using var client = await RawHttp2Client.ConnectAsync(upstream.Port);
        var body = new byte[5 * 1024 * 1024];
        Random.Shared.NextBytes(body);

        var response = await client.SendAsync(new RawRequest("PUT", "/") { Body = body });
        await response.ReadToEndAsync();

        response.End.Should().Be(ResponseEnd.Complete);
        response.Body.Should().Equal(body);
    }

    [Fact]
    public async Task A_reset_in_the_middle_of_a_body_is_seen_with_its_code()
    {
        await using var upstream = await Http2Upstream.StartAsync(null);
        var seen = new Gate();
        upstream.Respond(async context =>
        {
            await context.Response.WriteAsync("part");
            await context.Response.Body.FlushAsync();
            await seen.WaitAsync();
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(2);
        });
        await using var client = await RawHttp2Client.ConnectAsync(upstream.Port);

        var response = await client.SendAsync(RawRequest.Get("/"));
        await response.ReadChunkAsync();
        response.End.Should().BeNull();
        seen.Open();
        await response.ReadToEndAsync();

        response.BodyText.Should().Be("part");
        response.End.Should().Be(ResponseEnd.Reset);
        response.StreamError.Should().Be(2);
    }

    [Fact]
    public async Task A_reset_by_the_client_aborts_the_request()
    {
        await using var upstream = await Http2Upstream.StartAsync(null);
        upstream.Respond(async context =>
        {
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var client = await RawHttp2Client.ConnectAsync(upstream.Port);

        var exchange = await client.OpenAsync(RawRequest.Get("/watch"));
        (await exchange.ReadHeadAsync()).Status.Should().Be(200);
        await exchange.ResetAsync();

        (await upstream.Requests[0].WaitForEndAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task A_broken_header_block_ends_in_GOAWAY()
    {
        await using var upstream = await Http2Upstream.StartAsync(null);
        await using var client = await RawHttp2Client.ConnectAsync(upstream.Port);

        await client.WriteFrameAsync(Http2FrameType.Headers, flags: 5, streamId: 1, new byte[] { 0xff, 0xff, 0xff, 0xff, 0x0f });
        await client.WaitForCloseAsync();

        client.GoAwayError.Should().Be(9);
        upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Fields_are_sent_exactly_as_given()
    {
        await using var upstream = await Http2Upstream.StartAsync(null);
        await using var client = await RawHttp2Client.ConnectAsync(upstream.Port);

        var exchange = await client.OpenAsync([new(":method", "GET"), new(":scheme", "http"), new(":authority", "a"), new(":path", "/"), new("Upper", "1")], endStream: true);
        var response = await exchange.ReadResponseAsync();

        response.Status.Should().Be(0);
        response.End.Should().NotBe(ResponseEnd.Complete);
    }

    [Fact]
    public async Task A_WebSocket_runs_over_extended_CONNECT()
    {
        await using var upstream = await Http2Upstream.StartAsync(null);
        upstream.Respond(async context =>
        {
            var feature = context.Features.GetRequiredFeature<IHttpExtendedConnectFeature>();
            context.Response.Headers.SecWebSocketProtocol = context.Request.Headers.SecWebSocketProtocol;
            await using var stream = await feature.AcceptAsync();
            var frame = await WebSocketFrames.ReadAsync(stream);
            await WebSocketFrames.WriteAsServerAsync(stream, frame! with { Masked = false });
            await stream.FlushAsync();
            await WebSocketFrames.ReadAsync(stream);
            await WebSocketFrames.WriteAsServerAsync(stream, WebSocketFrame.OfClose(1000, "bye"));
        });
        await using var client = await RawHttp2Client.ConnectAsync(upstream.Port);

        var response = await client.SendAsync(RawRequest.WebSocket("/exec", "v5.channel.k8s.io").AsExtendedConnect());
        response.Status.Should().Be(200);
        response.Header("sec-websocket-protocol").Should().Be("v5.channel.k8s.io");
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfText("echo"));
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Text.Should().Be("echo");
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfClose());
        var close = await WebSocketFrames.ReadAsync(response.Duplex);

        close!.CloseCode.Should().Be(1000);
        close.CloseReason.Should().Be("bye");
        upstream.Requests[0].ExtendedConnectProtocol.Should().Be("websocket");
        upstream.Requests[0].Target.Should().Be("/exec");
    }

    [Fact]
    public async Task A_server_without_h2_is_refused()
    {
        await using var upstream = new RawUpstream(new() { Certificate = TestCertificates.Shared.Server().Certificate });

        await FluentActions.Awaiting(() => RawHttp2Client.ConnectAsync(upstream.Port, new() { Protocols = ["h2", "http/1.1"] }))
            .Should().ThrowAsync<InvalidOperationException>();
    }
}
