using System.Net;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.EndToEndTests.Kubectl;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>A real kube-apiserver that trusts the same identity provider: one login in the browser reaches it as that user, and its RBAC decides.</summary>
public sealed class OneLoginTests
{
    private const string Review = """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""";

    [Fact]
    public async Task One_login_reaches_the_cluster_as_that_user()
    {
        await using var world = await World.StartAsync(tokenReview: false);
        using var browser = new FormBrowser();
        await browser.WalkAsync(world.At("/auth/login?return=%2Fauth%2Fme"), World.Alice);

        var (status, body) = await browser.FetchAsync(HttpMethod.Post, world.At("/clusters/oidc/apis/authentication.k8s.io/v1/selfsubjectreviews"), Review);

        status.Should().Be(HttpStatusCode.Created, body);
        var user = JsonSerializer.Deserialize<JsonElement>(body).GetProperty("status").GetProperty("userInfo");
        user.GetProperty("username").GetString().Should().Be("alice");
        user.GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Should().Contain(["devs", "admins"]);

        // Its RBAC is what counts: no rule of the gateway's names that cluster's resources.
        (await browser.FetchAsync(HttpMethod.Get, world.At("/clusters/oidc/api/v1/namespaces/default/pods"))).Status.Should().Be(HttpStatusCode.Forbidden);
        await world.AsAdminAsync("create clusterrole readers --verb=list --resource=pods");
        await world.AsAdminAsync("create clusterrolebinding devs --clusterrole=readers --group=devs");
        await Eventually.BeTrueAsync(
            async () => (await browser.FetchAsync(HttpMethod.Get, world.At("/clusters/oidc/api/v1/namespaces/default/pods"))).Status == HttpStatusCode.OK, "alice may now");
        (await browser.FetchAsync(HttpMethod.Get, world.At("/clusters/oidc/api/v1/secrets"))).Status.Should().Be(HttpStatusCode.Forbidden);
        var me = await browser.FetchAsync(HttpMethod.Get, world.At("/clusters/oidc/me"));
        me.Body.Should().Contain("\"username\":\"alice\"").And.Contain("\"email\":\"alice@example.com\"");

        // The same token as a bearer token, and no other cluster gets it.
        (await browser.FetchAsync(HttpMethod.Get, world.At("/clusters/held/api/v1/namespaces/default/pods"))).Status.Should().Be(HttpStatusCode.OK, "by a rule, on the gateway's account");
        (await browser.FetchAsync(HttpMethod.Post, world.At("/auth/logout"))).Status.Should().Be(HttpStatusCode.OK);
        (await browser.FetchAsync(HttpMethod.Get, world.At("/clusters/oidc/api/v1/namespaces/default/pods"))).Status.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task T06_A_real_TokenReview_says_whose_a_service_accounts_token_is()
    {
        await using var world = await World.StartAsync(tokenReview: true);
        await world.AsAdminAsync("create serviceaccount web");
        var token = (await world.AsAdminAsync("create token web")).Trim();
        using var browser = new FormBrowser();
        (await browser.FetchAsync(HttpMethod.Post, world.At("/clusters/held/set-token"), JsonSerializer.Serialize(new { token }))).Status.Should().Be(HttpStatusCode.OK);

        var (status, body) = await browser.FetchAsync(HttpMethod.Post, world.At("/clusters/held/apis/authentication.k8s.io/v1/selfsubjectreviews"), Review);

        status.Should().Be(HttpStatusCode.Created, body);
        body.Should().Contain("system:serviceaccount:default:web");
        (await browser.FetchAsync(HttpMethod.Get, world.At("/clusters/held/me"))).Body.Should().Contain("\"username\":\"system:serviceaccount:default:web\"");

        (await browser.FetchAsync(HttpMethod.Post, world.At("/clusters/held/set-token"), JsonSerializer.Serialize(new { token = token[..^4] + "AAAA" }))).Status.Should().Be(HttpStatusCode.OK);
        var refused = await browser.FetchAsync(HttpMethod.Get, world.At("/clusters/held/api/v1/pods"));
        refused.Status.Should().Be(HttpStatusCode.Unauthorized);
        refused.Body.Should().Contain("Fairlead/caller", "the gateway has asked before anything was sent");
    }

    private sealed class World : IAsyncDisposable
    {
        public static readonly Dictionary<string, string> Alice = new(StringComparer.Ordinal) { ["login"] = "alice" };

        private readonly TempFolder _folder = new();

        public required OidcProviderProcess Provider { get; init; }

        public required KubeApiServer Cluster { get; init; }

        public required LoginHouse House { get; init; }

        public static async Task<World> StartAsync(bool tokenReview)
        {
            KubeApiServer.SkipTestWithout();
            var origin = LoginHouse.NewOrigin();
            var provider = await OidcProviderProcess.StartAsync(origin);
            var cluster = await KubeApiServer.StartAsync(new TrustedIssuer(provider.Issuer, OidcProviderProcess.ClientId, provider.AuthorityFile).Flags);
            var connection = new ClusterConnection { Server = cluster.Server, CertificateAuthority = new PemSource.Inline(new Secret(cluster.AuthorityPem)) };
            var house = await LoginHouse.StartAsync(
                origin, provider.Issuer, OidcProviderProcess.ClientId, OidcProviderProcess.ClientSecret,
                options => options with { Auth = options.Auth! with { TokenReview = tokenReview } },
                new ClusterDefinition { Locator = "config", Name = "oidc", Connection = connection, Credential = new CredentialDefinition.ClientSide("oidc", "oidc") },
                new ClusterDefinition { Locator = "config", Name = "held", Connection = connection, Credential = new CredentialDefinition.ServiceAccountToken(new Secret(cluster.AdminToken)) });
            return new World { Provider = provider, Cluster = cluster, House = house };
        }

        public Uri At(string path) => new(House.Origin, path);

        public Task<string> AsAdminAsync(string arguments) =>
            CommandRunner.RunAsync(ExternalTools.Kubectl, _folder.Write("admin", Target.Kubeconfig(Cluster.Server, Cluster.AuthorityPem, Cluster.AdminToken)), arguments);

        public async ValueTask DisposeAsync()
        {
            await House.DisposeAsync();
            await Cluster.DisposeAsync();
            await Provider.DisposeAsync();
            _folder.Dispose();
        }
    }
}
