using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class ResponseTests
{
    public static TheoryData<EitherDoor> Doors { get; } = [.. Enum.GetValues<EitherDoor>()];

    [Theory]
    [InlineData(EitherDoor.Backstage, "", "/api/v1/x?a=b")]
    [InlineData(EitherDoor.Cluster, "", "/api/v1/x?a=b")]
    [InlineData(EitherDoor.Backstage, "{url}", "/api/v1/x")]
    [InlineData(EitherDoor.Cluster, "{url}", "/api/v1/x")]
    public async Task B77_A_redirect_within_the_cluster_passes_rewritten_to_the_door_and_is_not_followed(EitherDoor door, string origin, string path)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Text(302, "", headers: "Location: " + origin.Replace("{url}", upstream.Url, StringComparison.Ordinal) + path));
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        response.Status.Should().Be(302);
        response.Header("Location").Should().Be(door.Prefix() + path);
        upstream.Requests.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B77_A_redirect_below_the_path_of_the_cluster_URL_loses_that_path(EitherDoor door)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Text(307, "", headers: "Location: /k8s/one/api/v1/x"));
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url + "/k8s/one"));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        response.Header("Location").Should().Be(door.Prefix() + "/api/v1/x");
    }

    [Theory]
    [InlineData(EitherDoor.Backstage, "https://example.org/api/v1/x")]
    [InlineData(EitherDoor.Cluster, "https://example.org/api/v1/x")]
    [InlineData(EitherDoor.Backstage, "//example.org/x")]
    [InlineData(EitherDoor.Backstage, "x/y")]
    public async Task B77_A_redirect_to_elsewhere_passes_unchanged(EitherDoor door, string location)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Text(302, "", headers: "Location: " + location));
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));

        var response = await gateway.SendBareAsync(door.Get("/api/v1/namespaces"));

        response.Status.Should().Be(302);
        response.Header("Location").Should().Be(location);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B78_Headers_that_would_speak_for_the_gateways_origin_do_not_reach_the_client(EitherDoor door)
    {
        string[] held =
        [
            "Set-Cookie", "Set-Cookie2", "Clear-Site-Data", "Strict-Transport-Security", "Alt-Svc", "Service-Worker-Allowed", "Access-Control-Allow-Origin",
            "Access-Control-Allow-Credentials", "Report-To", "Reporting-Endpoints", "NEL", "Refresh", "Keep-Alive", "Proxy-Authenticate",
        ];
        string[] passed = ["ETag", "Warning", "Audit-Id", "X-Kubernetes-PF-FlowSchema-UID", "Cache-Control"];
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Json(200, "{}", [.. held.Concat(passed).Select(static name => name + ": value"), "Connection: keep-alive, X-Hop", "X-Hop: value"]));
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", upstream.Url));
        foreach (var (protocol, port) in new[] { (WireProtocol.Http11, gateway.Port), (WireProtocol.Http2Tls, gateway.TlsPort) })
        {
            var response = await WireClient.ExchangeAsync(protocol, port, door.Get("/api/v1/namespaces"));

            response.Status.Should().Be(200);
            response.HeaderLines.Select(static line => line.Name).Should().NotIntersectWith([.. held, .. held.Select(static name => name.ToLowerInvariant()), "X-Hop", "x-hop"]);
            passed.Should().OnlyContain(name => response.Header(name) == "value");
            response.Header("X-Content-Type-Options").Should().Be("nosniff");
        }
    }
}
