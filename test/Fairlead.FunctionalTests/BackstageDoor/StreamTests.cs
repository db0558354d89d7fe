using AwesomeAssertions;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class StreamTests
{
    private const string Watch = "/api/v1/namespaces/team/pods?watch=true&resourceVersion=1";
    private const string Log = "/api/v1/namespaces/team/pods/web/log?follow=true";

    private static readonly string[] _events = [.. Enumerable.Range(1, 5).Select(static number => $$"""{"type":"ADDED","number":{{number}} }""")];

    public static MatrixTheoryData<EitherDoor, WireProtocol, UpstreamProtocol> Ways { get; } =
        new(Enum.GetValues<EitherDoor>(), WireClient.Protocols, Enum.GetValues<UpstreamProtocol>());

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B79_T95_A_watch_gives_its_headers_before_the_first_event_and_then_each_event_on_its_own(
        EitherDoor door, WireProtocol client, UpstreamProtocol upstreamProtocol)
    {
        await using var upstream = await GatedStream.StartAsync(upstreamProtocol, "application/json", _events);
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));

        var response = await caller.SendAsync(door.Get(Watch).With("Accept-Encoding", "gzip, deflate, br"));

        response.Status.Should().Be(200);
        response.Header("Content-Encoding").Should().BeNull();
        response.Header("Content-Type").Should().Be("application/json");
        response.Body.Should().BeEmpty("the headers came alone");
        upstream.Header("Accept-Encoding").Should().Be("gzip, deflate, br");
        for (var i = 0; i < _events.Length; i++)
        {
            upstream.Send(i);
            (await response.ReadLineAsync()).Should().Be(_events[i]);
        }

        (await response.ReadToEndAsync()).End.Should().Be(ResponseEnd.Complete);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B80_A_followed_log_gives_each_line_as_it_is_written(EitherDoor door, WireProtocol client, UpstreamProtocol upstreamProtocol)
    {
        await using var upstream = await GatedStream.StartAsync(upstreamProtocol, "text/plain", "first", "second", "");
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));

        var response = await caller.SendAsync(door.Get(Log).With("Accept-Encoding", "gzip"));

        response.Status.Should().Be(200);
        upstream.Send(0);
        (await response.ReadLineAsync()).Should().Be("first");
        upstream.Send(1);
        (await response.ReadLineAsync()).Should().Be("second");
        response.End.Should().BeNull("the log goes on");
        upstream.Send(2);
        (await response.ReadLineAsync()).Should().BeEmpty();
        (await response.ReadToEndAsync()).End.Should().Be(ResponseEnd.Complete);
    }

    [Theory]
    [InlineData(EitherDoor.Backstage)]
    [InlineData(EitherDoor.Cluster)]
    public async Task B81_Five_requests_share_one_client_connection_and_one_upstream_connection(EitherDoor door)
    {
        await using var http11 = new RawUpstream();
        await using var http2 = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("one", http11.Url), TestCluster.Held("two", http2.Url));
        await using var caller = await RawClient.ConnectAsync(gateway.Port);

        for (var i = 0; i < 5; i++)
        {
            (await (await caller.SendAsync(door.Get("/api/v1/namespaces", "one"))).ReadToEndAsync()).Status.Should().Be(200);
            (await (await caller.SendAsync(door.Get("/api/v1/namespaces", "two"))).ReadToEndAsync()).Status.Should().Be(200);
        }

        http11.Requests.Should().HaveCount(5);
        http11.ConnectionCount.Should().Be(1);
        http2.Requests.Should().HaveCount(5);
        http2.ConnectionCount.Should().Be(1);
    }

    [Fact]
    public async Task B81_An_upstream_that_closes_after_each_answer_does_not_end_the_client_connection()
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Json(200, "{}", "Connection: close") with { Then = AfterAnswer.Close });
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await RawClient.ConnectAsync(gateway.Port);

        for (var i = 0; i < 3; i++)
        {
            var response = await caller.SendAsync(EitherDoor.Backstage.Get("/api/v1/namespaces"));
            (await response.ReadToEndAsync()).Status.Should().Be(200);
            response.Header("Connection").Should().BeNull();
        }

        upstream.ConnectionCount.Should().Be(3);
    }

    [Fact]
    public async Task T98_250_watches_on_one_client_connection_open_over_upstream_connections_of_100_streams()
    {
        await using var upstream = await GatedStream.StartAsync(UpstreamProtocol.Http2, "application/json", _events);
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await RawHttp2Client.ConnectAsync(gateway.TlsPort, new());

        var opened = new List<RawHttp2Exchange>();
        for (var i = 0; i < 250; i++)
        {
            opened.Add(await caller.OpenAsync(EitherDoor.Backstage.Get(Watch)));
        }

        var responses = await Task.WhenAll(opened.Select(exchange => exchange.ReadHeadAsync()));
        responses.Should().OnlyContain(static response => response.Status == 200);
        upstream.OpenRequests.Should().Be(250);
        upstream.ConnectionCount.Should().BeGreaterThanOrEqualTo(3);
        upstream.Send(0);
        (await Task.WhenAll(responses.Select(static response => response.ReadLineAsync()))).Should().OnlyContain(static line => line == _events[0]);
    }

    [Fact]
    public async Task T98_Clients_that_stop_reading_do_not_hold_up_another_caller()
    {
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        var block = new byte[64 * 1024];
        upstream.Respond(async context =>
        {
            while (context.Request.Query.ContainsKey("follow"))
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        });
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        var callers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => RawClient.ConnectAsync(gateway.Port)));
        try
        {
            var heads = await Task.WhenAll(callers.Select(static caller => caller.SendAsync(EitherDoor.Backstage.Get(Log))));
            heads.Should().OnlyContain(static response => response.Status == 200);

            (await gateway.GetAsync("/api/v1/namespaces", "kind")).Status.Should().Be(200);
        }
        finally
        {
            foreach (var caller in callers)
            {
                await caller.DisposeAsync();
            }
        }

        await upstream.WaitForNoRequestAsync();
    }

    private static int PortOf(TestGateway gateway, WireProtocol protocol) => protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort;
}
