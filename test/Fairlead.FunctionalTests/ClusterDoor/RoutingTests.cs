using AwesomeAssertions;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.FunctionalTests.Doors;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.ClusterDoor;

/// <summary>What lies below <c>/clusters/{c}</c> (decision 4).</summary>
public sealed class RoutingTests
{
    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Decision_4_The_gateways_own_names_never_reach_a_cluster(Way way)
    {
        await using var passage = await Passage.StartAsync(EitherDoor.Cluster, way);
        foreach (var name in new[] { "set-token", "me", "helm", "portforward" })
        {
            var status = name is "helm" or "portforward" ? 501 : 404;
            var reason = status == 501 ? "NotImplemented" : "NotFound";
            foreach (var path in new[] { $"/{name}", $"/{name}/", $"/{name}/x/y?z=1", $"//{name}/x", $"/%{(int)name[0]:X2}{name[1..]}", $"/{name[..^1]}%{(int)name[^1]:x2}/x" })
            {
                // Those two are served by the gateway itself, as they stand here.
                foreach (var method in name is "set-token" or "me" && path.Length == name.Length + 1 ? [] : new[] { "GET", "POST" })
                {
                    var response = await passage.SendAsync(new RawRequest(method, path));

                    response.Status.Should().Be(status, path);
                    EitherDoor.Cluster.ShouldRefuse(response, status, "", reason, " ");
                }
            }
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Decision_4_Names_that_only_look_like_the_gateways_own_are_forwarded(Way way)
    {
        await using var passage = await Passage.StartAsync(EitherDoor.Cluster, way);
        string[] paths = ["/serviceproxyx", "/ME", "/meta", "/helm2/x", "/Helm", "/api/v1/namespaces/n/pods/helm", "/api/v1/namespaces/n/pods/p/portforward", "/x/me"];
        foreach (var path in paths)
        {
            (await passage.GetAsync(path)).Status.Should().Be(200, path);
        }

        passage.Upstream.Requests.Select(static seen => seen.Target).Should().Equal(paths);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B13_T100_T104_An_encoded_or_detoured_spelling_of_the_prefix_is_400(Way way)
    {
        await using var passage = await Passage.StartAsync(EitherDoor.Cluster, way);
        string[] targets =
        [
            "/%63lusters/kind/api",
            "/clusters%2Fkind/api",
            "/cluster%73/kind/api",
            "/x/../clusters/kind/api",
            "/x/%2e%2e/clusters/kind/api",
            "/clusters/../clusters/kind/api",
            "/clusters/x/../kind/api",
            "/clusters/./kind/api",
            "/clusters/x%2f..%2fkind/api",
        ];
        foreach (var target in targets)
        {
            (await passage.GetTargetAsync(target)).Status.Should().Be(400, target);
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B03_Without_a_clusters_name_there_is_no_route(Way way)
    {
        await using var passage = await Passage.StartAsync(EitherDoor.Cluster, way);
        foreach (var target in new[] { "/clusters/", "/clusters//api", "/clusters//kind/api", "//clusters/kind/api", "/Clusters/kind/api", "/clustersx/kind/api" })
        {
            (await passage.GetTargetAsync(target)).Status.Should().Be(404, target);
        }

        (await passage.GetTargetAsync("/clusters")).Status.Should().Be(200, "the gateway itself lists the clusters there");
        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task F42_An_error_is_a_Status_that_names_the_layer_and_nothing_more(Way way)
    {
        await using var passage = await Passage.StartAsync(EitherDoor.Cluster, way);

        var response = await passage.ExchangeAsync(RawRequest.Get("/clusters/zzz/api/v1/namespaces/a?token=SENTINEL").WithBearer(TestGateway.Token));

        response.Status.Should().Be(404);
        response.BodyText.Should().Be(
            """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Cluster 'zzz' not found","reason":"NotFound","details":{"causes":[{"field":"Fairlead/cluster","reason":"ClusterNotFound"}]},"code":404}""");
        response.Header("Content-Type").Should().Be("application/json; charset=utf-8");
        response.Header("Proxy-Status").Should().Be("fairlead; error=destination_not_found");
    }
}
