using AwesomeAssertions;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Services;

/// <summary>What a page can do in a real browser: one that a Service serves through the door, and one of another origin (contract F30, F47).</summary>
public sealed class BrowserProtectionTests
{
    private const string Script =
        """
        const report = (name, value) => document.documentElement.setAttribute('data-' + name, value);
        report('cookie', document.cookie);
        fetch('/clusters/main/api/v1/namespaces')
          .then(async answer => report('api', answer.status + ' ' + (await answer.json()).kind), error => report('api', 'failed: ' + error))
          .then(() => console.log('reported'));
        """;

    private const string Html =
        $"""<html><body><p>as served</p><noscript><img src="without-scripts.png"></noscript><script>{Script}</script></body></html>""";

    private const string Svg = $"""<svg xmlns="http://www.w3.org/2000/svg"><text>as served</text><script><![CDATA[{Script}]]></script></svg>""";

    /// <summary>A hostile page in both forms of the door, as a document of either kind.</summary>
    public static TheoryData<string, string, string> HostilePages => new()
    {
        { "/serviceproxy/default/web/page", "text/html", Html },
        { "/clusters/main/serviceproxy/default/web/page", "text/html", Html },
        { "/clusters/main/serviceproxy/default/web?request=page", "text/html", Html },
        { "/serviceproxy/default/web/page", "application/xhtml+xml", Html.Replace("<html>", "<html xmlns=\"http://www.w3.org/1999/xhtml\">", StringComparison.Ordinal).Replace(".png\">", ".png\"/>", StringComparison.Ordinal).Replace("=>", "=&gt;", StringComparison.Ordinal) },
        { "/serviceproxy/default/web/page", "image/svg+xml", Svg },
    };

    [Theory]
    [MemberData(nameof(HostilePages))]
    public async Task H71_The_script_of_a_Services_page_reads_no_cookie_of_the_gateway_and_calls_none_of_its_API(string target, string contentType, string page)
    {
        await using var web = new RawUpstream();
        // It would like to set itself free.
        web.Respond(_ => RawAnswer.Text(200, page, contentType, "Content-Security-Policy: sandbox allow-scripts allow-same-origin", "Content-Security-Policy: script-src 'unsafe-inline'"));
        await using var world = await ServiceWorld.StartAsync("direct");
        world.AddService("web", web.Port);
        var hostile = new BrowserPage(world.Http + target)
        {
            Token = ServiceWorld.Ann(),
            Cookies = [new BrowserCookie("session-of-the-gateway", "secret", world.Http)],
        };

        var locked = await Browser.OpenAsync(hostile);

        locked.Status.Should().Be(200);
        locked.Page.Should().Contain("as served").And.NotContain("data-cookie").And.NotContain("data-api").And.NotContain("session-of-the-gateway=");
        locked.Asked.Should().NotContain(static url => url.Contains("/api/v1/", StringComparison.Ordinal));
        if (contentType.Contains("html", StringComparison.Ordinal))
        {
            locked.Asked.Should().Contain(static url => url.EndsWith("without-scripts.png", StringComparison.Ordinal), "the browser shows what is there for browsers without scripts");
        }

        // The same page without the gateway's protection does all of it: the script is good, and only the protection stops it.
        var free = await Browser.OpenAsync(hostile with { Without = ["content-security-policy"], Until = "reported" });
        free.Page.Should().Contain("data-cookie=\"session-of-the-gateway=secret\"").And.Contain("data-api=\"401 Status\"");
        free.Asked.Should().Contain(world.Http + "/clusters/main/api/v1/namespaces");
    }

