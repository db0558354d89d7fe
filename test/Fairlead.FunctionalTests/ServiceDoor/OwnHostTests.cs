using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>A Service with a host name of its own (decision 21).</summary>
public sealed class OwnHostTests
{
    private const string Host = "web.apps.example";
    private const string CookieName = "fairlead-service";

    [Fact]
    public async Task Decision21_A_code_from_the_gateway_becomes_a_cookie_on_the_host_and_opens_the_Service_there()
    {
        await using var passage = await StartAsync();

        var key = await SignInAsync(passage, "/graph?x=1");
        var response = await passage.SendBareAsync(OnHost("/graph?x=1").With("Cookie", $"theme=dark; {CookieName}={key}"));

        response.Status.Should().Be(200, response.ToString());
        var seen = passage.Seen.Should().ContainSingle().Subject;
        seen.Target.Should().Be("/graph?x=1");
        seen.Header("Cookie").Should().Be("theme=dark", "the Service never sees the gateway's cookie");
        seen.Header("Authorization").Should().Be("Bearer U");
        seen.Header("X-Forwarded-Host").Should().Be(Host + ":8080");
        seen.Header("X-Forwarded-Prefix").Should().BeNull();
    }

    [Fact]
    public async Task Decision21_The_callers_token_never_crosses_and_a_code_works_once_and_on_its_host_only()
    {
        await using var passage = await StartAsync(options => options with
        {
            ServiceProxy = options.ServiceProxy with
            {
                Services = [.. options.ServiceProxy.Services, new ServiceOptions { Cluster = "main", Namespace = "default", Name = "other", Host = "other.apps.example" }],
            },
        });
        var answer = await HandoverAsync(passage, "/");
        answer.BodyText.Should().NotContain("\"U\"").And.NotContain("Bearer");
        var code = CodeOf(answer);

        (await passage.SendBareAsync(RawRequest.Get($"/.fairlead/signin?code={code}").With("Host", "other.apps.example"))).Status.Should().Be(401);
        (await passage.SendBareAsync(OnHost($"/.fairlead/signin?code={code}"))).Status.Should().Be(401, "a code that was shown to the wrong host is spent");

        var second = CodeOf(await HandoverAsync(passage, "/"));
        (await passage.SendBareAsync(OnHost($"/.fairlead/signin?code={second}"))).Status.Should().Be(303);
        (await passage.SendBareAsync(OnHost($"/.fairlead/signin?code={second}"))).Status.Should().Be(401);
        passage.ShouldHaveSentNothing();
    }

