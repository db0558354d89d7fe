using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>The one page that Fairlead serves itself.</summary>
public sealed class LandingPageTests
{
    [Theory]
    [InlineData("", "/")]
    [InlineData("/headlamp", "/headlamp")]
    [InlineData("/headlamp", "/headlamp/")]
    public async Task H100_The_page_sets_both_globals_to_the_base_URL(string baseUrl, string target)
    {
        await using var gateway = await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", "http://127.0.0.1:1")) with { BaseUrl = baseUrl });

        var response = await gateway.SendBareAsync(RawRequest.Get(target));

        response.Status.Should().Be(200);
        response.Header("Content-Type").Should().Be("text/html; charset=utf-8");
        response.BodyText.Should().Contain($"window.headlampBaseUrl = window.__headlampBaseURL__ = \"{baseUrl}\";").And.Contain($"{baseUrl}/serviceproxy/");
        response.BodyText.Should().NotContain("kind");
    }

    [Fact]
    public async Task The_page_runs_no_script_but_its_own_and_stands_in_no_frame()
    {
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", "http://127.0.0.1:1"));

        var first = await gateway.SendBareAsync(RawRequest.Get("/"));
        var second = await gateway.SendBareAsync(RawRequest.Get("/"));

        var policy = first.Header("Content-Security-Policy")!;
        policy.Should().Contain("default-src 'none'").And.Contain("frame-ancestors 'none'").And.Contain("script-src 'nonce-").And.NotContain("unsafe");
        second.Header("Content-Security-Policy").Should().NotBe(policy, "a nonce is good for one answer");
    }

    [Fact]
    public async Task The_page_is_only_read()
    {
        await using var gateway = await TestGateway.StartAsync(TestCluster.Held("kind", "http://127.0.0.1:1"));

        (await gateway.SendBareAsync(new RawRequest("POST", "/"))).Status.Should().Be(405);
        var head = await gateway.SendBareAsync(new RawRequest("HEAD", "/"));
        head.Status.Should().Be(200);
        head.Body.Should().BeEmpty();
    }
}
