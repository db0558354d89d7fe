using System.Text.Json.Nodes;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>The way to the provider and back.</summary>
public sealed class LoginTests
{
    public static TheoryData<WireProtocol> Protocols => [.. WireClient.Protocols];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task T72_A_login_leads_to_the_provider_and_back_to_where_it_began(WireProtocol protocol)
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = world.Tab(protocol);

        var toProvider = await tab.OpenAsync("/auth/login?return=%2Fclusters%2Fkind%2Fapi%3Fx%3D1");

        var query = System.Web.HttpUtility.ParseQueryString(new Uri(toProvider.Header("Location")!).Query);
        query["response_type"].Should().Be("code");
        query["client_id"].Should().Be("fairlead");
        query["redirect_uri"].Should().Be("https://fairlead.example.com/auth/callback");
        query["code_challenge_method"].Should().Be("S256");
        query["scope"].Should().Be("openid profile email offline_access");
        (query["state"]!.Length, query["nonce"]!.Length, query["code_challenge"]!.Length).Should().Be((43, 43, 43));
        var attempt = toProvider.Header("Set-Cookie")!;
        attempt.Should().StartWith("__Host-fairlead-login-").And.EndWith("; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure");
        attempt.Should().NotContain(query["state"]![8..]).And.NotContain(query["nonce"]!);

        var back = await LoginWorld.ReturnAsync(tab, world.Issuer.SignIn(toProvider.Header("Location")!));

