using System.IO.Compression;
using System.Text;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>What of a Service's answer reaches the client.</summary>
public sealed class ResponseHeaderTests
{
    public static MatrixTheoryData<Via, Shape, WireProtocol> Ways { get; } = new(Enum.GetValues<Via>(), [Shape.Path, Shape.Request], ServiceAnswers.Protocols);

    public static MatrixTheoryData<Shape, WireProtocol> Shapes { get; } = new([Shape.Path, Shape.Request], ServiceAnswers.Protocols);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H67_Statuses_pass_with_their_bodies_and_without_Proxy_Status(Via via, Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        foreach (var status in new[] { 200, 201, 202, 400, 401, 403, 404, 409, 418, 422, 429, 500, 501 })
        {
            passage.Upstream.Respond(Closing(RawAnswer.Text(status, $"body of {status}", "text/x-own; charset=utf-8", "Connection: close")));

            var response = await SendAsync(passage, shape, protocol);

            response.Status.Should().Be(status, response.ToString());
            response.BodyText.Should().Be($"body of {status}");
            response.Headers("Content-Type").Should().Equal("text/x-own; charset=utf-8");
            response.Headers("Proxy-Status").Should().BeEmpty();
            response.Headers("Fairlead-Transport").Should().Equal(via.Word());
            response.End.Should().Be(ResponseEnd.Complete);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H67_A_204_and_a_206_pass_as_they_are(Via via, Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        passage.Upstream.Respond(Closing(RawAnswer.Head(204, "Connection: close")));
        var empty = await SendAsync(passage, shape, protocol);
        passage.Upstream.Respond(RawAnswer.Text(206, "01234", "application/octet-stream", "Content-Range: bytes 0-4/10", "Accept-Ranges: bytes"));

        var part = await SendAsync(passage, shape, protocol);

        empty.Status.Should().Be(204, empty.ToString());
        empty.Body.Should().BeEmpty();
        part.Status.Should().Be(206, part.ToString());
        part.Header("Content-Range").Should().Be("bytes 0-4/10");
        part.Header("Accept-Ranges").Should().Be("bytes");
        part.BodyText.Should().Be("01234");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H68_The_content_type_passes_as_sent_and_none_is_made_up(Via via, Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        foreach (var (answer, type) in new (RawAnswer, string?)[]
        {
            (RawAnswer.Text(200, "<b>", "text/plain", "Connection: close"), "text/plain"),
            (RawAnswer.Text(200, "{}", "application/json", "Connection: close"), "application/json"),
            (RawAnswer.Text(200, "<svg/>", "image/svg+xml", "Connection: close"), "image/svg+xml"),
            (RawAnswer.Text(200, "", "text/x-own;charset=\"UTF-8\"", "Connection: close"), "text/x-own;charset=\"UTF-8\""),
            (RawAnswer.Head(200, "Content-Length: 3", "Connection: close") + "<b>", null),
            (RawAnswer.Head(200, "Content-Length: 0", "Connection: close"), null),
        })
        {
            passage.Upstream.Respond(Closing(answer));

            var response = await SendAsync(passage, shape, protocol);

            response.Status.Should().Be(200, response.ToString());
            response.Headers("Content-Type").Should().Equal(type is null ? [] : [type]);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H69_What_describes_the_content_is_kept(Via via, Shape shape, WireProtocol protocol)
    {
        var kept = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ETag"] = "W/\"a\"",
            ["Last-Modified"] = "Thu, 01 Jan 2026 00:00:00 GMT",
            ["Content-Disposition"] = "attachment; filename=\"a b.tgz\"",
            ["Content-Language"] = "de",
            ["Link"] = "</x?page=2>; rel=\"next\"",
            ["Retry-After"] = "7",
            ["pagination-total-count"] = "12",
            ["Vary"] = "Accept",
            ["X-Of-The-Service"] = "a=b; c, d",
        };
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        passage.Upstream.Respond(RawAnswer.Text(200, "0123456789", "text/plain", [.. kept.Select(static line => $"{line.Key}: {line.Value}")]));

        var response = await SendAsync(passage, shape, protocol);

        response.Status.Should().Be(200, response.ToString());
        response.Headers("Content-Length").Should().Equal("10");
        kept.Where(line => !response.Headers(line.Key).SequenceEqual([line.Value])).Should().BeEmpty(response.ToString());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H69_A_conditional_request_gets_its_304(Via via, Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        passage.Upstream.Respond(static request => request.Header("If-None-Match") is "\"a\""
            ? RawAnswer.Head(304, "ETag: \"a\"", "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT")
            : RawAnswer.Text(200, "new", "text/plain", "ETag: \"a\""));

        var response = await passage.ExchangeAsync(
            protocol, RawRequest.Get(shape.Target("/x")).WithBearer(ServiceCluster.UserToken).With("If-None-Match", "\"a\""));

        response.Status.Should().Be(304, response.ToString());
        response.Header("ETag").Should().Be("\"a\"");
        response.Header("Last-Modified").Should().Be("Thu, 01 Jan 2026 00:00:00 GMT");
        response.Body.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H70_T70_What_would_speak_for_the_gateways_origin_does_not_reach_the_client(Via via, Shape shape, WireProtocol protocol)
    {
        string[] held =
        [
            "Set-Cookie: headlamp-auth-main.0=evil; Domain=127.0.0.1; Path=/", "Set-Cookie: other=1", "Set-Cookie2: a=b", "Clear-Site-Data: \"*\"",
            "Strict-Transport-Security: max-age=1", "Alt-Svc: h2=\":1\"", "Service-Worker-Allowed: /", "Access-Control-Allow-Origin: *",
            "Access-Control-Allow-Credentials: true", "Access-Control-Expose-Headers: X-Secret", "Content-Security-Policy-Report-Only: default-src *",
            "Cross-Origin-Opener-Policy: unsafe-none", "Cross-Origin-Embedder-Policy: unsafe-none", "Report-To: {}", "Reporting-Endpoints: a=\"https://evil.example\"",
            "NEL: {}", "Refresh: 0; url=https://evil.example", "X-Reload: reload", "WWW-Authenticate: Basic realm=\"x\"", "Keep-Alive: timeout=5",
        ];
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        passage.Upstream.Respond(RawAnswer.Text(
            200, "<script>fetch('/')</script>", "text/html", [.. held, "Content-Security-Policy: default-src *", "Cross-Origin-Resource-Policy: cross-origin"]));

        var response = await SendAsync(passage, shape, protocol);

        response.Status.Should().Be(200, response.ToString());
        held.Select(static line => line[..line.IndexOf(':', StringComparison.Ordinal)]).Where(response.HeaderLines.Contains).Should().BeEmpty();
        response.HeaderLines.ToString().Should().NotContain("evil");
        response.Headers("X-Content-Type-Options").Should().Equal("nosniff");
        response.Headers("Content-Security-Policy").Should().Equal("sandbox");
        response.Headers("Cross-Origin-Resource-Policy").Should().Equal("same-origin");
        response.Headers("Content-Type").Should().Equal("text/html");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H70_What_Connection_names_does_not_reach_the_client(Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Upstream.Respond(RawAnswer.Text(200, "x", "text/plain", "Connection: keep-alive, X-Hop", "X-Hop: 1", "X-Other: 1"));

        var response = await SendAsync(passage, shape, protocol);

        response.Headers("X-Hop").Should().BeEmpty();
        response.Headers("X-Other").Should().Equal("1");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H70_Of_several_challenges_only_Bearer_passes(Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Upstream.Respond(RawAnswer.Text(
            401, "no", "text/plain", "WWW-Authenticate: Basic realm=\"x\"", "WWW-Authenticate: Bearer realm=\"y\"", "WWW-Authenticate: Negotiate", "Proxy-Authenticate: Basic"));

        var response = await SendAsync(passage, shape, protocol);

        response.Status.Should().Be(401, response.ToString());
        response.Headers("WWW-Authenticate").Should().Equal("Bearer realm=\"y\"");
        response.Headers("Proxy-Authenticate").Should().BeEmpty();
        response.Headers("Proxy-Status").Should().BeEmpty();
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task T70_The_gateways_own_errors_are_isolated_too(WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync();

        var response = await passage.ExchangeAsync(protocol, RawRequest.Get("/serviceproxy/default/missing/x").WithBearer(ServiceCluster.UserToken));

        response.ShouldRefuse(404, "NotFound");
        response.Headers("X-Content-Type-Options").Should().Equal("nosniff");
    }

    [Theory]
    [InlineData("Cache-Control: public, max-age=600")]
    [InlineData("Cache-Control: no-store")]
    [InlineData("Expires: Thu, 01 Jan 2099 00:00:00 GMT")]
    [InlineData("Pragma: cache")]
    [InlineData("X-Accel-Expires: 600")]
    [InlineData("X-Other: 1")]
    public async Task H72_The_request_form_is_never_cached_whatever_the_Service_says(string line)
    {
        await using var passage = await ServicePassage.StartAsync();
        foreach (var status in new[] { 200, 404, 500 })
        {
            passage.Upstream.Respond(Closing(RawAnswer.Text(status, "x", "text/plain", line, "Connection: close")));
            foreach (var protocol in ServiceAnswers.Protocols)
            {
                var response = await SendAsync(passage, Shape.Request, protocol);

                response.Status.Should().Be(status, response.ToString());
                response.ShouldNotBeCached();
            }
        }

        foreach (var target in new[] { "/clusters/main/serviceproxy/default/missing?request=x", "/clusters/main/serviceproxy/default/web?request=..%2Fx" })
        {
            (await passage.GetAsync(target)).ShouldNotBeCached();
        }
    }

    [Theory]
    [InlineData("public, max-age=60", "private, max-age=60")]
    [InlineData("max-age=60", "private, max-age=60")]
    [InlineData("s-maxage=10, max-age=60", "private, max-age=60")]
    [InlineData("Public, S-MaxAge=10, max-age=60", "private, max-age=60")]
    [InlineData("private, max-age=5", "private, max-age=5")]
    [InlineData("no-store", "private, no-store")]
    [InlineData("public", "private")]
    [InlineData("public, max-age=60, immutable, stale-while-revalidate=5", "private, max-age=60, immutable, stale-while-revalidate=5")]
    public async Task H72_The_path_form_keeps_what_the_Service_says_for_the_caller_alone(string sent, string expected)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Upstream.Respond(RawAnswer.Text(200, "x", "text/plain", $"Cache-Control: {sent}"));
        foreach (var protocol in ServiceAnswers.Protocols)
        {
            var response = await SendAsync(passage, Shape.Path, protocol);

            response.Status.Should().Be(200, response.ToString());
            string.Join(", ", response.Headers("Cache-Control")).Split(", ").Should().BeEquivalentTo(expected.Split(", "));
        }
    }

    [Theory]
    [InlineData(Via.Direct, WireProtocol.Http11)]
    [InlineData(Via.Direct, WireProtocol.Http2Tls)]
    [InlineData(Via.ApiServer, WireProtocol.Http11)]
    public async Task H72_The_path_form_is_not_cached_where_the_Service_says_nothing(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());

        var response = await SendAsync(passage, Shape.Path, protocol);

        response.Status.Should().Be(200, response.ToString());
        response.ShouldNotBeCached();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H73_A_compressed_body_passes_byte_for_byte_and_is_not_unpacked(Via via, Shape shape, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        var packed = Pack(new string('a', 5000) + "end");
        passage.Upstream.Respond(request => request.Header("Accept-Encoding")?.Contains("gzip", StringComparison.Ordinal) == true
            ? (byte[])[.. Encoding.Latin1.GetBytes(RawAnswer.Head(200, "Content-Type: text/plain", "Content-Encoding: gzip", $"Content-Length: {packed.Length}")), .. packed]
            : RawAnswer.Text(200, "plain"));

        var gzip = await passage.ExchangeAsync(protocol, RawRequest.Get(shape.Target("/x")).WithBearer(ServiceCluster.UserToken).With("Accept-Encoding", "gzip"));
        var plain = await passage.ExchangeAsync(protocol, RawRequest.Get(shape.Target("/x")).WithBearer(ServiceCluster.UserToken).With("Accept-Encoding", "identity"));
        var silent = await passage.ExchangeAsync(protocol, RawRequest.Get(shape.Target("/x")).WithBearer(ServiceCluster.UserToken));

        gzip.Headers("Content-Encoding").Should().Equal("gzip");
        gzip.Headers("Content-Length").Should().Equal($"{packed.Length}");
        gzip.Body.Should().Equal(packed);
        foreach (var response in new[] { plain, silent })
        {
            response.Headers("Content-Encoding").Should().BeEmpty();
            response.BodyText.Should().Be("plain");
        }

        passage.Seen.Select(static seen => seen.Header("Accept-Encoding")).Should().Equal("gzip", "identity", null);
    }

    // The script of a connection is chosen when it opens: an answer that is to change needs a connection of its own.
    private static RawAnswer Closing(RawAnswer answer) => answer with { Then = AfterAnswer.Close };

    private static Task<RawResponse> SendAsync(ServicePassage passage, Shape shape, WireProtocol protocol) =>
        passage.ExchangeAsync(protocol, RawRequest.Get(shape.Target("/x")).WithBearer(ServiceCluster.UserToken));

    private static byte[] Pack(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }
}
