using System.Net;
using System.Net.Sockets;
using System.Text;
using AwesomeAssertions;
using Fairlead.Cli.Logins;
using Xunit;

namespace Fairlead.Cli.Tests.Logins;

/// <summary>Where browsers come back to.</summary>
public sealed class LoopbackListenerTests : IDisposable
{
    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Only_the_answer_that_is_waited_for_ends_the_wait()
    {
        using var listener = LoopbackListener.Open(new Uri("http://127.0.0.1/callback"), "the-state");
        var waiting = listener.WaitAsync(CancellationToken.None);
        var url = listener.RedirectUrl;

        (await _http.GetAsync(new Uri(url, "/favicon.ico"))).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await _http.GetAsync(url)).StatusCode.Should().Be(HttpStatusCode.NotFound, "nothing was brought");
        (await _http.GetAsync(new Uri(url + "?code=stolen&state=guess"))).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await _http.GetAsync(new Uri(url + "?code=stolen"))).StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await _http.GetAsync(new Uri(url + "?code=a&code=b&state=the-state"))).StatusCode.Should().Be(HttpStatusCode.BadRequest, "which one?");
        (await _http.PostAsync(new Uri(url + "?code=a&state=the-state"), null)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await RawAsync(url.Port, "\r\n\r\n")).Should().StartWith("HTTP/1.1 404");
        await RawAsync(url.Port, "GET /" + new string('x', 40_000));
        waiting.IsCompleted.Should().BeFalse();

        var browser = _http.GetAsync(new Uri(url + "?code=a%2Bb+c&state=the-state"));
        using var callback = await waiting;
        callback["code"].Should().Be("a+b c");
        callback["error"].Should().BeNull();
        browser.IsCompleted.Should().BeFalse("it waits for what comes of it");
        await callback.ShowAsync("Signed in <b>", "You can close this page.");
        var page = await (await browser).Content.ReadAsStringAsync();
        page.Should().Contain("You can close this page").And.Contain("Signed in &lt;b&gt;");
        (await browser).Headers.GetValues("Content-Security-Policy").Should().ContainSingle().Which.Should().StartWith("default-src 'none'");
        (await browser).Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    [Theory]
    [InlineData("http://127.0.0.1/callback", "http://127.0.0.1:{0}/callback")]
    [InlineData("http://127.0.0.1", "http://127.0.0.1:{0}")]
    [InlineData("http://localhost/a", "http://localhost:{0}/a")]
    [InlineData("http://[::1]/a", "http://[::1]:{0}/a")]
    public void The_redirect_address_is_the_registered_one_with_a_port(string registered, string expected)
    {
        using var listener = LoopbackListener.Open(new Uri(registered), "s");

        listener.RedirectUrl.OriginalString.Should().Be(string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, listener.RedirectUrl.Port));
        listener.RedirectUrl.Port.Should().NotBe(80);
    }

    [Fact]
    public async Task A_browser_may_take_localhost_for_either_address()
    {
        using var listener = LoopbackListener.Open(new Uri("http://localhost/a"), "s");

        foreach (var address in new[] { "127.0.0.1", "[::1]" })
        {
            (await _http.GetAsync(new Uri($"http://{address}:{listener.RedirectUrl.Port}/"))).StatusCode.Should().Be(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public void A_registered_port_is_used_as_it_stands_and_one_that_is_taken_says_what_else_to_do()
    {
        using var first = LoopbackListener.Open(new Uri("http://127.0.0.1/a"), "s");
        var registered = new Uri($"http://127.0.0.1:{first.RedirectUrl.Port}/a");

        FluentActions.Invoking(() => LoopbackListener.Open(registered, "s")).Should().Throw<CommandFailure>().WithMessage("*--device*");

        first.Dispose();
        using var second = LoopbackListener.Open(registered, "s");
        second.RedirectUrl.Should().Be(registered);
    }

    private static async Task<string> RawAsync(int port, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
        using var reader = new StreamReader(stream);
        try
        {
            return await reader.ReadLineAsync() ?? "";
        }
        catch (IOException)
        {
            // Cut off in the middle of what was too long.
            return "";
        }
    }
}
