using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class TruncationTests
{
    private const string Event = """{"type":"ADDED"}""" + "\n";

    public static MatrixTheoryData<EitherDoor, WireProtocol, AfterAnswer> Ways { get; } =
        new(Enum.GetValues<EitherDoor>(), WireClient.Protocols, [AfterAnswer.Close, AfterAnswer.Reset]);

    public static MatrixTheoryData<EitherDoor, WireProtocol> Clients { get; } = new(Enum.GetValues<EitherDoor>(), WireClient.Protocols);

    [Theory]
    [MemberData(nameof(Ways))]
    public Task B74_T97_A_body_shorter_than_its_Content_Length_is_cut_for_the_client(EitherDoor door, WireProtocol client, AfterAnswer how) =>
        IsCutAsync(door, client, "/api/v1/namespaces", RawAnswer.Truncated(1000, "0123456789", how), "0123456789");

    [Theory]
    [MemberData(nameof(Ways))]
    public Task B74_T97_Chunks_without_the_last_one_are_cut_for_the_client(EitherDoor door, WireProtocol client, AfterAnswer how) =>
        IsCutAsync(door, client, "/api/v1/namespaces", RawAnswer.TruncatedChunked(how, "0123456789"), "0123456789");

    [Theory]
    [MemberData(nameof(Ways))]
    public Task B74_T97_A_watch_that_breaks_off_is_cut_for_the_client(EitherDoor door, WireProtocol client, AfterAnswer how) =>
        IsCutAsync(door, client, "/api/v1/pods?watch=true", RawAnswer.TruncatedChunked(how, Event), Event);

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task B74_T97_A_reset_HTTP_2_stream_is_cut_for_the_client(EitherDoor door, WireProtocol client)
    {
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        var gate = new Gate();
        upstream.Respond(async context =>
        {
            await context.Response.WriteAsync(Event, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await gate.WaitAsync(context.RequestAborted);
            context.Abort();
        });
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));

        var response = await caller.SendAsync(door.Get("/api/v1/pods?watch=true"));
        (await response.ReadLineAsync()).Should().Be(Event.TrimEnd());
        gate.Open();
        await response.ReadToEndAsync();

        ShouldBeCut(response, client);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task T97_A_tunnel_that_breaks_off_ends_without_a_close_frame(EitherDoor door, WireProtocol client, AfterAnswer how)
    {
        await using var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            var request = await connection.ReadRequestAsync();
            await connection.WriteAsync(WebSocketHandshake.Accept(request!, "v5.channel.k8s.io"));
            await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfChannel(1, "half"));
            await WebSocketFrames.ReadAsync(connection.Duplex);
            await connection.AnswerAsync(RawAnswer.Nothing(how));
            await connection.PeerClosed;
        });
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));

        var response = await caller.UpgradeAsync(door.Request(RawRequest.WebSocket("/api/v1/namespaces/a/pods/b/exec?command=sh", "v5.channel.k8s.io")));
        (await WebSocketFrames.ReadAsync(response.Duplex))!.Payload.Should().Equal([1, .. "half"u8]);
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfText("now"));

        var last = await Record.ExceptionAsync(async () => (await WebSocketFrames.ReadAsync(response.Duplex)).Should().BeNull());
        last.Should().Match(static exception => exception == null || exception is IOException);
    }

    private static async Task IsCutAsync(EitherDoor door, WireProtocol client, string path, RawAnswer answer, string body)
    {
        await using var upstream = new RawUpstream();
        var gate = new Gate();
        upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(answer.Bytes);
            // A reset overtakes bytes that were not read yet, so it waits until the client has them.
            await gate.WaitAsync();
            await connection.AnswerAsync(RawAnswer.Nothing(answer.Then));
            await connection.PeerClosed;
        });
        using var folder = new TempFolder();
        var audit = folder.PathOf("audit.jsonl");
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { Audit = new AuditOptions { File = audit } });
        await using var caller = await WireClient.ConnectAsync(client, PortOf(gateway, client));

        var response = await caller.SendAsync(door.Get(path));
        response.Status.Should().Be(200);
        while (response.Body.Length < body.Length)
        {
            (await response.ReadChunkAsync()).Should().NotBeNull();
        }

        gate.Open();
        await response.ReadToEndAsync();

        response.BodyText.Should().Be(body, "nothing is put into a forwarded body");
        ShouldBeCut(response, client);
        (await AuditLines.ReadAsync(audit, 1)).Should().ContainSingle().Which.Outcome.Should().Be("Cut");
    }

    private static void ShouldBeCut(RawResponse response, WireProtocol client)
    {
        if (client is WireProtocol.Http2Tls)
        {
            response.End.Should().Be(ResponseEnd.Reset);
        }
        else
        {
            response.End.Should().BeOneOf(ResponseEnd.Truncated, ResponseEnd.Reset);
        }
    }

    private static int PortOf(TestGateway gateway, WireProtocol protocol) => protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort;
}
