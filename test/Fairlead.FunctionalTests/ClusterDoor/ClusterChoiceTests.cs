using AwesomeAssertions;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.FunctionalTests.Doors;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.ClusterDoor;

/// <summary>Which cluster a path names (contract F10, F13; decision 2).</summary>
public sealed class ClusterChoiceTests
{
    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B22_B24_A_name_is_compared_exactly(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("config", "kind"));
        foreach (var name in new[] { "zzz", "KIND", "Kind", "kin", "kindx", "config--Kind", "CONFIG--kind", "config--", "--kind", "config-kind", "kind;x", "kind+", "kind,kind" })
        {
            ShouldBe(await GetAsync(clusters, name), 404, "NotFound", $"Cluster '{name}' not found");
        }

        clusters.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B23_Without_any_cluster_the_answer_is_404(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way);

        ShouldBe(await GetAsync(clusters, "kind"), 404, "NotFound", "No Clusters configured");
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B26_B28_A_name_that_two_locators_share_is_ambiguous_in_either_order(Way way)
    {
        string? body = null;
        foreach (var reversed in new[] { false, true })
        {
            await using var clusters = await TwoClusters.StartAsync(way, reversed, ("config", "prod"), ("other", "prod"));

            var response = await GetAsync(clusters, "prod");

            ShouldBe(response, 409, "Conflict", "Cluster name 'prod' is ambiguous, use one of: config--prod, other--prod");
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

            (await GetAsync(clusters, "config--prod")).Status.Should().Be(200);
            clusters.Second.Connections.Should().Be(0);
            clusters.First.Single.Target.Should().Be("/api/v1/namespaces");

            (await GetAsync(clusters, "other--prod")).Status.Should().Be(200);
            clusters.First.Requests.Should().ContainSingle();
            clusters.Second.Single.Target.Should().Be("/api/v1/namespaces");
        }
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B31_A_unique_name_of_the_second_locator_is_found_plain_and_qualified(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("config", "prod"), ("other", "stage"));

        foreach (var name in new[] { "stage", "other--stage", "st%61ge" })
        {
            (await GetAsync(clusters, name)).Status.Should().Be(200, name);
        }

        clusters.First.Connections.Should().Be(0);
        clusters.Second.Requests.Should().HaveCount(3);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B31_A_blank_in_a_name_is_written_encoded_or_as_two_underscores(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("config", "my cluster"));

        (await GetAsync(clusters, "my%20cluster")).Status.Should().Be(200);
        (await GetAsync(clusters, "my__cluster")).Status.Should().Be(200);

        clusters.First.Requests.Should().HaveCount(2);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T102_T104_An_encoded_slash_backslash_or_percent_sign_in_the_name_is_refused(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("config", "kind"), ("other", "kind"));
        foreach (var name in new[] { "config%2Fkind", "config%2fkind", "config%5Ckind", "config%252Fkind", "kin%2564", "kind%2Fapi", "kind%", "kind%zz", "%FFkind" })
        {
            ShouldBe(await GetAsync(clusters, name), 400, "BadRequest", "locator--name");
        }

        foreach (var name in new[] { "..", "%2e%2e", "%2E", "..%2Fkind", "kind%5c..", "%c0%ae%c0%ae" })
        {
            ShouldBe(await GetAsync(clusters, name), 400, "BadRequest", "dot segment");
        }

        clusters.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Decision_4_The_Backstage_header_names_no_cluster_here_and_never_travels(Way way)
    {
        await using var clusters = await TwoClusters.StartAsync(way, ("config", "kind"), ("config", "other"));

        var response = await clusters.ExchangeAsync(
            RawRequest.Get("/clusters/kind/api").WithBearer(TestGateway.Token)
                .With("Backstage-Kubernetes-Cluster", "other")
                .With("X-Kubernetes-Cluster", "other"));

        response.Status.Should().Be(200);
        clusters.First.Single.HeaderLines.ToString().Should().NotContainEquivalentOf("Kubernetes-Cluster");
        clusters.Second.Connections.Should().Be(0);
    }

    private static Task<RawResponse> GetAsync(TwoClusters clusters, string name) =>
        clusters.ExchangeAsync(RawRequest.Get($"/clusters/{name}/api/v1/namespaces").WithBearer(TestGateway.Token));

    private static void ShouldBe(RawResponse response, int status, string reason, string words) =>
        EitherDoor.Cluster.ShouldRefuse(response, status, "", reason, words);
}
