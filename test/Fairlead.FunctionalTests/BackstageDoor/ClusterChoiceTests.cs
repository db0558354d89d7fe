using AwesomeAssertions;
using Fairlead.FunctionalTests.Doors;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

/// <summary>Which cluster a request goes to (contract F8 to F13).</summary>
public sealed class ClusterChoiceTests
{
    private const string ClusterHeader = "Backstage-Kubernetes-Cluster";

    private static readonly RawRequest _request = RawRequest.Get("/api/kubernetes/proxy/api/v1/namespaces").WithBearer(TestGateway.Token);

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B19_B20_Without_a_name_the_only_cluster_is_meant(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("config", "kind"));

        (await clusters.ExchangeAsync(_request)).Status.Should().Be(200);
        (await clusters.ExchangeAsync(_request.With(ClusterHeader, ""))).Status.Should().Be(200);

        clusters.First.Requests.Should().HaveCount(2);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B21_Without_a_name_and_with_several_clusters_the_answer_asks_for_the_header(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("config", "kind"), ("config", "other"));

        ShouldBeNotFound(await clusters.ExchangeAsync(_request), ClusterHeader);
        ShouldBeNotFound(await clusters.ExchangeAsync(_request.With(ClusterHeader, "")), ClusterHeader);

        clusters.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B22_B24_A_name_is_compared_exactly(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("config", "kind"));
        foreach (var name in new[] { "zzz", "KIND", "Kind", "kin", "kindx", "CONFIG/kind", "config/Kind", "/kind", "config/", "%6Bind", "kind,kind", "kind/", "kind kind" })
        {
            ShouldBeNotFound(await clusters.ExchangeAsync(_request.With(ClusterHeader, name)), $"Cluster '{name}' not found");
        }

        clusters.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B23_Without_any_cluster_the_answer_is_404(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way);

        ShouldBeNotFound(await clusters.ExchangeAsync(_request), "No Clusters configured");
        ShouldBeNotFound(await clusters.ExchangeAsync(_request.With(ClusterHeader, "kind")), "No Clusters configured");
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B25_The_name_sent_twice_is_refused(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("config", "kind"), ("config", "other"));
        (string, string)[] pairs = [("kind", "kind"), ("kind", "other"), ("", "kind")];

        foreach (var (first, second) in pairs)
        {
            var response = await clusters.ExchangeAsync(_request.With(ClusterHeader, first).With(ClusterHeader.ToLowerInvariant(), second));
            EitherDoor.Backstage.ShouldRefuse(response, 400, "InputError", "BadRequest", ClusterHeader);
        }

        clusters.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B26_B28_A_name_that_two_locators_share_is_ambiguous_in_either_order(Way way)
    {
        string? body = null;
        foreach (var reversed in new[] { false, true })
        {
            await using var clusters = await TwoClusters.StartAsync(way, reversed, ("config", "prod"), ("other", "prod"));

            var response = await clusters.ExchangeAsync(_request.With(ClusterHeader, "prod"));

            EitherDoor.Backstage.ShouldRefuse(
                response, 409, "ConflictError", "Conflict", "Cluster name 'prod' is ambiguous, use one of: config/prod, other/prod");
            response.BodyText.Should().Be(body ??= response.BodyText);
            clusters.ShouldHaveSentNothing();
        }
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B27_B28_A_qualified_name_reaches_its_own_cluster_in_either_order(Way way)
    {
        foreach (var reversed in new[] { false, true })
        {
            await using var clusters = await TwoClusters.StartAsync(way, reversed, ("config", "prod"), ("other", "prod"));

            (await clusters.ExchangeAsync(_request.With(ClusterHeader, "config/prod"))).Status.Should().Be(200);
            clusters.Second.Requests.Should().BeEmpty();
            clusters.First.Single.Target.Should().Be("/api/v1/namespaces");

            (await clusters.ExchangeAsync(_request.With(ClusterHeader, "other/prod"))).Status.Should().Be(200);
            clusters.First.Requests.Should().ContainSingle();
            clusters.Second.Single.Target.Should().Be("/api/v1/namespaces");
        }
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B31_A_unique_name_of_the_second_locator_is_found_plain_and_qualified(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("config", "prod"), ("other", "stage"));

        foreach (var name in new[] { "stage", "other/stage", "other--stage" })
        {
            (await clusters.ExchangeAsync(_request.With(ClusterHeader, name))).Status.Should().Be(200, name);
        }

        clusters.First.Connections.Should().Be(0);
        clusters.Second.Requests.Should().HaveCount(3);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task F10_A_value_that_is_ones_plain_and_anothers_qualified_name_is_ambiguous(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("other", "prod"), ("config", "other/prod"));

        var response = await clusters.ExchangeAsync(_request.With(ClusterHeader, "other/prod"));

        EitherDoor.Backstage.ShouldRefuse(response, 409, "ConflictError", "Conflict", "ambiguous");
        clusters.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B32_The_old_header_names_no_cluster_and_never_travels(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("config", "kind"), ("config", "other"));

        ShouldBeNotFound(await clusters.ExchangeAsync(_request.With("X-Kubernetes-Cluster", "kind")), ClusterHeader);
        clusters.ShouldHaveSentNothing();

        (await clusters.ExchangeAsync(_request.With(ClusterHeader, "kind").With("X-Kubernetes-Cluster", "other"))).Status.Should().Be(200);
        clusters.First.Single.HeaderLines.ToString().Should().NotContainEquivalentOf("Kubernetes-Cluster");
        clusters.Second.Connections.Should().Be(0);
    }

    private static void ShouldBeNotFound(RawResponse response, string words) =>
        EitherDoor.Backstage.ShouldRefuse(response, 404, "NotFoundError", "NotFound", words);
}
