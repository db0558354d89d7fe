using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>What a session's cookie opens, and for whom.</summary>
public sealed class SessionTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    public static TheoryData<WireProtocol> Protocols => [.. WireClient.Protocols];

    public static TheoryData<string> Doors => ["/api/kubernetes/proxy" + Pods, "/clusters/kind" + Pods, "/serviceproxy/default/web/x"];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task B59_A_session_says_who_calls_and_an_unsafe_method_needs_a_proof(WireProtocol protocol)
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync(protocol);
        var target = "/api/kubernetes/proxy" + Pods;
        RawRequest Of(string method) => new RawRequest(method, target).With("Backstage-Kubernetes-Cluster", "kind");

        (await tab.SendAsync(Of("GET"))).Status.Should().Be(200);
        var sent = world.Upstream.Requests.Should().ContainSingle().Subject;
        sent.Header("Authorization").Should().Be("Bearer SA");
        sent.Headers("Cookie").Should().BeEmpty();

        (await tab.SendAsync(Of("DELETE").With("Origin", "http://evil.example"))).Status.Should().Be(403);
        (await tab.SendAsync(Of("DELETE"))).Status.Should().Be(403);
        (await tab.SendAsync(Of("DELETE").With("Sec-Fetch-Site", "cross-site"))).Status.Should().Be(403);
        (await tab.SendAsync(Of("DELETE").With("Sec-Fetch-Site", "none"))).Status.Should().Be(403);
        (await tab.SendAsync(Of("DELETE").With("Origin", "null"))).Status.Should().Be(403);
        world.Upstream.Requests.Should().ContainSingle();

        (await tab.SendAsync(Of("DELETE").With("Sec-Fetch-Site", "same-origin"))).Status.Should().Be(200);
        (await tab.SendAsync(Of("DELETE").With("Origin", LoginWorld.Origin))).Status.Should().Be(200);
        (await tab.SendAsync(Of("DELETE").With("Origin", "https://portal.example.com").With("Sec-Fetch-Site", "same-site"))).Status.Should().Be(200);
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task H59_T109_A_foreign_page_gets_nothing_by_the_cookie_on_any_door(string target)
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync();
        var later = await world.SignedInAsync(WireProtocol.Http2Tls);

        foreach (var (name, value) in new[] { ("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Origin", "null"), ("Origin", "https://fairlead.example.com.evil.example") })
        {
            foreach (var method in new[] { "GET", "HEAD", "POST", "OPTIONS" })
            {
                foreach (var one in new[] { tab, later })
                {
                    var response = await one.SendAsync(new RawRequest(method, target).With(name, value));

                    response.Status.Should().Be(403, $"{method} {value}");
                }
            }
        }

        // A form and a link: navigations carry the cookie too.
        (await tab.SendAsync(RawRequest.Get(target).With("Sec-Fetch-Site", "cross-site").With("Sec-Fetch-Mode", "navigate").With("Sec-Fetch-Dest", "document"))).Status.Should().Be(403);
        world.Upstream.Requests.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task B89_T25_A_browsers_WebSocket_needs_the_cookie_and_the_gateways_own_origin(WireProtocol protocol)
    {
        await using var world = await LoginWorld.StartAsync();
        world.AcceptWebSockets();
        var tab = await world.SignedInAsync(protocol);
        var exec = RawRequest.WebSocket("/clusters/kind" + Pods + "/web/exec?command=sh", "v5.channel.k8s.io");
        var accepted = protocol is WireProtocol.Http2Tls ? 200 : 101;

        foreach (var origin in new[] { "http://evil.example", "null", "https://fairlead.example.com:444", null })
        {
            (await UpgradeAsync(tab, protocol, origin is null ? exec : exec.With("Origin", origin))).Status.Should().Be(403, origin);
        }

        world.Upstream.Requests.Should().BeEmpty();
        (await UpgradeAsync(tab, protocol, exec.With("Origin", LoginWorld.Origin))).Status.Should().Be(accepted);
        (await UpgradeAsync(world.Tab(protocol), protocol, exec.With("Origin", LoginWorld.Origin))).Status.Should().Be(401, "without the cookie");
    }

    [Theory]
    [InlineData("cluster", WireProtocol.Http11)]
    [InlineData("cluster", WireProtocol.Http2Tls)]
    [InlineData("Backstage", WireProtocol.Http11)]
    [InlineData("Backstage", WireProtocol.Http2Tls)]
    public async Task T84_A_session_and_a_token_in_a_sub_protocol(string door, WireProtocol protocol)
    {
        await using var world = await LoginWorld.StartAsync();
        world.AcceptWebSockets();
        var tab = await world.SignedInAsync(protocol);
        var prefix = door is "cluster" ? "/clusters/kind" : "/api/kubernetes/proxy";
        var exec = RawRequest.WebSocket(prefix + Pods + "/web/exec", "base64url.bearer.authorization.k8s.io." + System.Buffers.Text.Base64Url.EncodeToString("own"u8), "v5.channel.k8s.io")
            .With("Origin", LoginWorld.Origin).With("Backstage-Kubernetes-Cluster", "kind");

        var response = await UpgradeAsync(tab, protocol, exec);

        if (door is "cluster")
        {
            response.Status.Should().Be(400, "decision 12: two identities");
            world.Upstream.Requests.Should().BeEmpty();
            return;
        }

        response.Status.Should().Be(protocol is WireProtocol.Http2Tls ? 200 : 101, "decision 12: the session says who calls, the sub-protocol brings the cluster's token");
        var sent = world.Upstream.Forwarded().Should().ContainSingle().Subject;
        sent.Header("Authorization").Should().Be("Bearer own");
        sent.Header("Sec-WebSocket-Protocol").Should().Be("v5.channel.k8s.io");
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task T85_An_explicit_token_decides_and_a_bad_one_never_falls_back_to_the_cookie(string target)
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync();

        // Even from a foreign page: without the cookie counting there is nothing to protect.
        var good = await tab.SendAsync(RawRequest.Get(target).With("Backstage-Kubernetes-Cluster", "kind").WithBearer("portal-token").With("Origin", "http://evil.example"));
        good.Status.Should().Be(403, "portal-caller has no rule here");
        good.BodyText.Should().Contain("portal-caller");

        foreach (var value in new[] { "Bearer", "Bearer garbage.garbage.garbage, x", "Negotiate abc" })
        {
            var request = RawRequest.Get(target).With("Backstage-Kubernetes-Cluster", "kind").With("Authorization", value);
            (await BothProtocols.SendAsync(world.Gateway, tab.WithCookies(request))).Status.Should().BeOneOf([400, 401], value);
        }

        world.Upstream.Requests.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task T88_Nobody_is_sent_to_a_login_page(string target)
    {
        await using var world = await LoginWorld.StartAsync();

        foreach (var tab in new[] { world.Tab(), Dead(world) })
        {
            var request = RawRequest.Get(target).With("Accept", "text/html").With("Sec-Fetch-Site", "none").With("Sec-Fetch-Mode", "navigate").With("Sec-Fetch-Dest", "document");
            var response = await BothProtocols.SendAsync(world.Gateway, tab.WithCookies(request));

            response.Status.Should().Be(401);
            response.Header("Content-Type").Should().StartWith("application/json");
        }
    }

    [Fact]
    public async Task H47_B44_The_users_token_goes_to_clusters_that_trust_the_provider_and_to_no_other()
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync();

        (await tab.FetchAsync("GET", "/clusters/trusting" + Pods)).Status.Should().Be(200);
        var id = world.Upstream.Requests[^1].Header("Authorization")!;
        id.Should().StartWith("Bearer ey");
        Payload(id).Should().Contain("\"preferred_username\":\"jane\"");

        (await tab.SendAsync(RawRequest.Get("/api/kubernetes/proxy" + Pods).With("Backstage-Kubernetes-Cluster", "trusting"))).Status.Should().Be(200);
        world.Upstream.Requests[^1].Header("Authorization").Should().Be(id, "a session is no Authorization header: it may bring the cluster's token");
        (await tab.SendAsync(RawRequest.Get("/api/kubernetes/proxy" + Pods).With("Backstage-Kubernetes-Cluster", "trusting").With("Backstage-Kubernetes-Authorization-oidc-oidc", "explicit"))).Status.Should().Be(200);
        world.Upstream.Requests[^1].Header("Authorization").Should().Be("Bearer explicit", "what the client says counts");

        var count = world.Upstream.Requests.Count;
        (await tab.FetchAsync("GET", "/clusters/foreign" + Pods)).Status.Should().Be(401);
        world.Upstream.Requests.Count.Should().Be(count);
    }

    [Fact]
    public async Task H47_With_clusterToken_the_access_token_goes_instead()
    {
        await using var world = await LoginWorld.StartAsync(static options => options with { Auth = options.Auth! with { Oidc = [options.Auth.Oidc[0] with { UseAccessToken = true }] } });
        var tab = await world.SignedInAsync();

        (await tab.FetchAsync("GET", "/clusters/trusting" + Pods)).Status.Should().Be(200);

        world.Upstream.Requests[^1].Header("Authorization").Should().StartWith("Bearer access-");
    }

    [Fact]
    public async Task H66_Headlamps_me_knows_the_session()
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync();

        var me = (await tab.FetchAsync("GET", "/clusters/kind/me")).Json.RootElement;

        me.GetProperty("username").GetString().Should().Be("jane");
        me.GetProperty("email").GetString().Should().Be("jane@example.com");
        me.GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Should().Equal("devs", "ops");
        me.GetProperty("userInfoURL").GetString().Should().BeEmpty();
        var nobody = await world.Tab().FetchAsync("GET", "/clusters/kind/me");
        nobody.Status.Should().Be(401);
        nobody.Json.RootElement.GetProperty("message").GetString().Should().NotBeEmpty();
    }

    [Fact]
    public async Task A_caller_who_is_signed_in_has_the_rules_of_their_groups_and_no_more()
    {
        await using var world = await LoginWorld.StartAsync(static options => options with { AccessRules = [options.AccessRules[0] with { Groups = ["others"] }] });
        var tab = await world.SignedInAsync();

        (await tab.FetchAsync("GET", "/clusters/kind" + Pods)).Status.Should().Be(404, "no rule lets them know of it");
        world.Upstream.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task F53_A_configured_origin_may_use_the_cookie_by_CORS()
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync();

        var response = await tab.SendAsync(RawRequest.Get("/clusters/kind" + Pods).With("Origin", "https://portal.example.com").With("Sec-Fetch-Site", "same-site"));

        response.Status.Should().Be(200);
        response.Header("Access-Control-Allow-Origin").Should().Be("https://portal.example.com");
        response.Header("Access-Control-Allow-Credentials").Should().Be("true");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task T72_After_a_sign_out_the_cookie_is_dead(WireProtocol protocol)
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync(protocol);
        var key = tab.SessionKey!;

        (await tab.SendAsync(new RawRequest("POST", "/auth/logout").With("Origin", "http://evil.example"))).Status.Should().Be(403);
        (await tab.SendAsync(RawRequest.Get("/auth/logout").With("Sec-Fetch-Site", "cross-site").With("Sec-Fetch-Mode", "navigate").With("Sec-Fetch-Dest", "document"))).Status.Should().Be(403, "a link on a foreign page signs nobody out");
        (await tab.FetchAsync("GET", "/auth/me")).Status.Should().Be(200);

        var response = await tab.FetchAsync("POST", "/auth/logout");

        response.Status.Should().Be(200);
        var redirect = new Uri(response.Json.RootElement.GetProperty("redirect").GetString()!);
        redirect.GetLeftPart(UriPartial.Path).Should().Be(world.Issuer.Issuer + "/end");
        var query = System.Web.HttpUtility.ParseQueryString(redirect.Query);
        (query["post_logout_redirect_uri"], query["client_id"]).Should().Be((LoginWorld.Origin + "/", "fairlead"));
        query["id_token_hint"].Should().StartWith("ey");
        tab.SessionKey.Should().BeNull();
        tab.Plant("__Host-fairlead-session", key);
        (await tab.FetchAsync("GET", "/auth/me")).Status.Should().Be(401);

        var page = await tab.OpenAsync("/auth/logout");
        page.Status.Should().Be(303);
        page.Header("Location").Should().Be("/");
    }

    private static BrowserTab Dead(LoginWorld world)
    {
        var tab = world.Tab();
        tab.Plant("__Host-fairlead-session", new string('A', 43));
        return tab;
    }

    private static async Task<RawResponse> UpgradeAsync(BrowserTab tab, WireProtocol protocol, RawRequest handshake)
    {
        await using var client = await WireClient.ConnectAsync(protocol, tab.Port);
        return await client.UpgradeAsync(tab.WithCookies(handshake));
    }

    private static string Payload(string authorization) =>
        System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(authorization.Split(' ')[1].Split('.')[1]));
}
