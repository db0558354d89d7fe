using AwesomeAssertions;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class LargeResponseTests
{
    private static readonly string _large = new('x', 70 * 1024);

    public static TheoryData<EitherDoor> Doors { get; } = [.. Enum.GetValues<EitherDoor>()];

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task T107_70_KB_of_headers_over_HTTP_1_1_are_502(EitherDoor door)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Json(200, "{}", $"X-Large: {_large}"));
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        door.ShouldBeBadGateway(response, "exceeds a limit", upstream.Port);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task T107_70_KB_of_headers_over_HTTP_2_are_502(EitherDoor door)
    {
        await using var upstream = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        upstream.Respond(context =>
        {
            context.Response.Headers["X-Large"] = _large;
            return Task.CompletedTask;
        });
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        door.ShouldBeBadGateway(response, "exceeds a limit", upstream.Port);
    }

    [Fact]
    public async Task T107_An_interim_answer_is_followed_by_the_final_one()
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Head(103, "Link: </style.css>; rel=preload") + RawAnswer.Head(200, "Content-Length: 2") + "{}");
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.GetAsync("/api/v1/namespaces", "kind");

        response.Status.Should().Be(200);
        response.BodyText.Should().Be("{}");
    }

    [Theory]
    [InlineData(WireProtocol.Http11)]
    [InlineData(WireProtocol.Http2Tls)]
    public async Task T107_Trailers_are_delivered_or_not_announced(WireProtocol protocol)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Head(200, "Transfer-Encoding: chunked", "Trailer: X-Sum") + "2\r\n{}\r\n0\r\nX-Sum: 42\r\n\r\n");
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        var port = protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort;

        var response = await WireClient.ExchangeAsync(protocol, port, EitherDoor.Backstage.Get("/api/v1/namespaces"));

        response.BodyText.Should().Be("{}");
        response.End.Should().Be(Fairlead.Testing.Wire.ResponseEnd.Complete);
        (response.Header("Trailer") is null || response.Trailers.Only("X-Sum") is "42").Should().BeTrue(response.ToString());
    }
}
