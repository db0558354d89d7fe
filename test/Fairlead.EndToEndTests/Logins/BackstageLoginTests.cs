using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>Tokens that a real Backstage has issued, at the gateway.</summary>
public sealed class BackstageLoginTests
{
    private const string Pods = "/api/v1/pods";

    [Fact]
    public async Task F6_A_user_of_the_portal_is_known_by_their_entity_and_what_owns_for_them()
    {
        await using var portal = await BackstagePortal.StartAsync(new() { Guest = new() { UserEntityRef = "user:default/jane", OwnershipEntityRefs = ["user:default/jane", "group:default/platform"] } });
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream, portal.Url, ["group:default/platform"]);
        var token = await portal.UserTokenAsync();

        var me = await gateway.SendBareAsync(RawRequest.Get("/auth/me").WithBearer(token));
        var response = await AskAsync(gateway, token);

        me.Json.RootElement.GetProperty("name").GetString().Should().Be("user:default/jane");
        me.Json.RootElement.GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Should().Equal("user:default/jane", "group:default/platform");
        response.Status.Should().Be(200);
        var sent = upstream.Requests.Should().ContainSingle().Subject;
        sent.Header("Authorization").Should().Be("Bearer SA");
        sent.ToString().Should().NotContain(token);
        string.Join('\n', gateway.Log.Lines).Should().NotContain(token);
    }

    [Fact]
    public async Task B37_F14_A_portal_token_never_reaches_a_cluster()
    {
        await using var portal = await BackstagePortal.StartAsync();
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream, portal.Url, [BackstagePortal.User], "theirs");
        var token = await portal.UserTokenAsync();
        var plugin = await portal.PluginTokenAsync();

        foreach (var own in new[] { $"Bearer {token}", token, $"Token {token}", $"Bearer {plugin}", $"Bearer {await portal.LimitedUserTokenAsync()}" })
        {
            foreach (var target in new[] { "/api/kubernetes/proxy" + Pods, "/clusters/kind" + Pods })
            {
                (await gateway.SendBareAsync(RawRequest.Get(target).With("Backstage-Kubernetes-Cluster", "kind").WithBearer(token).With("Backstage-Kubernetes-Authorization", own))).Status.Should().Be(400);
            }

            (await gateway.SendBareAsync(RawRequest.Get("/api/kubernetes/proxy" + Pods).With("Backstage-Kubernetes-Cluster", "theirs").WithBearer(token).With("Backstage-Kubernetes-Authorization-google", own.Split(' ')[^1])))
                .Status.Should().Be(400);
        }

        (await gateway.SendBareAsync(RawRequest.Get("/clusters/theirs" + Pods).WithBearer(token))).Status.Should().Be(401, "it says who calls, and brings no token of the cluster");
        upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task F6_A_plugin_calls_for_itself_or_for_a_user_where_it_may()
    {
        await using var portal = await BackstagePortal.StartAsync();
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream, portal.Url, [BackstagePortal.User], plugins: [BackstagePortal.PluginId]);
        await using var closed = await StartAsync(upstream, portal.Url, [BackstagePortal.User]);
        var (own, onBehalf) = (await portal.PluginTokenAsync(), await portal.OnBehalfTokenAsync());

        (await NameAsync(gateway, own)).Should().Be("plugin:caller");
        (await NameAsync(gateway, onBehalf)).Should().Be(BackstagePortal.User);
        (await AskAsync(gateway, onBehalf)).Status.Should().Be(200);
        (await AskAsync(gateway, await portal.PluginTokenAsync("catalog"))).Status.Should().Be(401, "it is for another plugin");
        (await AskAsync(gateway, await portal.OnBehalfTokenAsync("catalog"))).Status.Should().Be(401);
        (await AskAsync(gateway, await portal.LimitedUserTokenAsync())).Status.Should().Be(401, "whoever sees a user's token can make one");
        (await AskAsync(closed, own)).Status.Should().Be(401, "no plugin is configured");
        (await AskAsync(closed, onBehalf)).Status.Should().Be(401);
    }

    [Fact]
    public async Task A_portal_that_is_away_lets_known_tokens_go_on_and_nobody_else_in()
    {
        var portal = await BackstagePortal.StartAsync();
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream, portal.Url, [BackstagePortal.User]);
        await using var later = await StartAsync(upstream, portal.Url, [BackstagePortal.User]);
        var token = await portal.UserTokenAsync();
        (await AskAsync(gateway, token)).Status.Should().Be(200);

        await portal.DisposeAsync();

        (await AskAsync(gateway, token)).Status.Should().Be(200);
        (await AskAsync(later, token)).Status.Should().Be(503);
    }

    private static async Task<string?> NameAsync(TestGateway gateway, string token) =>
        (await gateway.SendBareAsync(RawRequest.Get("/auth/me").WithBearer(token))).Json.RootElement.GetProperty("name").GetString();

    private static Task<RawResponse> AskAsync(TestGateway gateway, string token) =>
        gateway.SendBareAsync(RawRequest.Get("/api/kubernetes/proxy" + Pods).With("Backstage-Kubernetes-Cluster", "kind").WithBearer(token));

    private static Task<TestGateway> StartAsync(RawUpstream upstream, Uri portal, IReadOnlyList<string> groups, string theirs = "theirs", IReadOnlyList<string>? plugins = null)
    {
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url), TestCluster.ClientSide(theirs, upstream.Url, "google"));
        var url = new Uri(portal.OriginalString.TrimEnd('/'));
        return TestGateway.StartAsync(options with
        {
            Auth = options.Auth! with { Backstage = new BackstageOptions(url, url.OriginalString, plugins ?? [], null) },
            AccessRules = [TestGateway.AllowAll with { Groups = groups }],
        });
    }
}
