using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Framing;

/// <summary>HTTP/2 messages that are malformed (RFC 9113 8.1.1): an error for them, and nothing of them upstream.</summary>
public sealed class Http2FramingTests
{
    [Fact]
    public async Task T61_A_malformed_field_is_a_protocol_error()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http2)
        {
            foreach (var (name, value) in ((string, string)[])
            [
                ("x-evil", "a\r\nx-injected: b"), ("x-evil", "a\rb"), ("x-evil", "a\nb"), ("x-evil", "a\0b"), ("x-evil", "a\n"), ("x-ev\r\nil", "a"), ("x-ev il", "a"), ("x-ev:il", "a"), ("x-ev\0il", "a"), ("", "a"),
                ("X-Evil", "a"), ("x-Evil", "a"), ("connection", "close"), ("connection", "x-evil"), ("keep-alive", "timeout=5"), ("proxy-connection", "keep-alive"), ("transfer-encoding", "chunked"), ("te", "gzip"),
                (":evil", "a"), (":status", "200"), (":method", "GET"), (":path", "/x"), (":authority", HostileWorld.Host), (":scheme", "https"), ("content-length", "-1"), ("content-length", "5,5"), ("content-length", "+5"), ("content-length", "5"),
            ])
            {
                var reason = $"{way}: {name} = {value.ReplaceLineEndings("~")}";
                var mark = world.Mark();
                await using var client = await ConnectAsync(world, way);
                var fields = Http2Fields.Of(world.Request(way, RawRequest.Get("/x")), "https");

                var response = await (await client.OpenAsync([.. fields, new HeaderLine(name, value)], endStream: true)).ReadResponseAsync();

                // A header that is hop by hop may also be left behind, as every other one of that kind is.
                response.Status.Should().BeOneOf(name is "keep-alive" or "proxy-connection" or "te" ? [0, 200, 400] : [0, 400], reason);
                foreach (var seen in world.SentSince(mark))
                {
                    response.Status.Should().Be(200, reason);
                    seen.Headers(name).Should().BeEmpty(reason);
                }
            }

            (await world.GetAsync(way, "/afterwards")).Status.Should().Be(200, way.ToString());
        }
    }

    [Fact]
    public async Task T61_Pseudo_headers_that_are_missing_repeated_late_or_wrong_are_a_protocol_error()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http2)
        {
            var fields = Http2Fields.Of(world.Request(way, RawRequest.Get("/x")), "https");
            HeaderLine[] Without(string name) => [.. fields.Where(field => !string.Equals(field.Name, name, StringComparison.Ordinal))];
            HeaderLine[] With(string name, string value) => [.. fields.Select(field => string.Equals(field.Name, name, StringComparison.Ordinal) ? field with { Value = value } : field)];
            foreach (var (what, sent) in ((string, HeaderLine[])[])
            [
                ("no method", Without(":method")), ("no scheme", Without(":scheme")), ("no path", Without(":path")), ("path first twice", [fields.First(static field => field.Name is ":path"), .. fields]),
                ("path late", [.. Without(":path"), new(":path", "/x")]), ("empty path", With(":path", "")), ("path without a slash", With(":path", "x")), ("path of a query", With(":path", "?x")),
                ("path with a blank", With(":path", "/x y")), ("path with CR LF", With(":path", "/x HTTP/1.1\r\nHost: evil\r\n\r\nGET /y")), ("path with NUL", With(":path", "/x\0")), ("path with bytes", With(":path", "/\u00ff")),
                ("method with a blank", With(":method", "GET /y HTTP/1.1\r\nX: y")), ("empty method", With(":method", "")), ("scheme of another", With(":scheme", "http")), ("no scheme at all", With(":scheme", "")),
                ("scheme with more", With(":scheme", "https://evil/")), ("authority with CR LF", With(":authority", "a\r\nx: y")), ("authority with a path", With(":authority", HostileWorld.Host + "/x")),
                ("authority with userinfo", With(":authority", "a@" + HostileWorld.Host)), ("protocol without CONNECT", [new(":protocol", "websocket"), .. fields]),
            ])
            {
                var reason = $"{way}: {what}";
                var mark = world.Mark();
                await using var client = await ConnectAsync(world, way);

                var response = await (await client.OpenAsync(sent, endStream: true)).ReadResponseAsync();

                response.Status.Should().BeOneOf([0, 400, 405], reason);
                world.SentSince(mark).Should().BeEmpty(reason);
            }

            (await world.GetAsync(way, "/afterwards")).Status.Should().Be(200, way.ToString());
        }
    }

    /// <summary>RFC 9113 8.1.1: the DATA frames are as long as content-length says. An upstream never gets a whole request of another length, and never a second one.</summary>
    [Fact]
    public async Task T61_A_content_length_that_lies_is_an_error()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var (number, way) in HostileWays.Http2.Index())
        {
            var inner = world.Head(way with { Protocol = WireProtocol.Http11 }, "GET", "/smuggled", "");
            var mark = world.Mark();
            foreach (var (said, sent) in ((int, int)[])[(5, 0), (5, 4), (5, 6), (0, 5), (5, inner.Length)])
            {
                await using var client = await ConnectAsync(world, way);
                var post = world.Request(way, new RawRequest("POST", $"/one-{number}-{said}-{sent}") { KeepSending = true }).With("content-length", said.ToString(CultureInfo.InvariantCulture));

                var stream = await client.OpenAsync(post);
                await client.WriteFrameAsync(Http2FrameType.Data, Http2Frame.EndStream, stream.Id, System.Text.Encoding.Latin1.GetBytes(sent == inner.Length ? inner : new string('x', sent)));
                var response = await stream.ReadResponseAsync();

                response.Status.Should().NotBe(200, $"{way}: {said} said, {sent} sent");
            }

            (await world.GetAsync(way, "/afterwards")).Status.Should().Be(200, way.ToString());
            // By its target, since the upstream may have seen a request only after its client had its answer.
            var seen = world.SentSince(mark).ToLookup(static request => request.Target, StringComparer.Ordinal);
            foreach (var request in seen.Where(static one => one.Key is not "/afterwards").Select(static one => one.Should().ContainSingle().Subject))
            {
                await request.WaitForEndAsync();
                request.Target.Should().StartWith("/one-", way.ToString());

                // A length of 0 is a whole request before any DATA comes.
                (request.Target.EndsWith("-0-5", StringComparison.Ordinal) ? request.BodyLength is 0 : request.End is not ResponseEnd.Complete).Should().BeTrue($"{way}: {request.Target}");
            }
        }
    }

    [Fact]
    public async Task T61_Trailers_name_nothing_that_counts()
    {
        await using var world = await HostileWorld.StartAsync();
        var mark = world.Mark();
        var reasons = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var way in HostileWays.Http2)
        {
            foreach (var (name, value) in ((string, string)[])
            [
                ("authorization", "Bearer evil"), ("host", "evil.example"), ("content-length", "7000007"), ("impersonate-user", "evil"), ("cookie", "evil=1"), ("x-evil", "evil"), (":path", "/evil"), (":method", "DELETE"), ("X-Evil", "evil"), ("x-evil", "a\r\nevil: b"),
            ])
            {
                var target = $"/one-{reasons.Count}";
                reasons[target] = $"{way}: {name}";
                await using var client = await ConnectAsync(world, way);
                var stream = await client.OpenAsync(world.Request(way, new RawRequest("POST", target) { KeepSending = true }));
                await client.WriteFrameAsync(Http2FrameType.Data, 0, stream.Id, "xx"u8.ToArray());
                await client.WriteFrameAsync(Http2FrameType.Headers, Http2Frame.EndHeaders | Http2Frame.EndStream, stream.Id, HpackEncoder.Encode([new HeaderLine(name, value)]));

                var response = await stream.ReadResponseAsync();

                response.Status.Should().BeOneOf([0, 200, 400, 502], reasons[target]);
            }

            (await world.GetAsync(way, "/afterwards")).Status.Should().Be(200, way.ToString());
        }

        // By its target, since the upstream may have seen a request only after its client had its answer.
        var seen = world.SentSince(mark).ToLookup(static request => request.Target, StringComparer.Ordinal);
        seen.Select(static requests => requests.Key).Should().BeSubsetOf([.. reasons.Keys, "/afterwards"]);
        foreach (var (target, reason) in reasons.Where(one => seen.Contains(one.Key)))
        {
            var request = seen[target].Should().ContainSingle(reason).Subject;
            await request.WaitForEndAsync();
            (System.Text.Encoding.Latin1.GetString(request.HeadBytes) + System.Text.Encoding.Latin1.GetString(request.RawBody)).Should().NotContainEquivalentOf("evil", reason).And.NotContain("7000007", reason);
            request.RequestLine.Should().Be($"POST {target} HTTP/1.1", reason);
        }
    }

    /// <summary>Frames that no stream can take: the connection ends with an error (RFC 9113 5.4.1), and others go on.</summary>
    [Fact]
    public async Task T61_Frames_out_of_order_end_the_connection()
    {
        await using var world = await HostileWorld.StartAsync();
        await using var other = await RawHttp2Client.ConnectAsync(world.Gateway.TlsPort, new RawTls());
        foreach (var way in HostileWays.Http2.Where(static way => way.Login is LoginName.Bearer))
        {
            var head = HpackEncoder.Encode(Http2Fields.Of(world.Request(way, RawRequest.Get("/x")), "https"));
            foreach (var (what, frames) in ((string, (Http2FrameType Type, int Flags, int Stream, byte[] Payload)[])[])
            [
                ("CONTINUATION alone", [(Http2FrameType.Continuation, 4, 1, head)]),
                ("DATA on no stream", [(Http2FrameType.Data, 1, 0, [1])]),
                ("DATA on an idle stream", [(Http2FrameType.Data, 1, 1, [1])]),
                ("HEADERS on an even stream", [(Http2FrameType.Headers, 5, 2, head)]),
                ("HEADERS on stream 0", [(Http2FrameType.Headers, 5, 0, head)]),
                ("a PING amid a header block", [(Http2FrameType.Headers, 1, 1, head), (Http2FrameType.Ping, 0, 0, new byte[8])]),
                ("another stream amid a header block", [(Http2FrameType.Headers, 1, 1, head), (Http2FrameType.Continuation, 4, 3, [])]),
                ("PUSH_PROMISE", [(Http2FrameType.PushPromise, 4, 1, [0, 0, 0, 2, .. head])]),
                ("padding longer than the frame", [(Http2FrameType.Headers, 5 | 8, 1, [255, .. head[..10]])]),
                ("a window that overflows", [(Http2FrameType.WindowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff]), (Http2FrameType.WindowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff])]),
                ("a window of nothing", [(Http2FrameType.WindowUpdate, 0, 0, [0, 0, 0, 0])]),
                ("SETTINGS of five bytes", [(Http2FrameType.Settings, 0, 0, new byte[5])]),
                ("a window of 2^31", [(Http2FrameType.Settings, 0, 0, [0, 4, 0x80, 0, 0, 0])]),
                ("frames of 100 bytes", [(Http2FrameType.Settings, 0, 0, [0, 5, 0, 0, 0, 100])]),
                ("PING of seven bytes", [(Http2FrameType.Ping, 0, 0, new byte[7])]),
                ("RST_STREAM on an idle stream", [(Http2FrameType.ResetStream, 0, 1, new byte[4])]),
                ("a table of no such index", [(Http2FrameType.Headers, 5, 1, [0xff, 0xff, 0x7f])]),
                ("an integer without end", [(Http2FrameType.Headers, 5, 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])]),
                ("a dependency on itself", [(Http2FrameType.Headers, 5 | 0x20, 1, [0, 0, 0, 1, 0, .. head])]),
            ])
            {
                var reason = $"{way}: {what}";
                var mark = world.Mark();
                await using var client = await ConnectAsync(world, way);
                foreach (var (type, flags, stream, payload) in frames)
                {
                    await client.WriteFrameAsync(type, (byte)flags, stream, payload);
                }

                await client.WaitForCloseAsync();

                client.GoAwayError.Should().BePositive(reason);
                world.SentSince(mark).Should().BeEmpty(reason);
            }

            (await (await other.SendAsync(world.Request(way, RawRequest.Get("/x")))).ReadToEndAsync()).Status.Should().Be(200, way.ToString());
        }
    }

    private static Task<RawHttp2Client> ConnectAsync(HostileWorld world, HostileWay way) => RawHttp2Client.ConnectAsync(world.Port(way.Protocol), new RawTls());
}
