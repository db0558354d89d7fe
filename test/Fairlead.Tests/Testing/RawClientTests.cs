using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.Tests.Testing;

public sealed class RawClientTests
{
    public static TheoryData<bool> PlainAndTls => [false, true];

    [Theory, MemberData(nameof(PlainAndTls))]
    public async Task A_request_arrives_byte_for_byte_and_its_answer_comes_back(bool tls)
    {
        await using var upstream = Upstream(tls);
        upstream.Respond(RawAnswer.Json(200, """{"a":1}""", "X-Twice: one", "x-twice: two"));

        var response = await RawClient.ExchangeAsync(
            upstream.Port, new RawRequest("PATCH", "/a%2Fb//c/../d\\?x=|y") { Body = "hello"u8.ToArray() }.With("X-A", "1").With("x-a", "2"), Tls(tls));

        response.Status.Should().Be(200);
        response.End.Should().Be(ResponseEnd.Complete);
        response.Headers("X-Twice").Should().Equal("one", "two");
        response.Json.RootElement.GetProperty("a").GetInt32().Should().Be(1);
        var request = upstream.Requests.Should().ContainSingle().Subject;
        request.RequestLine.Should().Be("PATCH /a%2Fb//c/../d\\?x=|y HTTP/1.1");
        request.Target.Should().Be("/a%2Fb//c/../d\\?x=|y");
        request.Headers("X-A").Should().Equal("1", "2");
        request.HeaderLines.Select(line => line.Name).Should().Equal("Host", "X-A", "x-a", "Content-Length");
        request.BodyText.Should().Be("hello");
        request.End.Should().Be(ResponseEnd.Complete);
    }