    [Fact]
    public async Task Decision21_The_sign_in_sets_a_cookie_that_is_confined_to_the_host()
    {
        await using var passage = await StartAsync();

        var answer = await HandoverAsync(passage, "/graph");
        var url = answer.Json.RootElement.GetProperty("url").GetString()!;
        url.Should().StartWith($"http://{Host}:8080/.fairlead/signin?code=", "the port is the one that the caller used");
        var opened = await passage.SendBareAsync(OnHost($"/.fairlead/signin?code={CodeOf(answer)}"));

        opened.Status.Should().Be(303);
        opened.Header("Location").Should().Be("/graph");
        opened.Header("Set-Cookie").Should().StartWith($"{CookieName}=").And.Contain("HttpOnly").And.Contain("SameSite=Lax").And.Contain("Path=/").And.NotContain("Domain");
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\\\evil.example")]
    [InlineData("")]
    [InlineData("/a/../b")]
    public async Task T71_A_path_that_could_leave_the_host_is_refused(string path)
    {
        await using var passage = await StartAsync();

        (await HandoverAsync(passage, path)).Status.Should().Be(400);
    }

    [Fact]
    public async Task Decision21_Without_a_session_the_host_gives_nothing_away()
    {
        await using var passage = await StartAsync();

        (await passage.SendBareAsync(OnHost("/"))).Status.Should().Be(401);
        (await passage.SendBareAsync(OnHost("/").With("Cookie", $"{CookieName}=0123"))).Status.Should().Be(401);
        (await passage.SendBareAsync(OnHost("/clusters/main/api").With("Authorization", "Bearer U"))).Status.Should().Be(200, "every path of the host is the Service's");
        passage.Seen.Should().ContainSingle().Which.Target.Should().Be("/clusters/main/api");
    }

    [Theory]
    [InlineData("cross-site", "GET", false)]
    [InlineData("same-site", "GET", false)]
    [InlineData("cross-site", "POST", false)]
    [InlineData("same-origin", "POST", true)]
    [InlineData("none", "GET", true)]
    public async Task T25_A_page_of_another_origin_cannot_use_the_session(string site, string method, bool isAllowed)
    {
        await using var passage = await StartAsync();
        var key = await SignInAsync(passage, "/");

        var response = await passage.SendBareAsync((OnHost("/x") with { Method = method }).With("Cookie", $"{CookieName}={key}").With("Sec-Fetch-Site", site));

        response.Status.Should().Be(isAllowed ? 200 : 403);
        passage.Seen.Should().HaveCount(isAllowed ? 1 : 0);
    }

    [Fact]
    public async Task T25_A_link_on_another_site_opens_a_page()
    {
        await using var passage = await StartAsync();
        var key = await SignInAsync(passage, "/");

        var response = await passage.SendBareAsync(OnHost("/x").With("Cookie", $"{CookieName}={key}")
            .With("Sec-Fetch-Site", "cross-site").With("Sec-Fetch-Mode", "navigate").With("Sec-Fetch-Dest", "document"));

        response.Status.Should().Be(200);
    }

    [Fact]
    public async Task F30_On_its_own_host_the_Services_pages_run_and_its_cookies_stay_there()
    {
        await using var passage = await StartAsync();
        passage.Upstream.Respond(RawAnswer.Text(200, "<script>1</script>", "text/html",
            "Content-Security-Policy: script-src 'self'", "Set-Cookie: grafana=1; Domain=apps.example; Path=/; HttpOnly", $"Set-Cookie: {CookieName}=stolen", "Set-Cookie: __Host-fairlead-service=x; Secure"));
        var key = await SignInAsync(passage, "/");

        var response = await passage.SendBareAsync(OnHost("/").With("Cookie", $"{CookieName}={key}"));

        response.Header("Content-Security-Policy").Should().Be("script-src 'self'");
        response.Header("Set-Cookie").Should().Be("grafana=1; Path=/; HttpOnly");
    }

    [Fact]
    public async Task F32_A_redirect_on_its_own_host_stays_there()
    {
        await using var passage = await StartAsync();
        passage.Upstream.Respond(RawAnswer.Text(302, "", "text/plain", "Location: http://web.default.svc.cluster.local/login"));
        var key = await SignInAsync(passage, "/");

        (await passage.SendBareAsync(OnHost("/").With("Cookie", $"{CookieName}={key}"))).Header("Location").Should().Be("/login");
    }

    [Fact]
    public async Task Decision21_Sign_out_ends_the_session()
    {
        await using var passage = await StartAsync();
        var key = await SignInAsync(passage, "/");

        var answer = await passage.SendBareAsync(OnHost("/.fairlead/signout").With("Cookie", $"{CookieName}={key}"));

        answer.Header("Set-Cookie").Should().StartWith($"{CookieName}=;").And.Contain("Max-Age=0");
        (await passage.SendBareAsync(OnHost("/").With("Cookie", $"{CookieName}={key}"))).Status.Should().Be(401);
    }

    [Theory]
    [InlineData("""{"host":"unknown.example"}""", 404)]
    [InlineData("""{"host":1}""", 400)]
    [InlineData("[]", 400)]
    [InlineData("", 400)]
    public async Task Decision21_A_wrong_hand_over_says_why(string body, int status)
    {
        await using var passage = await StartAsync();

        var response = await passage.SendAsync(new RawRequest("POST", "/auth/handover").WithBody(body));

        response.Status.Should().Be(status);
        response.Json.RootElement.GetProperty("message").GetString().Should().NotBeNullOrEmpty();
    }

    [Fact]
    public async Task Decision21_Only_a_known_caller_gets_a_code()
    {
        await using var passage = await StartAsync();

        (await passage.SendBareAsync(new RawRequest("POST", "/auth/handover").WithBody($$"""{"host":"{{Host}}"}"""))).Status.Should().Be(401);
        (await passage.SendAsync(RawRequest.Get("/auth/handover"))).Status.Should().Be(405);
    }

    [Fact]
    public async Task Decision21_The_session_is_judged_again_with_every_request()
    {
        await using var passage = await StartAsync();
        passage.Cluster.LetIn("V", "eve", "system:authenticated");
        ServiceCluster.Allow(passage.Cluster, "eve", "get", "", "services/proxy");
        var answer = await passage.SendBareAsync(new RawRequest("POST", "/auth/handover").WithBearer("V").WithBody($$"""{"host":"{{Host}}","path":"/"}"""));
        var opened = await passage.SendBareAsync(OnHost($"/.fairlead/signin?code={CodeOf(answer)}"));

        var cookie = opened.Header("Set-Cookie")!.Split(';')[0];

        var read = await passage.SendBareAsync(OnHost("/").With("Cookie", cookie));
        var written = await passage.SendBareAsync((OnHost("/") with { Method = "POST" }).With("Cookie", cookie).With("Sec-Fetch-Site", "same-origin"));

        read.Status.Should().Be(200);
        written.Status.Should().Be(403, "a session opens nothing that its owner's token does not");
        passage.Seen.Should().ContainSingle();
    }

    [Theory]
    [InlineData("a token that nobody knows")]
    [InlineData("V")]
    public async Task T113_Who_may_not_use_the_Service_gets_no_code_and_learns_no_host(string token)
    {
        await using var passage = await StartAsync();
        passage.Cluster.LetIn("V", "eve", "system:authenticated");

        var known = await passage.SendBareAsync(new RawRequest("POST", "/auth/handover").With("Authorization", $"Bearer {token.Replace(' ', '-')}").WithBody($$"""{"host":"{{Host}}"}"""));
        var unknown = await passage.SendBareAsync(new RawRequest("POST", "/auth/handover").With("Authorization", $"Bearer {token.Replace(' ', '-')}").WithBody("""{"host":"unknown.example"}"""));

        known.Status.Should().Be(404);
        known.BodyText.Should().Be(unknown.BodyText);
    }

    [Fact]
    public async Task T26_A_static_token_that_is_taken_back_ends_its_sessions()
    {
        using var folder = new Fairlead.Testing.TempFolder();
        var file = folder.Write("watched", "");
        await using var passage = await StartAsync(options => options with { Files = [SourceFile.Of(file)] });
        var answer = await passage.Gateway.SendAsync(new RawRequest("POST", "/auth/handover").WithBody($$"""{"host":"{{Host}}"}"""));
        var opened = await passage.SendBareAsync(OnHost($"/.fairlead/signin?code={CodeOf(answer)}"));
        var cookie = opened.Header("Set-Cookie")!.Split(';')[0];
        (await passage.SendBareAsync(OnHost("/").With("Cookie", cookie))).Status.Should().Be(200);

        await passage.Gateway.ReloadAsync(passage.Gateway.Server.Options with { Files = [SourceFile.Of(file)], Auth = new AuthOptions { Static = [TestGateway.Caller("portal-caller", "another-token", "portal")] } }, file);

        (await passage.SendBareAsync(OnHost("/").With("Cookie", cookie))).Status.Should().Be(401);
    }

    [Theory]
    [InlineData("/.fairlead/signout")]
    [InlineData("/.fairlead/signin?code=x")]
    public async Task T25_An_image_on_a_foreign_page_signs_nobody_in_or_out(string target)
    {
        await using var passage = await StartAsync();
        var key = await SignInAsync(passage, "/");

        var response = await passage.SendBareAsync(OnHost(target).With("Cookie", $"{CookieName}={key}").With("Sec-Fetch-Site", "cross-site").With("Sec-Fetch-Mode", "no-cors").With("Sec-Fetch-Dest", "image"));

        response.Status.Should().Be(403);
        response.Header("Set-Cookie").Should().BeNull();
        (await passage.SendBareAsync(OnHost("/").With("Cookie", $"{CookieName}={key}"))).Status.Should().Be(200);
    }

    private static Task<ServicePassage> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null) => ServicePassage.StartAsync(change: options =>
    {
        options = options with
        {
            ServiceProxy = options.ServiceProxy with { Services = [new ServiceOptions { Cluster = "main", Namespace = "default", Name = "web", Host = Host }] },
        };
        return change is null ? options : change(options);
    });

    private static RawRequest OnHost(string target) => RawRequest.Get(target).With("Host", Host + ":8080");

    private static Task<RawResponse> HandoverAsync(ServicePassage passage, string path) =>
        passage.SendAsync(new RawRequest("POST", "/auth/handover").With("Host", "gateway.example:8080").WithBody($$"""{"host":"{{Host}}","path":"{{path}}"}"""));

    private static string CodeOf(RawResponse answer)
    {
        answer.Status.Should().Be(200, answer.ToString());
        return answer.Json.RootElement.GetProperty("url").GetString()!.Split("code=")[1];
    }

    private static async Task<string> SignInAsync(ServicePassage passage, string path)
    {
        var opened = await passage.SendBareAsync(OnHost($"/.fairlead/signin?code={CodeOf(await HandoverAsync(passage, path))}"));
        return opened.Header("Set-Cookie")!.Split(';')[0].Split('=')[1];
    }
}
