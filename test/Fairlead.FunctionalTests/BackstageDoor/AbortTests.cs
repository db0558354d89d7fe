using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class AbortTests
{
    private const string Watch = "/api/v1/pods?watch=1";

    public static MatrixTheoryData<EitherDoor, WireProtocol, UpstreamProtocol> Ways { get; } =
        new(Enum.GetValues<EitherDoor>(), WireClient.Protocols, Enum.GetValues<UpstreamProtocol>());

    public static MatrixTheoryData<WireProtocol, UpstreamProtocol> Protocols { get; } = new(WireClient.Protocols, Enum.GetValues<UpstreamProtocol>());

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task B75_A_client_that_leaves_a_watch_ends_the_upstream_request(EitherDoor door, WireProtocol client, UpstreamProtocol upstreamProtocol)
    {
        await using var upstream = await GatedStream.StartAsync(upstreamProtocol, "application/json", "never");
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using (var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client)))
        {
            (await caller.SendAsync(door.Get(Watch))).Status.Should().Be(200);
        }

        await upstream.WaitForAbortsAsync();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task B75_After_twenty_aborted_watches_no_upstream_request_is_open(WireProtocol client, UpstreamProtocol upstreamProtocol)
    {
        await using var upstream = await GatedStream.StartAsync(upstreamProtocol, "application/json", "never");
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        for (var i = 0; i < 20; i++)
        {
            await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));
            (await caller.SendAsync(EitherDoor.Backstage.Get(Watch))).Status.Should().Be(200);
            caller.Reset();
        }

        upstream.RequestCount.Should().Be(20);
        await upstream.WaitForAbortsAsync();
        upstream.OpenRequests.Should().Be(0);
    }

    [Theory]
    [InlineData(UpstreamProtocol.Http11)]
    [InlineData(UpstreamProtocol.Http2)]
    public async Task B75_A_reset_of_one_HTTP_2_stream_ends_its_upstream_request_alone(UpstreamProtocol upstreamProtocol)
    {
        await using var upstream = await GatedStream.StartAsync(upstreamProtocol, "application/json", "event", "never");
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await RawHttp2Client.ConnectAsync(gateway.TlsPort, new());
        var left = await caller.OpenAsync(EitherDoor.Backstage.Get(Watch));
        await left.ReadHeadAsync();
        var kept = await (await caller.OpenAsync(EitherDoor.Backstage.Get(Watch))).ReadHeadAsync();

        await left.ResetAsync();

        await Eventually.BeTrueAsync(() => upstream.OpenRequests == 1, "one request at the upstream to end");
        upstream.Send(0);
        (await kept.ReadLineAsync()).Should().Be("event");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task B75_A_client_that_leaves_before_the_answer_ends_the_upstream_request(WireProtocol client, UpstreamProtocol upstreamProtocol)
    {
        await using var http11 = RawUpstream.NeverAnswering(new() { Certificate = TestCertificates.Shared.Server().Certificate });
        await using var http2 = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        http2.Respond(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var folder = new TempFolder();
        var audit = folder.PathOf("audit.jsonl");
        var url = upstreamProtocol is UpstreamProtocol.Http11 ? http11.Url : http2.Url;
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", url)) with { Audit = new AuditOptions { File = audit } });
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));
        _ = caller.SendAsync(EitherDoor.Backstage.Get("/api/v1/namespaces"));
        if (upstreamProtocol is UpstreamProtocol.Http11)
        {
            var request = await http11.WaitForRequestAsync();
            caller.Reset();
            await request.Connection.WaitForPeerToCloseAsync();
        }
        else
        {
            var request = await http2.WaitForRequestAsync();
            caller.Reset();
            (await request.WaitForEndAsync()).Should().BeTrue("the stream was reset");
        }

        (await AuditLines.ReadAsync(audit, 1)).Single().Outcome.Should().Be("ClientGone");
    }

    private static int PortOf(TestGateway gateway, WireProtocol protocol) => protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort;
}
