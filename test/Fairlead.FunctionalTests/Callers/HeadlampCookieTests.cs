using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>The token cookies of a Headlamp front end (contract <c>headlamp.md</c> S17, F17, F18, F41).</summary>
public sealed class HeadlampCookieTests : IAsyncLifetime
{
    private const string Pods = "/clusters/main/api/v1/pods";

    private readonly RawUpstream _upstream = new();
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        var options = TestGateway.Options(
            TestCluster.Held("main", _upstream.Url), TestCluster.Held("a-b", _upstream.Url), TestCluster.Held("a.b", _upstream.Url), TestCluster.Held("ab", _upstream.Url));
        _gateway = await TestGateway.StartAsync(options with { ServiceProxy = options.ServiceProxy with { DefaultCluster = "main" } });
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("headlamp-auth-main.0=U", "Bearer U")]
    [InlineData("headlamp-auth-main.1=V; headlamp-auth-main.0=U", "Bearer UV")]
    [InlineData("x=y; headlamp-auth-main.0=U; headlamp-auth-main.2=W", "Bearer U")]
    public async Task H42_A_token_in_pieces_as_the_shipped_server_writes_it_is_read(string cookie, string expected)
    {
        var response = await _gateway.SendBareAsync(RawRequest.Get(Pods).With("Cookie", cookie).With("Sec-Fetch-Site", "same-origin"));

        response.Status.Should().Be(200);
        var sent = _upstream.Requests.Should().ContainSingle().Subject;
        sent.Header("Authorization").Should().Be(expected);
        sent.Headers("Cookie").Should().BeEmpty();
    }

    [Fact]
    public async Task H43_An_Authorization_counts_and_the_cookie_does_not()
    {
        var request = RawRequest.Get(Pods).With("Cookie", "headlamp-auth-main.0=C").WithBearer("A");

        (await _gateway.SendBareAsync(request)).Status.Should().Be(200);

        _upstream.Requests.Should().ContainSingle().Which.Header("Authorization").Should().Be("Bearer A");
    }

    [Theory]
    [InlineData("GET", "Origin", "http://evil.example", 403)]
    [InlineData("GET", "Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("POST", "X", "y", 403)]
    [InlineData("GET", "X", "y", 200)]
    [InlineData("HEAD", "X", "y", 200)]
    [InlineData("GET", "Sec-Fetch-Site", "none", 200)]
    [InlineData("POST", "Sec-Fetch-Site", "none", 403)]
    [InlineData("POST", "Origin", "http://127.0.0.1", 200)]
    [InlineData("DELETE", "Sec-Fetch-Site", "same-origin", 200)]
    public async Task H59_The_cookie_counts_for_the_gateways_own_pages(string method, string name, string value, int status)
    {
        var response = await _gateway.SendBareAsync(new RawRequest(method, Pods).With("Cookie", "headlamp-auth-main.0=U").With(name, value));

        response.Status.Should().Be(status);
        _upstream.Requests.Should().HaveCount(status == 200 ? 1 : 0);
    }

    [Fact]
    public async Task H45_H64_A_token_is_set_and_cannot_be_read_in_the_cookie()
    {
        var tab = Tab();
        var token = "service-account." + new string('x', 40);

        var set = await tab.FetchAsync("POST", "/clusters/main/set-token", $$"""{"token":"{{token}}"}""");

        set.Status.Should().Be(200);
        set.Body.Should().BeEmpty();
        set.Headers("Set-Cookie").Should().HaveCount(2).And.AllSatisfy(line =>
        {
            line.Should().StartWith("headlamp-auth-main.0=fl1.").And.Contain("; HttpOnly").And.Contain("; SameSite=Strict").And.Contain("; Max-Age=86400");
            line.Should().NotContain(token);
        });
        set.Headers("Set-Cookie").Select(static line => line.Split("; ")[1]).Should().BeEquivalentTo("Path=/clusters/main", "Path=/serviceproxy");
        (await tab.FetchAsync("GET", Pods)).Status.Should().Be(200);
        _upstream.Requests[^1].Header("Authorization").Should().Be("Bearer " + token);
    }

    [Fact]
    public async Task H64_A_long_token_and_then_a_short_one_leave_no_old_piece()
    {
        var tab = Tab();
        var token = new string('a', 10_000);

        await tab.FetchAsync("POST", "/clusters/main/set-token", $$"""{"token":"{{token}}"}""");
        tab.Cookies.Count.Should().Be(8, "four pieces for each path");
        (await tab.FetchAsync("GET", Pods)).Status.Should().Be(200);
        _upstream.Requests[^1].Header("Authorization").Should().Be("Bearer " + token);

        await tab.FetchAsync("POST", "/clusters/main/set-token", """{"token":"U"}""");
        tab.Cookies.Count.Should().Be(2);
        (await tab.FetchAsync("GET", Pods)).Status.Should().Be(200);
        _upstream.Requests[^1].Header("Authorization").Should().Be("Bearer U");

        foreach (var clear in new[] { """{"token":null}""", """{"token":""}""", "{}" })
        {
            await tab.FetchAsync("POST", "/clusters/main/set-token", """{"token":"U"}""");
            (await tab.FetchAsync("POST", "/clusters/main/set-token", clear)).Status.Should().Be(200);
            tab.Cookies.Should().BeEmpty();
        }

        (await tab.FetchAsync("GET", Pods)).Status.Should().Be(401);
    }

    [Fact]
    public async Task H65_The_cookie_of_one_cluster_is_nothing_at_another()
    {
        var tab = Tab();
        await tab.FetchAsync("POST", "/clusters/a.b/set-token", """{"token":"U"}""");
        var value = tab.Cookies.Should().ContainSingle().Subject.Value;

        foreach (var (cluster, name) in new[] { ("a-b", "a-b"), ("ab", "ab"), ("main", "main") })
        {
            var request = RawRequest.Get($"/clusters/{cluster}/api/v1/pods").With("Cookie", $"headlamp-auth-{name}.0={value}").With("Sec-Fetch-Site", "same-origin");
            (await _gateway.SendBareAsync(request)).Status.Should().Be(401, cluster);
        }

        _upstream.Requests.Should().BeEmpty();
        (await tab.FetchAsync("GET", "/clusters/a.b/api/v1/pods")).Status.Should().Be(200);
    }

    [Theory]
    [InlineData("fl1.")]
    [InlineData("fl1.AAAA")]
    [InlineData("fl1.!!!!")]
    [InlineData("")]
    public async Task H65_What_the_gateway_has_not_sealed_is_no_token(string value)
    {
        (await _gateway.SendBareAsync(RawRequest.Get(Pods).With("Cookie", "headlamp-auth-main.0=" + value).With("Sec-Fetch-Site", "same-origin"))).Status.Should().Be(401);
        _upstream.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("X", "y")]
    public async Task H64_F18_A_foreign_page_sets_nothing(string name, string value)
    {
        var response = await _gateway.SendBareAsync(new RawRequest("POST", "/clusters/main/set-token").With(name, value).WithBody("""{"token":"U"}"""));

        response.Status.Should().Be(403);
        response.Headers("Set-Cookie").Should().BeEmpty();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"token":"a b"}""")]
    [InlineData("""{"token":"a\r\nSet-Cookie: x=y"}""")]
    [InlineData("""{"token":7}""")]
    public async Task H64_What_is_no_token_is_400(string body)
    {
        var response = await Tab().FetchAsync("POST", "/clusters/main/set-token", body);

        response.Status.Should().Be(400);
        response.Headers("Set-Cookie").Should().BeEmpty();
    }

    [Fact]
    public async Task H66_Me_is_asked_of_the_cluster_itself()
    {
        _upstream.Respond(static request => RawAnswer.Json(
            201, """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview","status":{"userInfo":{"username":"system:serviceaccount:default:web","groups":["system:serviceaccounts"]}}}"""));
        var tab = Tab();
        await tab.FetchAsync("POST", "/clusters/main/set-token", """{"token":"U"}""");

        var me = await tab.FetchAsync("GET", "/clusters/main/me");

        me.Status.Should().Be(200, me.BodyText);
        me.Json.RootElement.GetProperty("username").GetString().Should().Be("system:serviceaccount:default:web");
        me.Json.RootElement.GetProperty("groups")[0].GetString().Should().Be("system:serviceaccounts");
        _upstream.Requests.Should().ContainSingle().Which.Header("Authorization").Should().Be("Bearer U");
        var nobody = await Tab().FetchAsync("GET", "/clusters/main/me");
        nobody.Status.Should().Be(401);
        nobody.Json.RootElement.GetProperty("message").GetString().Should().NotBeEmpty();
    }

    [Fact]
    public async Task F44_A_token_in_a_sub_protocol_counts_and_the_cookie_does_not()
    {
        var request = RawRequest.WebSocket(Pods + "?watch=1", "base64url.bearer.authorization.k8s.io." + System.Buffers.Text.Base64Url.EncodeToString("P"u8), "x").With("Cookie", "headlamp-auth-main.0=C").With("Origin", "http://127.0.0.1");
        await using var client = await RawClient.ConnectAsync(_gateway.Port);

        await client.SendAsync(request);

        (await _upstream.WaitForRequestAsync()).Header("Authorization").Should().Be("Bearer P");
    }

    private BrowserTab Tab() => new(WireProtocol.Http11, "127.0.0.1") { Port = _gateway.Port };
}
