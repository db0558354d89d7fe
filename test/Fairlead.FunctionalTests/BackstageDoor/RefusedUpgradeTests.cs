using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

/// <summary>What is no upgrade, or does not become one.</summary>
public sealed class RefusedUpgradeTests
{
    private const string Exec = "/api/v1/namespaces/team/pods/web/exec?command=sh";

    public static MatrixTheoryData<EitherDoor, int, bool> Refusals { get; } = new(Enum.GetValues<EitherDoor>(), [403, 400, 200, 500], [true, false]);

    public static MatrixTheoryData<EitherDoor, int, bool> Redirects { get; } = new(Enum.GetValues<EitherDoor>(), [301, 302, 307], [true, false]);

    public static MatrixTheoryData<EitherDoor, string> OtherUpgrades { get; } = new(
        Enum.GetValues<EitherDoor>(),
        ["Connection: not-an-upgrade|Upgrade: websocket", "Connection: Upgrade", "Connection: Upgrade, HTTP2-Settings|Upgrade: h2c|HTTP2-Settings: AAMAAABkAAQAAP__",
         "Connection: Upgrade|Upgrade: TLS/1.0", "Connection: Upgrade|Upgrade: foo", "Connection: Upgrade|Upgrade: websocket, foo",
         "Connection: Upgrade|Upgrade: websocket|Upgrade: foo", "Connection: Upgrade|Upgrade: SPDY/3", "Connection: Upgrade|Upgrade: SPDY/3.11"]);

    public static TheoryData<EitherDoor> Doors { get; } = [.. Enum.GetValues<EitherDoor>()];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task T20_After_a_refused_upgrade_the_socket_closes_and_nothing_pipelined_reaches_the_upstream(EitherDoor door, int status, bool spdy)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Json(status, """{"kind":"Status"}""", "Connection: keep-alive"));
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        await using var caller = await RawClient.ConnectAsync(gateway.Port);
        var upgrade = door.Request(spdy ? SpdyHandshake.Request(Exec) : RawRequest.WebSocket(Exec, "v5.channel.k8s.io"));
        await caller.WriteAsync((byte[])[.. upgrade.ToHttp11(), .. "GET /api/v1/secrets HTTP/1.1\r\nHost: cluster\r\n\r\n"u8]);

        var response = await caller.ReadResponseAsync();

        response.Status.Should().Be(status);
        response.BodyText.Should().Be("""{"kind":"Status"}""");
        response.End.Should().Be(ResponseEnd.Complete);
        await caller.WaitForCloseAsync();
        upstream.Requests.Should().ContainSingle().Which.Target.Should().Be(Exec);
    }

    [Theory]
    [MemberData(nameof(Redirects))]
    public async Task T22_An_upgrade_that_is_answered_by_a_redirect_is_502_and_not_followed(EitherDoor door, int status, bool spdy)
    {
        await using var other = new RawUpstream();
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Text(status, "", headers: $"Location: {other.Url}/steal"));
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.SendBareAsync(door.Request(spdy ? SpdyHandshake.Request(Exec) : RawRequest.WebSocket(Exec, "v5.channel.k8s.io")));

        door.ShouldBeBadGateway(response, "redirect", other.Port, "steal");
        response.Header("Location").Should().BeNull();
        upstream.Requests.Should().ContainSingle();
        other.ConnectionCount.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(OtherUpgrades))]
    public async Task T23_B93_Any_other_upgrade_is_an_ordinary_request_without_the_headers(EitherDoor door, string lines)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        var request = lines.Split('|').Select(static line => line.Split(": ", 2)).Aggregate(
            door.Get("/api/v1/namespaces"), static (sofar, line) => sofar.With(line[0], line[1]));

        var response = await gateway.SendBareAsync(request);

        response.Status.Should().Be(200);
        var seen = upstream.Requests.Should().ContainSingle().Subject;
        seen.Headers("Upgrade").Should().BeEmpty();
        seen.Headers("HTTP2-Settings").Should().BeEmpty();
        seen.Headers("Connection").Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task T93_A_WebSocket_handshake_as_a_POST_is_400(EitherDoor door)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.SendBareAsync(door.Request(RawRequest.WebSocket(Exec, "v5.channel.k8s.io") with { Method = "POST" }));

        door.ShouldRefuse(response, 400, "InputError", "BadRequest", "GET");
        upstream.Requests.Should().BeEmpty();
    }
}
