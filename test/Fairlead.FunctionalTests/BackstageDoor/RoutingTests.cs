using AwesomeAssertions;
using Fairlead.FunctionalTests.Doors;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

/// <summary>What lies below the plugin base, and what does not.</summary>
public sealed class RoutingTests
{
    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B03_Unknown_routes_are_404_in_the_error_shape(Way way)
    {
        await using var passage = await Passage.StartAsync(EitherDoor.Backstage, way);
        foreach (var target in new[] { "/api/kubernetes/proxyfoo", "/api/kubernetes", "/api/kubernetes/", "/api/kubernetes/x", "/API/kubernetes/proxy/api", "/api/kubernetesx/proxy/api", "//", "/api" })
        {
            var response = await passage.GetTargetAsync(target);

            EitherDoor.Backstage.ShouldRefuse(response, 404, "NotFoundError", "NotFound", "No route here");
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B13_T100_T104_An_encoded_or_detoured_spelling_of_the_prefix_is_400(Way way)
    {
        await using var passage = await Passage.StartAsync(EitherDoor.Backstage, way);
        string[] targets =
        [
            "/api/kubernetes/%70roxy/api",
            "/api/kubernetes/pr%6Fxy/x",
            "/%61pi/kubernetes/proxy/x",
            "/api%2Fkubernetes/proxy/x",
            "/api/kubernetes%2fproxy/x",
            "/api/kubernetes/proxy%2Fapi",
            "/x/../api/kubernetes/proxy/y",
            "/x/%2e%2e/api/kubernetes/proxy/y",
            "/./api/kubernetes/proxy/y",
            "/api/kubernetes/clusters/../proxy/y",
        ];
        foreach (var target in targets)
        {
            var response = await passage.GetTargetAsync(target);

            response.Status.Should().Be(400, target);
            EitherDoor.Backstage.ShouldRefuse(response, 400, "InputError", "BadRequest", " ");
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [InlineData("//api/kubernetes/proxy/api")]
    [InlineData("/api//kubernetes/proxy/api")]
    [InlineData("/api/kubernetes//proxy/api")]
    public async Task T100_A_doubled_slash_in_the_prefix_is_another_path(string target)
    {
        await using var passage = await Passage.StartAsync(EitherDoor.Backstage, Way.Http11ToHttp11);

        var response = await passage.GetTargetAsync(target);

        response.Status.Should().Be(404);
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task F42_An_error_says_method_url_without_query_and_status_and_nothing_more(Way way)
    {
        await using var passage = await Passage.StartAsync(EitherDoor.Backstage, way, static options => options with { BaseUrl = "/gw" });

        var response = await passage.ExchangeAsync(
            new RawRequest("DELETE", "/gw/api/kubernetes/proxy/api/v1/namespaces/a?token=SENTINEL")
                .WithBearer(TestGateway.Token)
                .With("Backstage-Kubernetes-Cluster", "zzz"));

        response.BodyText.Should().Be(
            """{"error":{"name":"NotFoundError","message":"Cluster 'zzz' not found"},"request":{"method":"DELETE","url":"/proxy/api/v1/namespaces/a"},"response":{"statusCode":404}}""");
        response.Header("Content-Type").Should().Be("application/json; charset=utf-8");
        response.Header("Proxy-Status").Should().Be("fairlead; error=destination_not_found");
    }
}
