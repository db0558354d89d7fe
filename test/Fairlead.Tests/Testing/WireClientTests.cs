using AwesomeAssertions;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Fairlead.Tests.Testing;

public sealed class WireClientTests
{
    public static TheoryData<WireProtocol> OverTls => [WireProtocol.Http11Tls, WireProtocol.Http2Tls];

    [Theory, MemberData(nameof(OverTls))]
    public async Task One_test_says_the_same_on_each_protocol(WireProtocol protocol)
    {
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        upstream.Respond(context =>
        {
            context.Response.Headers.Append("X-Twice", new(["one", "two"]));
            return context.Response.WriteAsync(context.Request.Method);
        });

        var response = await WireClient.ExchangeAsync(protocol, upstream.Port, RawRequest.Get("/a%2Fb").With("Host", "gw.test"));

        response.Status.Should().Be(200);
        response.BodyText.Should().Be("GET");
        response.Headers("x-twice").Should().Equal("one", "two");
        response.End.Should().Be(ResponseEnd.Complete);
        upstream.Requests[0].Target.Should().Be("/a%2Fb");
        upstream.Requests[0].Header("Host").Should().Be("gw.test");
    }

    [Theory, MemberData(nameof(OverTls))]
    public async Task A_body_that_the_server_aborts_is_never_complete(WireProtocol protocol)
    {
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        upstream.Respond(async context =>
        {
            await context.Response.WriteAsync("part");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });

        var response = await WireClient.ExchangeAsync(protocol, upstream.Port, RawRequest.Get("/"));

        response.Status.Should().BeOneOf(200, 0);
        response.End.Should().BeOneOf(ResponseEnd.Truncated, ResponseEnd.Reset);
    }

    [Theory, MemberData(nameof(OverTls))]
    public async Task A_client_that_goes_away_aborts_its_request(WireProtocol protocol)
    {
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        upstream.Respond(async context =>
        {
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var client = await WireClient.ConnectAsync(protocol, upstream.Port);
        (await client.SendAsync(RawRequest.Get("/watch"))).Status.Should().Be(200);

        client.Reset();

        (await upstream.Requests[0].WaitForEndAsync()).Should().BeTrue();
    }

    [Theory, MemberData(nameof(OverTls))]
    public async Task A_WebSocket_is_opened_the_way_the_protocol_has_it(WireProtocol protocol)
    {
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        upstream.Respond(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync("v5.channel.k8s.io");
            var buffer = new byte[100];
            var message = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, CancellationToken.None);
        });
        await using var client = await WireClient.ConnectAsync(protocol, upstream.Port);

        var response = await client.UpgradeAsync(RawRequest.WebSocket("/exec", "v5.channel.k8s.io"));
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfText("echo"));
        var echo = await WebSocketFrames.ReadAsync(response.Duplex);

        response.Status.Should().Be(protocol == WireProtocol.Http2Tls ? 200 : 101);
        echo!.Text.Should().Be("echo");
    }
}
