using System.Text;
using AwesomeAssertions;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.EndToEndTests.Install;

/// <summary>The rights that the chart makes of a configuration: each feature works with them, fails without them, and there are no others.</summary>
public sealed class RightsTests(Fleet fleet)
{
    private const string Who = """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""";
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Nonsense = "a-token-that-nobody-has-made";

    [Fact]
    public async Task Each_feature_works_with_the_charts_rights_and_fails_without_them()
    {
        await using var world = await RightsWorld.StartAsync(fleet);

        string Of(string service) => $"/clusters/main/serviceproxy/default/{world.Service(service)}/x";

        await using (await world.RunAsync())
        {
            (await world.AskAsync(Of("plain"), RightsWorld.Portal)).Should().Match<(int Status, string Body)>(static answer => answer.Status == 200, "Services are found");
            world.Seen("plain").Should().BeNull();
            (await world.AskAsync(Of("login"), RightsWorld.Portal)).Status.Should().Be(200);
            world.Seen("login").Should().Be("Bearer stored", "the Secret of the Service is read");
            (await world.AskAsync(Of("token"), RightsWorld.Portal)).Status.Should().Be(200);
            Claims(world.Seen("token")!).Should().Contain("\"aud\":[\"api\"]").And.Contain($"system:serviceaccount:{world.Space}:{world.Account}");
            (await world.AskAsync("/clusters/main" + ConfigMaps, Nonsense)).Should().Match<(int Status, string Body)>(static answer => answer.Status == 401, "a TokenReview says no");
            (await world.AskAsync("/clusters/main" + ConfigMaps, world.Bob)).Body.Should().Contain("User \\\"bob\\\" cannot list");
            await Eventually.BeTrueAsync(async () => (await world.SourcesAsync()).Contains("[+]source argo ok (1 cluster)", StringComparison.Ordinal), "the Secrets of Argo CD are read");
            (await world.AskAsync("/clusters/edge" + ConfigMaps, RightsWorld.Portal)).Status.Should().Be(200, "the certificate's Secret is read");
            (await world.AskAsync("/clusters/people/apis/authentication.k8s.io/v1/selfsubjectreviews", world.Jane, Who)).Body
                .Should().Contain("\"username\":\"jane\"").And.Contain("install:devs").And.NotContain("others");
            (await world.AskAsync("/clusters/main" + ConfigMaps, RightsWorld.Portal)).Status.Should().Be(200, "rbac.rules grant it");
            (await world.AskAsync("/clusters/main/api/v1/namespaces/default/pods", RightsWorld.Portal)).Status.Should().Be(403, "nothing grants it");
        }

        await world.RevokeAsync();
        await using (await world.RunAsync())
        {
            (await world.AskAsync(Of("plain"), RightsWorld.Portal)).Status.Should().NotBe(200);
            (await world.AskAsync(Of("login"), RightsWorld.Portal)).Status.Should().NotBe(200);
            (await world.AskAsync(Of("token"), RightsWorld.Portal)).Status.Should().NotBe(200);
            (await world.AskAsync("/clusters/main" + ConfigMaps, Nonsense)).Status.Should().Be(503, "nobody can be asked whose token it is");
            await Eventually.BeTrueAsync(async () => (await world.SourcesAsync()).Contains("[-]source argo failed", StringComparison.Ordinal), "the Secrets of Argo CD cannot be read");
            (await world.AskAsync("/clusters/edge" + ConfigMaps, RightsWorld.Portal)).Status.Should().Be(502);
            (await world.AskAsync("/clusters/main" + ConfigMaps, RightsWorld.Portal)).Status.Should().Be(403);
        }
    }

    [Fact]
    public async Task Nothing_else_is_granted()
    {
        await using var world = await RightsWorld.StartAsync(fleet);

        string[] everywhere =
        [
            "configmaps [] [] [get list]",
            "endpointslices.discovery.k8s.io [] [] [get list watch]",
            "services [] [] [get list watch]",
            "tokenreviews.authentication.k8s.io [] [] [create]",
        ];
        (await world.MayAsync(world.Account, "kube-system")).Should().BeEquivalentTo(everywhere);
        (await world.MayAsync(world.Account, "default")).Should().BeEquivalentTo([.. everywhere, $"secrets [] [{world.Service("login")}] [get]"]);
        (await world.MayAsync(world.Account, world.Argo)).Should().BeEquivalentTo([.. everywhere, "secrets [] [] [list]"]);
        (await world.MayAsync(world.Account, world.Edge)).Should().BeEquivalentTo([.. everywhere, "secrets [] [edge-client] [get]"]);
        (await world.MayAsync(world.Account, world.Space)).Should().BeEquivalentTo([.. everywhere, $"serviceaccounts/token [] [{world.Account}] [create]"]);
        (await world.MayAsync(world.Account + "-impersonator", "default")).Should().BeEquivalentTo(
            "groups [] [install:devs] [impersonate]", "uids.authentication.k8s.io [] [] [impersonate]", "users [] [jane] [impersonate]");
    }

    /// <summary>The claims of a token.</summary>
    private static string Claims(string authorization)
    {
        var text = authorization.Split('.')[1].Replace('-', '+').Replace('_', '/');
        return Encoding.UTF8.GetString(Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '=')));
    }
}