        LoginWorld.GoesTo(back).Should().Be("/clusters/kind/api?x=1", "a page goes on by itself: after a redirect the browser would still say cross-site, and the cookie would not count");
        back.Header("Content-Security-Policy").Should().Contain("default-src 'none'");
        back.Headers("Set-Cookie").Should().Contain(static line => line.StartsWith("__Host-fairlead-session=", StringComparison.Ordinal) && line.EndsWith("; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400; Secure", StringComparison.Ordinal));
        tab.Cookies.Should().ContainSingle("the attempt is over").Which.Value.Should().HaveLength(43);
        var me = await tab.FetchAsync("GET", "/auth/me");
        me.Json.RootElement.GetProperty("name").GetString().Should().Be("jane");
        me.Json.RootElement.GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Should().Equal("devs", "ops");
        me.Json.RootElement.GetProperty("login").GetString().Should().Be("session");
        me.Json.RootElement.GetProperty("provider").GetString().Should().Be("oidc");
        world.Issuer.Calls("/token authorization_code").Should().Be(1);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("/%09/evil.example")]
    [InlineData("/%2Fevil.example")]
    [InlineData("/%5Cevil.example")]
    [InlineData("https://fairlead.example.com.evil.example/")]
    [InlineData("https://fairlead.example.com@evil.example/")]
    [InlineData("https://evilfairlead.example.com/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/../x")]
    [InlineData("x")]
    [InlineData("/x\r\nSet-Cookie: a=b")]
    public async Task T71_A_return_address_cannot_leave_the_site(string address)
    {
        await using var world = await LoginWorld.StartAsync();

        var response = await BothProtocols.SendAsync(world.Gateway, RawRequest.Get("/auth/login?return=" + Uri.EscapeDataString(address)).With("Host", LoginWorld.Host));

        response.Status.Should().Be(400);
        response.Headers("Set-Cookie").Should().BeEmpty();
    }

    [Fact]
    public async Task T71_An_address_of_the_gateways_own_origin_is_a_path_of_it()
    {
        await using var world = await LoginWorld.StartAsync();

        LoginWorld.GoesTo(await world.SignInAsync(world.Tab(), "/auth/login?return=" + Uri.EscapeDataString("https://fairlead.example.com/x"))).Should().Be("/x");
        LoginWorld.GoesTo(await world.SignInAsync(world.Tab(), "/auth/login")).Should().Be("/");
        LoginWorld.GoesTo(await world.SignInAsync(world.Tab(), "/oidc?dt=1&cluster=kind")).Should().Be("/auth?cluster=kind", "Headlamp's own page waits there");
    }

    [Theory]
    [InlineData("no state")]
    [InlineData("another state")]
    [InlineData("another browser")]
    [InlineData("a changed cookie")]
    [InlineData("no code")]
    [InlineData("a made-up code")]
    [InlineData("another provider's answer")]
    public async Task T72_An_answer_that_does_not_belong_to_the_attempt_begins_no_session(string fault)
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = world.Tab();
        var address = (await tab.OpenAsync("/auth/login")).Header("Location")!;
        var callback = world.Issuer.SignIn(address);
        var (name, path) = tab.Cookies.Single().Key;
        switch (fault)
        {
            case "no state": callback = callback[..callback.IndexOf("&state", StringComparison.Ordinal)]; break;
            case "another state": callback = callback.Replace("&state=", "&state=A", StringComparison.Ordinal); break;
            case "another browser": tab = world.Tab(); break;
            case "a changed cookie": tab.Plant(name, string.Concat("B", tab.Cookies.Single().Value.AsSpan(1)), path); break;
            case "no code": callback = callback.Replace("code=", "error=access_denied&x=", StringComparison.Ordinal); break;
            case "a made-up code": callback = callback.Replace("code=", "code=x", StringComparison.Ordinal); break;
            default: callback = callback[..callback.IndexOf("&iss=", StringComparison.Ordinal)] + "&iss=https%3A%2F%2Fevil.example"; break;
        }

        if (fault is not ("no code" or "a made-up code" or "another provider's answer"))
        {
            // Those three are at the end of the attempt, which counts once.
            (await BothProtocols.SendAsync(world.Gateway, tab.WithCookies(RawRequest.Get(new Uri(callback).PathAndQuery)))).Status.Should().Be(400);
        }

        var response = await LoginWorld.ReturnAsync(tab, callback);

        response.Status.Should().Be(400, response.BodyText);
        tab.SessionKey.Should().BeNull();
    }

    [Fact]
    public async Task T72_An_answer_counts_once_and_a_planted_session_is_worth_nothing()
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = world.Tab();
        tab.Plant("__Host-fairlead-session", new string('A', 43));
        var callback = world.Issuer.SignIn((await tab.OpenAsync("/auth/login")).Header("Location")!);
        var before = tab.WithCookies(RawRequest.Get(new Uri(callback).PathAndQuery));

        (await LoginWorld.ReturnAsync(tab, callback)).Status.Should().Be(200);

        tab.SessionKey.Should().NotBe(new string('A', 43), "the key is new with every login");
        (await WireClient.ExchangeAsync(WireProtocol.Http11, world.Gateway.Port, before)).Status.Should().Be(400, "the attempt is over");
        var first = tab.SessionKey!;
        (await world.SignInAsync(tab, "/auth/login")).Status.Should().Be(200);
        tab.SessionKey.Should().NotBe(first);
        var old = world.Tab();
        old.Plant("__Host-fairlead-session", first);
        (await old.FetchAsync("GET", "/auth/me")).Status.Should().Be(401, "a new login leaves no older session behind");
    }

    [Theory]
    [InlineData("wrong nonce")]
    [InlineData("another audience")]
    [InlineData("another key")]
    [InlineData("a reserved name")]
    public async Task T08_An_ID_token_that_is_not_acceptable_begins_no_session(string fault)
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = world.Tab();
        var address = (await tab.OpenAsync("/auth/login")).Header("Location")!;
        switch (fault)
        {
            case "wrong nonce": address = address.Replace("&nonce=", "&nonce=x", StringComparison.Ordinal); break;
            case "another audience": world.Issuer.Claims = new JsonObject { ["preferred_username"] = "jane" }; break;
            case "another key": world.Issuer.KeySetInstead = """{"keys":[]}"""; break;
            default: world.Issuer.Claims = new JsonObject { ["preferred_username"] = "system:admin" }; break;
        }

        if (fault is "another audience")
        {
            world.Issuer.Audience = "somebody-else";
        }

        if (fault is "another key")
        {
            // What the gateway knows already is of another key: the issuer is asked again.
            world.Issuer.Keys.Insert(0, Testing.Issuers.IssuerKey.Rsa("two"));
        }

        var response = await LoginWorld.ReturnAsync(tab, world.Issuer.SignIn(address));

        response.Status.Should().Be(400, response.BodyText);
        tab.SessionKey.Should().BeNull();
    }

    [Fact]
    public async Task T75_Made_up_codes_cost_the_provider_a_bounded_number_of_questions_and_the_others_nothing()
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = world.Tab();
        var callback = new Uri(world.Issuer.SignIn((await tab.OpenAsync("/auth/login")).Header("Location")!)).PathAndQuery.Replace("code=", "code=x", StringComparison.Ordinal);
        var request = tab.WithCookies(RawRequest.Get(callback));

        var answers = new List<int>();
        for (var i = 0; i < 10; i++)
        {
            answers.AddRange((await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => world.Gateway.SendBareAsync(request)))).Select(static answer => answer.Status));
        }

        answers.Should().OnlyContain(static status => status == 400 || status == 429).And.Contain(429);
        world.Issuer.Calls("/token authorization_code").Should().BeLessThan(Fairlead.Callers.FailureBudget.PerAddress + 200);
    }

    [Fact]
    public async Task A_provider_that_is_away_is_503_and_says_so()
    {
        await using var world = await LoginWorld.StartAsync();
        world.Issuer.Fails = 500;

        var response = await world.Tab().OpenAsync("/auth/login");

        response.Status.Should().Be(503);
        response.BodyText.Should().Contain("identity provider").And.NotContain("127.0.0.1");
        response.Headers("Set-Cookie").Should().BeEmpty();
    }

    [Theory]
    [InlineData("/auth/login")]
    [InlineData("/auth/logout")]
    public async Task T109_An_image_on_a_foreign_page_begins_and_ends_nothing(string target)
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = await world.SignedInAsync();

        var response = await tab.SendAsync(RawRequest.Get(target).With("Sec-Fetch-Site", "cross-site").With("Sec-Fetch-Mode", "no-cors").With("Sec-Fetch-Dest", "image"));

        response.Status.Should().Be(403);
        (await tab.FetchAsync("GET", "/auth/me")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Attempts_that_were_given_up_do_not_fill_the_browsers_cookies()
    {
        await using var world = await LoginWorld.StartAsync();
        var tab = world.Tab();
        for (var i = 0; i < 20; i++)
        {
            await tab.OpenAsync("/auth/login");
        }

        tab.Cookies.Count.Should().BeLessThanOrEqualTo(6);
        (await world.SignInAsync(tab, "/auth/login")).Status.Should().Be(200);
    }

    [Fact]
    public async Task Decision10_A_request_for_another_host_is_misdirected()
    {
        await using var world = await LoginWorld.StartAsync(static options => options with { Hosts = ["fairlead.fairlead.svc"] });

        foreach (var host in new[] { "evil.example", "fairlead.example.com:444", "fairlead.example.com.evil.example", "fairlead.example.co" })
        {
            (await world.Gateway.SendBareAsync(RawRequest.Get("/auth/login").With("Host", host))).Status.Should().Be(421, host);
        }

        foreach (var host in new[] { "fairlead.fairlead.svc:8080", "fairlead.example.com", "FAIRLEAD.example.com:443", "localhost:1", "127.0.0.1", "[::1]:8080" })
        {
            (await world.Gateway.SendBareAsync(RawRequest.Get("/").With("Host", host))).Status.Should().Be(200, host);
        }

        (await world.Gateway.SendBareAsync(RawRequest.Get("/auth/login").With("Host", "localhost"))).Status.Should().Be(400, "the provider sends browsers back elsewhere");
    }

    [Fact]
    public async Task Everything_works_below_a_base_URL()
    {
        await using var world = await LoginWorld.StartAsync(static options => options with
        {
            BaseUrl = "/gw",
            Auth = options.Auth! with { Oidc = [options.Auth.Oidc[0] with { CallbackUrl = new Uri(LoginWorld.Origin + "/gw/auth/callback") }] },
        });
        var tab = world.Tab();

        LoginWorld.GoesTo(await world.SignInAsync(tab, "/gw/auth/login")).Should().Be("/gw/");

        (await tab.FetchAsync("GET", "/gw/auth/me")).Status.Should().Be(200);
        (await tab.FetchAsync("GET", "/auth/me")).Status.Should().Be(404);
        (await tab.FetchAsync("GET", "/gw/clusters/kind/api/v1/pods")).Status.Should().Be(200);
        (await tab.FetchAsync("POST", "/gw/auth/logout")).Status.Should().Be(200);
        tab.SessionKey.Should().BeNull();
    }
}
