using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class CorsTests
{
    private const string Origin = "https://portal.example.org";

    public static TheoryData<EitherDoor> Doors { get; } = [.. Enum.GetValues<EitherDoor>()];

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B106_A_preflight_from_a_configured_origin_is_204_without_credentials(EitherDoor door)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream);

        var response = await gateway.SendBareAsync(new RawRequest("OPTIONS", door.Prefix() + "/api/v1/namespaces")
            .With("Origin", Origin)
            .With("Access-Control-Request-Method", "DELETE")
            .With("Access-Control-Request-Headers", "authorization,backstage-kubernetes-authorization,backstage-kubernetes-authorization-oidc-okta,backstage-kubernetes-cluster,content-type"));

        response.Status.Should().Be(204);
        response.Header("Access-Control-Allow-Origin").Should().Be(Origin);
        response.Header("Access-Control-Allow-Methods").Should().Contain("DELETE");
        var allowed = response.Header("Access-Control-Allow-Headers")!.Split(',');
        allowed.Should().Contain(["Authorization", "Content-Type", "Backstage-Kubernetes-Cluster", "Backstage-Kubernetes-Authorization"]);
        allowed.Should().Contain(static name => name.Equals("Backstage-Kubernetes-Authorization-oidc-okta", StringComparison.OrdinalIgnoreCase));
        upstream.ConnectionCount.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B106_A_preflight_from_another_origin_grants_nothing(EitherDoor door)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream);

        var response = await gateway.SendBareAsync(new RawRequest("OPTIONS", door.Prefix() + "/api/v1/namespaces")
            .With("Origin", "https://evil.example.org").With("Access-Control-Request-Method", "DELETE"));

        response.HeaderLines.Should().NotContain(static line => line.Name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        upstream.ConnectionCount.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B106_OPTIONS_that_is_no_preflight_is_forwarded(EitherDoor door)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream);

        var response = await gateway.SendBareAsync(door.Request(new RawRequest("OPTIONS", "/api/v1/namespaces").With("Origin", Origin)));

        response.Status.Should().Be(200);
        upstream.Requests.Should().ContainSingle().Which.Method.Should().Be("OPTIONS");
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task B106_Answers_to_a_configured_origin_carry_the_gateways_CORS_headers_and_none_of_the_clusters(EitherDoor door)
    {
        await using var upstream = new RawUpstream();
        upstream.Respond(RawAnswer.Json(200, "{}", "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-Secret"));
        await using var gateway = await StartAsync(upstream);

        var forwarded = await gateway.SendBareAsync(door.Get("/api/v1/namespaces").With("Origin", Origin));
        var refused = await gateway.SendBareAsync(door.Bare(RawRequest.Get("/api/v1/namespaces")).With("Origin", Origin));
        var foreign = await gateway.SendBareAsync(door.Get("/api/v1/namespaces").With("Origin", "https://evil.example.org"));

        foreach (var response in new[] { forwarded, refused })
        {
            response.Headers("Access-Control-Allow-Origin").Should().Equal(Origin);
            response.Header("Access-Control-Expose-Headers").Should().Be("Retry-After,Proxy-Status,Fairlead-Transport,pagination-total-count");
        }

        forwarded.Status.Should().Be(200);
        refused.Status.Should().Be(401);
        foreign.HeaderLines.Should().NotContain(static line => line.Name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    private static Task<TestGateway> StartAsync(RawUpstream upstream) => TestGateway.StartAsync(
        TestGateway.Options(TestCluster.Held("kind", upstream.Url), TestCluster.ClientSide("okta", upstream.Url, "oidc", "okta")) with { CorsOrigins = [Origin] });
}
