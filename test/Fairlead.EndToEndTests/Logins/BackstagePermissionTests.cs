using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>A real Backstage's permission backend, as a judge at the Backstage door.</summary>
public sealed class BackstagePermissionTests
{
    private const string Pods = "/api/kubernetes/proxy/api/v1/pods";
    private const string Clusters = "/api/kubernetes/clusters";

    [Theory]
    [InlineData("", 200, 200)]
    [InlineData("kubernetes.proxy", 403, 200)]
    [InlineData("kubernetes.clusters.read", 200, 403)]
    [InlineData("kubernetes.proxy,kubernetes.clusters.read", 403, 403)]
    public async Task B64_F48_What_its_policy_says_of_each_permission_holds(string denied, int proxy, int clusters)
    {
        await using var portal = await BackstagePortal.StartAsync(new() { Denied = denied.Split(',', StringSplitOptions.RemoveEmptyEntries) });
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream, portal.Url);
        var token = await portal.UserTokenAsync();

        (await GetAsync(gateway, Pods, token)).Status.Should().Be(proxy, portal.Transcript);
        (await GetAsync(gateway, Clusters, token)).Status.Should().Be(clusters, portal.Transcript);

        upstream.Requests.Should().HaveCount(proxy == 200 ? 1 : 0);
        (await GetAsync(gateway, Pods, await portal.PluginTokenAsync())).Status.Should().Be(200, "a plugin is judged by the rules alone");
    }

    [Fact]
    public async Task B64_Without_a_permission_backend_nobody_passes()
    {
        await using var portal = await BackstagePortal.StartAsync();
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream, portal.Url);

        (await GetAsync(gateway, Pods, await portal.UserTokenAsync())).Status.Should().Be(503);
        upstream.Requests.Should().BeEmpty();
    }

    private static Task<RawResponse> GetAsync(TestGateway gateway, string target, string token) =>
        gateway.SendBareAsync(RawRequest.Get(target).With("Backstage-Kubernetes-Cluster", "kind").WithBearer(token));

    private static Task<TestGateway> StartAsync(RawUpstream upstream, Uri portal)
    {
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url));
        return TestGateway.StartAsync(options with
        {
            Auth = options.Auth! with { Backstage = new BackstageOptions(portal, portal.OriginalString, [BackstagePortal.PluginId], null) { Permissions = true } },
            AccessRules = [TestGateway.AllowAll with { Groups = [], Users = ["*"] }],
        });
    }
}
