using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.FunctionalTests.Callers;

/// <summary>A browser that is not known on a Service's own host name is taken to the login and back (decisions 10 and 21).</summary>
public sealed class OwnHostLoginTests
{
    private const string Grafana = "grafana.example.com";

    [Fact]
    public async Task Decision10_A_navigation_leads_to_the_login_and_back_to_where_it_wanted_to()
    {
        await using var world = await StartAsync();
        var page = new BrowserTab(WireProtocol.Http11, Grafana) { Port = world.Gateway.Port };
        var tab = world.Tab();

        var unknown = await page.OpenAsync("/d/home?x=1");
        unknown.Status.Should().Be(303);
        var handover = new Uri(unknown.Header("Location")!);
        handover.GetLeftPart(UriPartial.Authority).Should().Be(LoginWorld.Origin);
        var toLogin = await Cross(tab, handover.PathAndQuery);
        toLogin.Status.Should().Be(303);
        var back = await world.SignInAsync(tab, toLogin.Header("Location")!);
        LoginWorld.GoesTo(back).Should().Be(handover.PathAndQuery);
        var toPage = new Uri((await Cross(tab, LoginWorld.GoesTo(back))).Header("Location")!);
        toPage.Host.Should().Be(Grafana);
        var signedIn = await Cross(page, toPage.PathAndQuery);

        signedIn.Status.Should().Be(303);
        signedIn.Header("Location").Should().Be("/d/home?x=1");
        page.Cookies.Should().ContainSingle().Which.Key.Name.Should().Be("__Host-fairlead-service");
        page.Cookies.Values.Should().NotContain(tab.SessionKey!, "the gateway's cookie never reaches that host");
        (await page.OpenAsync("/d/home")).Status.Should().NotBe(303).And.NotBe(401);

        // The session at the gateway is what it lives by.
        (await tab.FetchAsync("POST", "/auth/logout")).Status.Should().Be(200);
        (await page.FetchAsync("GET", "/d/home")).Status.Should().Be(401);
    }

    [Theory]
    [InlineData("POST", "navigate", "document", null)]
    [InlineData("GET", "cors", "empty", null)]
    [InlineData("GET", "no-cors", "image", null)]
    [InlineData("GET", "navigate", "document", "Bearer x, y")]
    public async Task Decision10_Nothing_else_is_sent_to_a_login(string method, string mode, string destination, string? authorization)
    {
        await using var world = await StartAsync();
        var request = new RawRequest(method, "/d/home").With("Host", Grafana).With("Sec-Fetch-Site", "none").With("Sec-Fetch-Mode", mode).With("Sec-Fetch-Dest", destination);

        var response = await BothProtocols.SendAsync(world.Gateway, authorization is null ? request : request.With("Authorization", authorization));

        response.Status.Should().BeOneOf(400, 401);
        response.Header("Location").Should().BeNull();
    }

    [Fact]
    public async Task Decision21_Nobody_gets_a_code_for_a_Service_that_they_may_not_use()
    {
        await using var world = await StartAsync(static options => options with { AccessRules = [options.AccessRules[0] with { Resources = ["pods"] }] });
        var tab = await world.SignedInAsync();

        var response = await Cross(tab, "/auth/handover?host=" + Grafana + "&path=%2F");

        response.Status.Should().Be(404);
        (await Cross(tab, "/auth/handover?host=evil.example&path=%2F")).Status.Should().Be(404);
    }

    private static Task<RawResponse> Cross(BrowserTab tab, string target) =>
        tab.SendAsync(RawRequest.Get(target).With("Sec-Fetch-Site", "cross-site").With("Sec-Fetch-Mode", "navigate").With("Sec-Fetch-Dest", "document"));

    private static Task<LoginWorld> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null) => LoginWorld.StartAsync(options =>
    {
        options = options with
        {
            ServiceProxy = options.ServiceProxy with { Services = [new ServiceOptions { Cluster = "kind", Namespace = "default", Name = "grafana", Host = Grafana }] },
        };
        return change?.Invoke(options) ?? options;
    });
}