    [Fact]
    public async Task T70_The_answers_of_a_Service_change_nothing_in_the_browser_that_is_the_gateways()
    {
        const string Kept = "session-of-the-gateway";
        const string Register = """
            <html><script type="module">
              const registered = await navigator.serviceWorker.register('worker.js', { scope: '/' }).then(() => 'registered', error => error.name);
              document.documentElement.setAttribute('data-worker', registered);
              console.log('reported');
            </script></html>
            """;
        await using var web = new RawUpstream();
        web.Respond(static request => request.Target switch
        {
            "/set" => RawAnswer.Text(200, "<html>set</html>", "text/html", $"Set-Cookie: {Kept}=evil; Path=/", "Set-Cookie: planted=evil; Path=/; Domain=127.0.0.1", "Set-Cookie2: planted=evil"),
            "/clear" => RawAnswer.Text(200, "<html>cleared</html>", "text/html", "Clear-Site-Data: \"cookies\", \"storage\""),
            "/deep/worker.js" => RawAnswer.Text(200, "", "text/javascript"),
            "/worker.js" => RawAnswer.Text(200, "", "text/javascript", "Service-Worker-Allowed: /"),
            _ => RawAnswer.Text(200, Register, "text/html", "Content-Security-Policy: script-src 'self' 'unsafe-inline'"),
        });
        await using var world = await ServiceWorld.StartAsync("direct");
        world.AddService("web", web.Port);
        var door = world.Http + "/serviceproxy/default/web";

        // Cookies know no ports, so that what the Service answers at its own address shows what its answer would do at the gateway's.
        (await OpenAsync("/set")).Cookies.Should().Equal(new KeptCookie(Kept, "good"));
        (await Browser.OpenAsync(Page(web.Url + "/set"))).Cookies.Should().BeEquivalentTo([new KeptCookie(Kept, "evil"), new KeptCookie("planted", "evil")]);
        (await OpenAsync("/clear")).Cookies.Should().Equal(new KeptCookie(Kept, "good"));
        (await Browser.OpenAsync(Page(web.Url + "/clear"))).Cookies.Should().BeEmpty();
        (await OpenAsync("/register")).Page.Should().NotContain("data-worker=\"");
        (await Browser.OpenAsync(Page(door + "/register") with { Ambient = ServiceWorld.Ann(), Without = ["content-security-policy"], Token = ServiceWorld.Ann(), Until = "reported" }))
            .Page.Should().Contain("data-worker=\"TypeError\"", "also where scripts run there is no worker: a browser asks for its script without the page's token");
        (await Browser.OpenAsync(Page(web.Url + "/register") with { Until = "reported" })).Page.Should().Contain("data-worker=\"registered\"");

        // One that does get the script gets it without the header, without which no worker reaches beyond the script's own folder.
        using var http = new HttpClient();
        using var ask = new HttpRequestMessage(HttpMethod.Get, door + "/worker.js") { Headers = { { "Authorization", "Bearer " + ServiceWorld.Ann() } } };
        using var script = await http.SendAsync(ask);
        script.StatusCode.Should().Be(System.Net.HttpStatusCode.OK);
        script.Headers.Contains("Service-Worker-Allowed").Should().BeFalse();
        (await Browser.OpenAsync(Page(web.Url + "/deep/register") with { Until = "reported" })).Page.Should().Contain("data-worker=\"SecurityError\"");

        BrowserPage Page(string url) => new(url) { Cookies = [new BrowserCookie(Kept, "good", world.Http)] };

        async Task<BrowserResult> OpenAsync(string path)
        {
            var seen = await Browser.OpenAsync(Page(door + path) with { Token = ServiceWorld.Ann() });
            seen.Status.Should().Be(200);
            return seen;
        }
    }

