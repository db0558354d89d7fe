using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Framing;

/// <summary>HTTP/1.1 messages of which two readers could make two different things: 400 and closed, or one clean request. A second one never leaves.</summary>
public sealed class Http1FramingTests
{
    /// <summary>Framings that are refused: header lines, and the body up to where a second request is hidden.</summary>
    internal static readonly (string Name, string Lines, string Body)[] Refused =
    [
        ("length and chunked", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("chunked and length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
        ("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
        ("identity, then chunked", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("length 0 and chunked", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("identity twice", "Transfer-Encoding: identity\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
        ("chunked, then identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
        ("xchunked", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        ("chunked, identity", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        ("chunked;q=1", "Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"),
        ("quoted chunked", "Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
        ("chunked with a vertical tab", "Transfer-Encoding: \u000bchunked\r\n", "0\r\n\r\n"),
        ("empty encoding", "Transfer-Encoding:\r\n", "0\r\n\r\n"),
        ("blank before the colon", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("folded line", "X-Folded: a\r\n Transfer-Encoding: chunked\r\n", ""),
        ("folded with a tab", "X-Folded: a\r\n\tb\r\n", ""),
        ("folded encoding", "Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
        ("CR alone in a value", "X-Bare: a\rTransfer-Encoding: chunked\r\n", ""),
        ("CR alone in a name", "X-Ba\rre: a\r\n", ""),
        ("NUL in a value", "X-Nul: a\0b\r\n", ""),
        ("no colon", "X-No-Colon\r\n", ""),
        ("empty name", ": a\r\n", ""),
        ("LF in a chunk's extension", "Transfer-Encoding: chunked\r\n", "2;\nxx\r\n4c\r\n0\r\n\r\n"),
        ("CR in a chunk's extension", "Transfer-Encoding: chunked\r\n", "2;a\rb\r\nxx\r\n0\r\n\r\n"),
        ("LF after a chunk's size", "Transfer-Encoding: chunked\r\n", "2\nxx\r\n0\r\n\r\n"),
        ("LF after a chunk", "Transfer-Encoding: chunked\r\n", "2\r\nxx\n0\r\n\r\n"),
        ("chunk of 0x2", "Transfer-Encoding: chunked\r\n", "0x2\r\nxx\r\n0\r\n\r\n"),
        ("chunk of +2", "Transfer-Encoding: chunked\r\n", "+2\r\nxx\r\n0\r\n\r\n"),
        ("chunk of -2", "Transfer-Encoding: chunked\r\n", "-2\r\nxx\r\n0\r\n\r\n"),
        ("chunk with a blank before", "Transfer-Encoding: chunked\r\n", " 2\r\nxx\r\n0\r\n\r\n"),
        ("chunk without a size", "Transfer-Encoding: chunked\r\n", "\r\nxx\r\n0\r\n\r\n"),
        ("chunk of letters", "Transfer-Encoding: chunked\r\n", "g\r\nxx\r\n0\r\n\r\n"),
        ("chunk of 2^64+2", "Transfer-Encoding: chunked\r\n", "10000000000000002\r\nxx\r\n0\r\n\r\n"),
        ("chunk of 2^32+2", "Transfer-Encoding: chunked\r\n", "100000002\r\nxx\r\n0\r\n\r\n"),
        ("chunk of 2^31", "Transfer-Encoding: chunked\r\n", "80000000\r\nxx\r\n0\r\n\r\n"),
        ("chunk longer than said", "Transfer-Encoding: chunked\r\n", "2\r\nxxx\r\n0\r\n\r\n"),
        ("length 5,5", "Content-Length: 5,5\r\n", "xxxxx"),
        ("length 5, 6", "Content-Length: 5, 6\r\n", "xxxxx"),
        ("length -5", "Content-Length: -5\r\n", "xxxxx"),
        ("length 0x5", "Content-Length: 0x5\r\n", "xxxxx"),
        ("length 5.0", "Content-Length: 5.0\r\n", "xxxxx"),
        ("length 5 5", "Content-Length: 5 5\r\n", "xxxxx"),
        ("empty length", "Content-Length:\r\n", ""),
        ("length 2^64+5", "Content-Length: 18446744073709551621\r\n", "xxxxx"),
        ("two lengths", "Content-Length: 5\r\nContent-Length: 0\r\n", "xxxxx"),
        ("the same length twice", "Content-Length: 5\r\nContent-Length: 5\r\n", "xxxxx"),
        ("length with a blank before the colon", "Content-Length : 5\r\n", "xxxxx"),
    ];

    [Fact]
    public async Task T60_A_framing_that_can_be_read_in_two_ways_is_400_and_closed()
    {
        await using var world = await HostileWorld.StartAsync();
        var number = 0;
        var passed = new List<string>();
        foreach (var way in HostileWays.Http11)
        {
            foreach (var (name, lines, body) in Refused)
            {
                var reason = $"{way}: {name}";
                var target = $"/one-{++number}";
                await using var client = await world.ConnectHttp11Async(way);
                await client.WriteAsync(world.Head(way, "POST", target, lines) + body + world.Head(way, "GET", "/smuggled", ""));

                var response = await client.ReadResponseAsync();

                if (response.Status is not 400)
                {
                    passed.Add($"{reason}: {response.Status}");
                    continue;
                }

                response.End.Should().Be(ResponseEnd.Complete, reason);
                await client.WaitForCloseAsync();
                await ShouldHaveSeenNothingWholeAsync(world, target, reason);
            }

            (await world.GetAsync(way, "/afterwards")).Status.Should().Be(200, way.ToString());
        }

        passed.Should().BeEmpty();
        world.Upstream.Requests.Should().OnlyContain(static seen => seen.Target == "/afterwards" || seen.Target.StartsWith("/one-", StringComparison.Ordinal));
    }

    /// <summary>What is well-formed after all, and holds the text of a second request: it is one request upstream, framed in one way.</summary>
    [Fact]
    public async Task T60_A_request_within_a_body_stays_a_body()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http11)
        {
            var inner = world.Head(way, "GET", "/smuggled", "");
            var size = inner.Length.ToString("x", CultureInfo.InvariantCulture);
            foreach (var (name, method, lines, body) in ((string, string, string, string)[])
            [
                ("GET with a length", "GET", $"Content-Length: {inner.Length}\r\n", inner),
                ("GET with chunks", "GET", "Transfer-Encoding: chunked\r\n", $"{size}\r\n{inner}\r\n0\r\n\r\n"),
                ("DELETE with a length", "DELETE", $"Content-Length: {inner.Length}\r\n", inner),
                // No length by RFC 9110 8.6. The server reads it as one, and what it says upstream is one.
                ("POST with a length and a sign", "POST", $"Content-Length: +{inner.Length}\r\n", inner),
                ("POST with a length", "POST", $"Content-Length: {inner.Length}\r\n", inner),
                ("CHUNKED", "POST", "Transfer-Encoding: CHUNKED\r\n", $"{size}\r\n{inner}\r\n0\r\n\r\n"),
                ("a chunk's extension", "POST", "Transfer-Encoding: chunked\r\n", $"{size};a=\"b\";c\r\n{inner}\r\n0;x=y\r\n\r\n"),
                ("leading zeros", "POST", "Transfer-Encoding: chunked\r\n", $"0000{size}\r\n{inner}\r\n00\r\n\r\n"),
                ("X-Transfer-Encoding", "POST", $"Content-Length: {inner.Length}\r\nX-Transfer-Encoding: chunked\r\nTransfer_Encoding: chunked\r\nContent_Length: 0\r\n", inner),
                ("nominated length", "POST", $"Connection: Content-Length\r\nContent-Length: {inner.Length}\r\n", inner),
                ("nominated encoding", "POST", "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n", $"{size}\r\n{inner}\r\n0\r\n\r\n"),
            ])
            {
                var reason = $"{way}: {name}";
                var mark = world.Mark();
                await using var client = await world.ConnectHttp11Async(way);
                await client.WriteAsync(world.Head(way, method, "/one", lines) + body);

                var response = await client.ReadResponseAsync();

                response.Status.Should().BeOneOf([200, 400], reason);
                if (response.Status is 200)
                {
                    var seen = world.SentSince(mark).Should().ContainSingle(reason).Subject;
                    await ShouldBeCleanAsync(seen, reason);
                    seen.BodyText.Should().Be(inner, reason);
                }

                // The same connection goes on in step, or has been closed.
                await client.WriteAsync(world.Head(way, "GET", "/two", "Connection: close\r\n"));
                var next = await client.ReadResponseAsync();
                next.Status.Should().BeOneOf(response.Status is 200 ? [200] : [0], reason);
                world.SentSince(mark).Select(static each => each.Target).Should().Equal(response.Status is 200 ? ["/one", "/two"] : [], reason);
            }
        }
    }

    [Fact]
    public async Task T60_Trailers_name_nothing_that_counts()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http11)
        {
            foreach (var trailer in (string[])["Host: evil.example", "Authorization: Bearer evil", "Content-Length: 7000007", "Transfer-Encoding: chunked", "Impersonate-User: evil", "Connection: Authorization", "Cookie: evil=1", "X-Evil: evil"])
            {
                var reason = $"{way}: {trailer}";
                var mark = world.Mark();
                await using var client = await world.ConnectHttp11Async(way);
                await client.WriteAsync(world.Head(way, "POST", "/one", $"Trailer: {trailer.Split(':')[0]}\r\nTransfer-Encoding: chunked\r\n") + $"2\r\nxx\r\n0\r\n{trailer}\r\n\r\n");

                var response = await client.ReadResponseAsync();

                response.Status.Should().BeOneOf([200, 400], reason);
                foreach (var seen in world.SentSince(mark))
                {
                    if (response.Status is 200)
                    {
                        await ShouldBeCleanAsync(seen, reason);
                    }

                    (System.Text.Encoding.Latin1.GetString(seen.HeadBytes) + System.Text.Encoding.Latin1.GetString(seen.RawBody)).Should().NotContain("evil", reason).And.NotContain("7000007", reason);
                    seen.Headers("Trailer").Should().BeEmpty(reason);
                }

                world.SentSince(mark).Count.Should().BeLessThanOrEqualTo(1, reason);
            }
        }
    }

    /// <summary>A line that ends in LF alone (RFC 9112 2.2 lets a server take it): whatever is made of it, it is one request.</summary>
    [Fact]
    public async Task T60_Lines_that_end_in_LF_alone_hide_nothing()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http11)
        {
            foreach (var (name, text) in ((string, string)[])
            [
                ("everywhere", world.Head(way, "GET", "/one", "X-Last: a\r\n").Replace("\r\n", "\n", StringComparison.Ordinal)),
                ("in the middle", world.Head(way, "GET", "/one", "X-Bare: a\nX-Other: b\r\n")),
                ("hides an encoding", world.Head(way, "POST", "/one", "Content-Length: 3\r\nX-Bare: a\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"),
                ("hides a length", world.Head(way, "POST", "/one", "X-Bare: a\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"),
                ("ends the head", world.Head(way, "GET", "/one", "X-Last: a\n")[..^2] + "\n"),
            ])
            {
                var reason = $"{way}: {name}";
                var mark = world.Mark();
                await using var client = await world.ConnectHttp11Async(way);
                await client.WriteAsync(text);

                var response = await client.ReadResponseAsync();

                response.Status.Should().Be(400, reason);
                world.SentSince(mark).Should().BeEmpty(reason);
            }
        }
    }

    [Fact]
    public async Task T60_A_request_line_that_is_none_is_refused()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http11)
        {
            var good = world.Head(way, "GET", "/one", "");
            foreach (var (was, now) in ((string, string)[])
            [
                (" HTTP/1.1", ""), (" HTTP/1.1", " HTTP/1.2"), (" HTTP/1.1", " HTTP/2.0"), (" HTTP/1.1", " HTTP/0.9"), (" HTTP/1.1", " http/1.1"), (" HTTP/1.1", " HTTP/1.1 HTTP/1.1"), (" HTTP/1.1", "\tHTTP/1.1"),
                ("GET ", "GET  "), ("GET ", " GET "), ("GET ", "GET\t"), (" HTTP/1.1\r\n", " HTTP/1.1\r\n \r\n"),
            ])
            {
                var reason = $"{way}: {was} as {now}";
                var mark = world.Mark();
                await using var client = await world.ConnectHttp11Async(way);
                await client.WriteAsync(good.Replace(was, now, StringComparison.Ordinal));

                var response = await client.ReadResponseAsync();

                response.Status.Should().BeOneOf([400, 505], reason);
                world.SentSince(mark).Should().BeEmpty(reason);
            }
        }
    }

    /// <summary>RFC 9112 6.1: a request of HTTP/1.0 with an encoding was framed by somebody who does not know what it means.</summary>
    [Fact]
    public async Task T60_Chunks_of_HTTP_1_0_are_one_request_at_most_and_the_last_on_their_connection()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http11)
        {
            var mark = world.Mark();
            await using var client = await world.ConnectHttp11Async(way);
            await client.WriteAsync(
                world.Head(way, "POST", "/one", "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n").Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal)
                + "2\r\nxx\r\n0\r\n\r\n" + world.Head(way, "GET", "/smuggled", ""));

            var response = await client.ReadResponseAsync();

            response.Status.Should().Be(400, way.ToString());
            await client.WaitForCloseAsync();
            world.SentSince(mark).Should().BeEmpty(way.ToString());
        }
    }

    /// <summary>The upstream answers a head that announces a body, and never asks for it. The connection it was on carries nobody else's request.</summary>
    [Fact]
    public async Task T60_An_unanswered_Expect_leaves_nothing_behind()
    {
        await using var world = await HostileWorld.StartAsync(static options => options with { Timeouts = options.Timeouts with { Idle = TimeSpan.FromSeconds(2) } });
        world.Upstream.OnConnection(static async connection =>
        {
            while (await connection.ReadHeadAsync() is { } request)
            {
                // Asks for no body, and reads as one what stands where it has to be (RFC 9110 10.1.1).
                await connection.AnswerAsync(RawAnswer.Json(request.Target.StartsWith("/one", StringComparison.Ordinal) ? 403 : 200, $$"""{"target":"{{request.Target}}"}"""));
                await connection.ReadBodyAsync(request);
            }
        });
        await Task.WhenAll(HostileWays.Http11.Select(async way =>
        {
            foreach (var sendsBody in (bool[])[true, false])
            {
                var reason = $"{way}: {(sendsBody ? "with" : "without")} the body";
                var asked = $"/one-{way.Door}-{way.Protocol}-{way.Login}-{sendsBody}";
                await using var client = await world.ConnectHttp11Async(way);
                var inner = world.Head(way, "GET", "/smuggled", "");
                await client.WriteAsync(world.Head(way, "POST", asked, $"Expect: 100-continue\r\nContent-Length: {inner.Length}\r\n") + (sendsBody ? inner : ""));
                var refused = await client.ReadResponseAsync();

                // Who was told to go on and does not is silent.
                refused.Status.Should().BeOneOf(sendsBody ? [403] : [403, 408], reason);

                foreach (var target in (string[])["/two", "/three"])
                {
                    var response = await world.GetAsync(way, target);
                    response.Status.Should().Be(200, reason);
                    response.BodyText.Should().Be($$"""{"target":"{{target}}"}""", reason.Replace("{", "", StringComparison.Ordinal));
                }

                world.Upstream.Requests.Should().ContainSingle(seen => string.Equals(seen.Target, asked, StringComparison.Ordinal), reason);
            }
        }));
        world.Upstream.Requests.Should().NotContain(static seen => seen.Target.Contains("smuggled", StringComparison.Ordinal));
    }

    private static async Task ShouldBeCleanAsync(RecordedRequest seen, string reason)
    {
        await seen.WaitForEndAsync();
        seen.End.Should().Be(ResponseEnd.Complete, reason);
        (seen.Headers("Content-Length").Count + seen.Headers("Transfer-Encoding").Count).Should().Be(1, reason);
        seen.Target.Should().Be("/one", reason);
    }

    /// <summary>The head may have left before the body turned out to be broken: then it is one that was cut, and never a second one.</summary>
    private static async Task ShouldHaveSeenNothingWholeAsync(HostileWorld world, string target, string reason)
    {
        var sent = world.Upstream.Requests.Where(seen => string.Equals(seen.Target, target, StringComparison.Ordinal)).ToList();
        sent.Count.Should().BeLessThanOrEqualTo(1, reason);
        foreach (var seen in sent)
        {
            await seen.WaitForEndAsync();
            seen.End.Should().NotBe(ResponseEnd.Complete, reason);
        }
    }
}
