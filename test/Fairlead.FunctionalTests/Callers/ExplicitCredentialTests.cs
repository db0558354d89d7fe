using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>Credentials in places and shapes where they do not count.</summary>
public sealed class ExplicitCredentialTests
{
    public static TheoryData<string> Doors => ["/api/kubernetes/proxy/api/v1/pods", "/clusters/kind/api/v1/pods", "/serviceproxy/default/web/x"];

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task T07_T13_What_is_no_credential_lets_nobody_in(string target)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream);
        var bare = RawRequest.Get(target).With("Backstage-Kubernetes-Cluster", "kind");
        RawRequest[] requests =
        [
            bare,
            bare.With("Authorization", "Bearer "), bare.With("Authorization", "bearer x y"), bare.With("Authorization", "Bearer portal-token, Bearer portal-token"),
            bare.WithBearer("portal-token").WithBearer("portal-token"), bare.With("Authorization", "Digest username=x"),
            RawRequest.Get(target + "?access_token=portal-token&token=portal-token"),
            // Not a handshake, so it is no offer of a sub-protocol.
            bare.With("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.cG9ydGFsLXRva2Vu, x"),
            bare.With("User-Agent", "GoogleHC/1.0"), bare.With("User-Agent", "kube-probe/1.33"), bare.With("User-Agent", "ELB-HealthChecker/2.0"),
        ];

        foreach (var request in requests)
        {
            var response = await BothProtocols.SendAsync(gateway, request);

            response.Status.Should().BeOneOf([400, 401], request.ToString());
            response.BodyText.Should().NotContain("portal-token");
        }

        upstream.Requests.Should().BeEmpty();
        string.Join('\n', gateway.Log.Lines).Should().NotContain("portal-token");
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task T07_A_token_of_a_mebibyte_is_431_and_nobody_reads_it(string target)
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(upstream);

        var response = await gateway.SendBareAsync(RawRequest.Get(target).WithBearer(new string('a', 1024 * 1024)));

        response.Status.Should().BeOneOf(431, 0);
        upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task T09_Of_all_that_a_portal_sends_the_cluster_gets_its_own_token_alone()
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync();
        var request = RawRequest.Get("/api/kubernetes/proxy/api/v1/pods").With("Backstage-Kubernetes-Authorization", "Bearer own").With("X-CSRF-Token", "csrf").With("Sec-Fetch-Site", "same-origin");

        (await tab.SendAsync(request.With("Backstage-Kubernetes-Cluster", "kind"))).Status.Should().Be(200);

        var sent = world.Upstream.Requests.Should().ContainSingle().Subject;
        sent.Header("Authorization").Should().Be("Bearer own");
        sent.ToString().Should().NotContain(tab.SessionKey!).And.NotContain("Backstage").And.NotContainEquivalentOf("csrf");
        foreach (var (wrong, status) in new[] { (request.With("Backstage-Kubernetes-Cluster", "kind").With("Backstage-Kubernetes-Cluster", "kind"), 400), (request.With("Backstage-Kubernetes-Cluster", "evil"), 404) })
        {
            var response = await BothProtocols.SendAsync(world.Gateway, tab.WithCookies(wrong));
            response.Status.Should().Be(status);
            response.BodyText.Should().NotContain("127.0.0.1");
        }

        world.Upstream.Requests.Should().ContainSingle();
    }

    private static Task<TestGateway> StartAsync(RawUpstream upstream)
    {
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url));
        return TestGateway.StartAsync(options with { ServiceProxy = options.ServiceProxy with { DefaultCluster = "kind" } });
    }
}