    [Fact]
    public async Task H71_A_body_without_a_type_is_not_taken_for_a_page()
    {
        await using var web = new RawUpstream();
        web.Respond(static _ => RawAnswer.Head(200, $"Content-Length: {Html.Length}") + Html);
        await using var world = await ServiceWorld.StartAsync("direct");
        world.AddService("web", web.Port);
        var untyped = new BrowserPage(world.Http + "/serviceproxy/default/web/page") { Token = ServiceWorld.Ann() };

        var locked = await Browser.OpenAsync(untyped);

        locked.Page.Should().Contain("&lt;script&gt;").And.NotContain("data-cookie");
        // Without the protection the browser looks into the body and finds a page.
        var free = await Browser.OpenAsync(untyped with { Without = ["content-security-policy", "x-content-type-options"], Until = "reported" });
        free.Page.Should().Contain("data-cookie");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_page_of_a_configured_origin_reads_the_door_with_a_token_and_one_of_another_origin_cannot(bool isConfigured)
    {
        await using var web = new RawUpstream();
        web.Respond(static request => RawAnswer.Json(200, $$"""{"method":"{{request.Method}}"}""", "pagination-total-count: 137", "Access-Control-Allow-Origin: *"));
        await using var portal = new RawUpstream();
        await using var world = await ServiceWorld.StartAsync("direct", options => options with { CorsOrigins = [isConfigured ? portal.Url : "http://portal.example"] });
        world.AddService("web", web.Port);
        portal.Respond(_ => RawAnswer.Text(
            200,
            $$"""
            <html><script type="module">
              const attempt = async (name, url, init) => {
                const seen = await fetch(url, init).then(
                  async answer => `${answer.type} ${answer.status} ${answer.headers.get('pagination-total-count')} ${answer.headers.get('Fairlead-Transport')} ${(await answer.json()).method}`,
                  error => error.name);
                document.documentElement.setAttribute('data-' + name, seen);
              };
              const headers = { Authorization: 'Bearer {{ServiceWorld.Ann()}}' };
              await attempt('get', '{{world.Http}}/serviceproxy/default/web/data', { headers });
              await attempt('request', '{{world.Http}}/clusters/main/serviceproxy/default/web?request=data', { headers });
              await attempt('post', '{{world.Http}}/serviceproxy/default/web/data', { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: '{}' });
              await attempt('bare', '{{world.Http}}/serviceproxy/default/web/data', {});
              await attempt('itself', '{{web.Url}}/data', {});
              console.log('reported');
            </script></html>
            """,
            "text/html"));

        var seen = await Browser.OpenAsync(new BrowserPage(portal.Url + "/page") { Until = "reported" });

        // What the Service says of other origins counts at its own address, and not at the gateway's.
        seen.Page.Should().Contain("data-itself=\"cors 200 null null GET\"");
        var throughTheDoor = web.Requests.Where(static request => request.Header("Authorization") is not null).Select(static request => request.Method);
        if (isConfigured)
        {
            seen.Page.Should().Contain("data-get=\"cors 200 137 direct GET\"").And.Contain("data-request=\"cors 200 137 direct GET\"")
                .And.Contain("data-post=\"cors 200 137 direct POST\"").And.Contain("data-bare=\"cors 401 null null undefined\"");
            throughTheDoor.Should().Equal("GET", "GET", "POST");
        }
        else
        {
            seen.Page.Should().Contain("data-get=\"TypeError\"").And.Contain("data-request=\"TypeError\"")
                .And.Contain("data-post=\"TypeError\"").And.Contain("data-bare=\"TypeError\"");
            throughTheDoor.Should().BeEmpty();
        }
    }

    [Fact]
    public async Task A_page_of_another_origin_gets_nothing_of_an_answer_even_where_the_browser_adds_the_token()
    {
        await using var web = new RawUpstream();
        web.Respond(static _ => RawAnswer.Text(
            200, """<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>""", "image/svg+xml",
            "Cross-Origin-Resource-Policy: cross-origin", "Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: Authorization"));
        await using var foreign = new RawUpstream();
        await using var world = await ServiceWorld.StartAsync("direct");
        world.AddService("web", web.Port);
        foreign.Respond(_ => RawAnswer.Text(
            200,
            $$"""
            <html><script type="module">
              const report = (name, value) => document.documentElement.setAttribute('data-' + name, value);
              const image = url => new Promise(resolve => {
                const element = new Image();
                element.onload = () => resolve('loaded');
                element.onerror = () => resolve('failed');
                element.src = url;
              });
              const read = (url, mode) => fetch(url, { mode }).then(async answer => `${answer.type} ${(await answer.text()).length}`, error => error.name);
              for (const [name, base] of [['door', '{{world.Http}}/serviceproxy/default/web'], ['itself', '{{web.Url}}']]) {
                report(name + '-image', await image(base + '/image'));
                report(name + '-opaque', await read(base + '/opaque', 'no-cors'));
                report(name + '-cors', await read(base + '/cors', 'cors'));
              }
              console.log('reported');
            </script></html>
            """,
            "text/html"));

        var seen = await Browser.OpenAsync(new BrowserPage(foreign.Url + "/page") { Ambient = ServiceWorld.Ann(), Until = "reported" });

        seen.Page.Should().Contain("data-itself-image=\"loaded\"").And.Contain("data-itself-opaque=\"opaque 0\"").And.Contain("data-itself-cors=\"cors 62\"");
        seen.Page.Should().Contain("data-door-image=\"failed\"").And.Contain("data-door-opaque=\"TypeError\"").And.Contain("data-door-cors=\"TypeError\"");
        // The requests were made and answered: it is the browser that keeps the answers from the page.
        web.Requests.Where(static request => request.Header("X-Forwarded-Prefix") is not null).Select(static request => request.Target).Should().Contain(["/image", "/opaque"]);
    }
}
