using System.Text;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Services;

/// <summary>Server-sent events to Node.js and to a page, and a page's WebSocket, through the service door.</summary>
public sealed class StreamTests
{
    [Theory]
    [InlineData("direct")]
    [InlineData("apiserver")]
    public async Task H75_Nodes_fetch_sees_each_event_at_once(string transport)
    {
        var (afterHeaders, afterFirst) = (new Gate(), new Gate());
        await using var web = Events(afterHeaders, afterFirst);
        await using var world = await ServiceWorld.StartAsync(transport);
        world.AddService("web", web.Port);
        if (!string.Equals(transport, "direct", StringComparison.Ordinal))
        {
            // The stand-in API server keeps headers back until there is a first byte of the body.
            afterHeaders.Open();
        }

        await using var node = RunningProcess.Start(
            ExternalTools.Node.Require(), ["--no-warnings", Script.PathOf("events.mjs"), $"{world.Http}/serviceproxy/default/web/events", ServiceWorld.Ann()]);

        // The next piece is sent only when the one before has been seen at the other end.
        await node.WaitForLineAsync("^headers 200 text/event-stream$");
        afterHeaders.Open();
        await node.WaitForLineAsync("^event first$");
        afterFirst.Open();
        await node.WaitForLineAsync("^event second$");
        await node.WaitForLineAsync("^end$");
        web.Requests[0].Header("Accept-Encoding").Should().Contain("gzip");
    }

    [Fact]
    public async Task H75_A_page_sees_each_event_at_once()
    {
        var (afterHeaders, afterFirst) = (new Gate(), new Gate());
        await using var web = Events(afterHeaders, afterFirst);
        await using var portal = new RawUpstream();
        await using var world = await ServiceWorld.StartAsync("direct", options => options with { CorsOrigins = [portal.Url] });
        world.AddService("web", web.Port);
        portal.Respond(_ => Page(
            $$"""
            const answer = await fetch('{{world.Http}}/serviceproxy/default/web/events', { headers: { Authorization: 'Bearer {{ServiceWorld.Ann()}}' } });
            console.log('headers ' + answer.status);
            const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
            for (let piece = await reader.read(); !piece.done; piece = await reader.read()) console.log('event ' + piece.value.trim().replace('data: ', ''));
            console.log('end');
            """));

        await using var browser = Browser.Start(new BrowserPage(portal.Url + "/page") { Until = "end" });

        await browser.WaitForLineAsync("^headers 200$");
        afterHeaders.Open();
        await browser.WaitForLineAsync("^event first$");
        afterFirst.Open();
        await browser.WaitForLineAsync("^event second$");
        await browser.WaitForLineAsync("^end$");
        web.Requests[0].Header("Accept-Encoding").Should().Contain("gzip");
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("apiserver")]
    public async Task H76_H77_A_pages_WebSocket_with_the_token_as_sub_protocol_talks_to_the_Service(string transport)
    {
        await using var chat = new RawUpstream();
        chat.OnConnection(EchoAsync);
        await using var portal = new RawUpstream();
        await using var world = await ServiceWorld.StartAsync(transport, options => options with { CorsOrigins = [portal.Url] });
        world.AddService("chat", chat.Port);
        portal.Respond(_ => Page(WebSocketScript(world, ServiceWorld.Ann())));

        var seen = await Browser.OpenAsync(new BrowserPage(portal.Url + "/page") { Until = "done" });

        seen.Console.Should().Equal("open chat", "message hello over there", "closed 4001 enough", "done");
        var request = chat.Requests[0];
        request.Target.Should().Be("/room?name=a%2Fb");
        request.Header("Sec-WebSocket-Protocol").Should().Be("chat");
        request.Header("Authorization").Should().Be(string.Equals(transport, "direct", StringComparison.Ordinal) ? "Bearer " + ServiceWorld.Ann() : null);
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("apiserver")]
    public async Task H76_A_pages_WebSocket_without_the_right_to_the_Service_is_never_opened(string transport)
    {
        await using var chat = new RawUpstream();
        chat.OnConnection(EchoAsync);
        await using var portal = new RawUpstream();
        await using var world = await ServiceWorld.StartAsync(transport, options => options with { CorsOrigins = [portal.Url] });
        world.AddService("chat", chat.Port);
        portal.Respond(_ => Page(WebSocketScript(world, ServiceWorld.Eve())));

        var seen = await Browser.OpenAsync(new BrowserPage(portal.Url + "/page") { Until = "done" });

        seen.Console.Should().Contain("closed 1006 ").And.Contain(static line => line.Contains("403", StringComparison.Ordinal)).And.NotContain(static line => line.StartsWith("open", StringComparison.Ordinal));
        chat.ConnectionCount.Should().Be(0);
    }

    private static RawAnswer Page(string script) => RawAnswer.Text(200, $"<html><script type=\"module\">\n{script}\n</script></html>", "text/html");

    private static string WebSocketScript(ServiceWorld world, string token)
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(token)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return $$"""
            const socket = new WebSocket(
              '{{world.Http.Replace("http:", "ws:", StringComparison.Ordinal)}}/serviceproxy/default/chat/room?name=a%2Fb', ['base64url.bearer.authorization.k8s.io.{{encoded}}', 'chat']);
            socket.onopen = () => {
              console.log('open ' + socket.protocol);
              socket.send('hello');
            };
            socket.onmessage = message => {
              console.log('message ' + message.data);
              socket.close(4001, 'enough');
            };
            socket.onclose = event => {
              console.log(`closed ${event.code} ${event.reason}`);
              console.log('done');
            };
            """;
    }

    private static async Task EchoAsync(RawUpstreamConnection connection)
    {
        if (await connection.ReadHeadAsync() is not { } request)
        {
            return;
        }

        await connection.WriteAsync(WebSocketHandshake.Accept(request, "chat"));
        while (await WebSocketFrames.ReadAsync(connection.Duplex) is { } frame)
        {
            if (frame.Opcode is WebSocketOpcode.Text)
            {
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfText(frame.Text + " over there"));
            }
            else if (frame.Opcode is WebSocketOpcode.Close)
            {
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, frame);
                return;
            }
        }
    }

    private static RawUpstream Events(Gate afterHeaders, Gate afterFirst)
    {
        var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            if (await connection.ReadRequestAsync() is null)
            {
                return;
            }

            await connection.WriteAsync(RawAnswer.Head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked"));
            await afterHeaders.WaitAsync();
            await connection.WriteAsync(RawAnswer.Chunk("data: first\n\n"));
            await afterFirst.WaitAsync();
            await connection.WriteAsync(RawAnswer.Chunk("data: second\n\n"));
            await connection.WriteAsync(RawAnswer.LastChunk);
            await connection.PeerClosed;
        });
        return upstream;
    }
}