    [Theory]
    [InlineData(AfterAnswer.Close, ResponseEnd.Truncated)]
    [InlineData(AfterAnswer.Reset, ResponseEnd.Reset)]
    public async Task A_body_that_is_too_short_is_seen_as_such(AfterAnswer then, ResponseEnd end)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Truncated(1000, "0123456789", then));
        await using var client = await RawClient.ConnectAsync(upstream.Port);

        var response = await client.SendAsync(RawRequest.Get("/"));
        await response.ReadToEndAsync();

        response.End.Should().Be(end);
    }

    [Theory, MemberData(nameof(PlainAndTls))]
    public async Task A_chunked_body_without_its_last_chunk_is_truncated(bool tls)
    {
        await using var upstream = Upstream(tls);
        upstream.Respond(RawAnswer.TruncatedChunked(AfterAnswer.Close, "one", "two"));

        var response = await RawClient.ExchangeAsync(upstream.Port, RawRequest.Get("/"), Tls(tls));

        response.End.Should().Be(ResponseEnd.Truncated);
        response.BodyText.Should().Be("onetwo");
    }

    [Fact]
    public async Task A_chunk_cut_in_its_middle_is_truncated_and_its_bytes_are_kept()
    {
        await using var upstream = new RawUpstream();
        upstream.Respond((RawAnswer)(RawAnswer.ChunkedHead(200) + "a\r\n01234") with { Then = AfterAnswer.Close });

        var response = await RawClient.ExchangeAsync(upstream.Port, RawRequest.Get("/"));

        response.End.Should().Be(ResponseEnd.Truncated);
        response.BodyText.Should().Be("01234");
    }

    [Theory, MemberData(nameof(PlainAndTls))]
    public async Task A_body_that_ends_with_the_connection_is_complete(bool tls)
    {
        await using var upstream = Upstream(tls);
        upstream.Respond((RawAnswer)(RawAnswer.Head(200) + "until close") with { Then = AfterAnswer.Close });

        var response = await RawClient.ExchangeAsync(upstream.Port, RawRequest.Get("/"), Tls(tls));

        response.End.Should().Be(ResponseEnd.Complete);
        response.BodyText.Should().Be("until close");
    }

    [Fact]
    public async Task No_answer_at_all_has_status_0()
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Nothing());

        var response = await RawClient.ExchangeAsync(upstream.Port, RawRequest.Get("/"));

        response.Status.Should().Be(0);
        response.End.Should().Be(ResponseEnd.Truncated);
    }

    [Fact]
    public async Task Interim_answers_and_trailers_are_kept_and_HEAD_has_no_body()
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(request => request.Method is "HEAD"
            ? RawAnswer.Head(200, "Content-Length: 5")
            : "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + RawAnswer.ChunkedHead(200) + "2;ext=1\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n");
        await using var client = await RawClient.ConnectAsync(upstream.Port);

        var response = await client.SendAsync(RawRequest.Get("/"));
        await response.ReadToEndAsync();
        var toHead = await client.SendAsync(new RawRequest("HEAD", "/"));

        response.Interim.Should().ContainSingle().Which.Status.Should().Be(103);
        response.BodyText.Should().Be("hi");
        response.Trailers.Only("x-sum").Should().Be("7");
        toHead.End.Should().Be(ResponseEnd.Complete);
        upstream.ConnectionCount.Should().Be(1);
    }

    [Theory, MemberData(nameof(PlainAndTls))]
    public async Task Headers_are_seen_before_the_first_event_and_each_event_on_its_own(bool tls)
    {
        await using var upstream = Upstream(tls);
        var first = new Gate();
        var second = new Gate();
        upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(RawAnswer.ChunkedHead(200));
            await first.WaitAsync();
            await connection.WriteAsync(RawAnswer.Chunk("{\"n\":1}\n"));
            await second.WaitAsync();
            await connection.WriteAsync(RawAnswer.Chunk("{\"n\":2}\n"));
            await connection.WriteAsync(RawAnswer.LastChunk);
            await connection.PeerClosed;
        });
        await using var client = await RawClient.ConnectAsync(upstream.Port, Tls(tls));

        var response = await client.SendAsync(RawRequest.Get("/watch"));
        response.Status.Should().Be(200);
        first.Open();
        (await response.ReadLineAsync()).Should().Be("{\"n\":1}");
        second.Open();
        (await response.ReadLineAsync()).Should().Be("{\"n\":2}");
        (await response.ReadLineAsync()).Should().BeNull();

        response.End.Should().Be(ResponseEnd.Complete);
    }

    [Fact]
    public async Task An_upgraded_connection_carries_bytes_both_ways_from_the_first_byte_on()
    {
        await using var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(RawAnswer.Head(101, "Connection: Upgrade", "Upgrade: SPDY/3.1") + "greeting");
            await connection.Duplex.CopyToAsync(connection.Duplex);
        });
        await using var client = await RawClient.ConnectAsync(upstream.Port);

        var response = await client.SendAsync(RawRequest.Get("/exec").With("Connection", "Upgrade").With("Upgrade", "SPDY/3.1"));
        var buffer = new byte[8];
        await response.Duplex.ReadExactlyAsync(buffer);
        buffer.Should().Equal("greeting"u8.ToArray());
        await response.Duplex.WriteAsync("12345678"u8.ToArray());
        await response.Duplex.ReadExactlyAsync(buffer);
        buffer.Should().Equal("12345678"u8.ToArray());

        await client.HalfCloseAsync();
        (await client.WaitForCloseAsync()).Should().Be(ResponseEnd.Complete);
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_ends()
    {
        await using var upstream = RawUpstream.NeverAnswering();
        await using var client = await RawClient.ConnectAsync(upstream.Port);
        using var source = new CancellationTokenSource();

        var pending = client.SendAsync(RawRequest.Get("/"), source.Token);
        await upstream.WaitForRequestAsync();
        await source.CancelAsync();

        await FluentActions.Awaiting(() => pending).Should().ThrowAsync<OperationCanceledException>();
    }

    private static RawUpstream Upstream(bool tls) =>
        new(new() { Certificate = tls ? TestCertificates.Shared.Server().Certificate : null });

    private static RawTls? Tls(bool tls) => tls ? new() { Authority = TestCertificates.Shared.Authority } : null;
}
