using System.Net;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>The same logins with another provider: its issuer ends with a slash, a single group is a text, and it has neither <c>sid</c> nor back-channel logout.</summary>
public sealed class OpenIddictTests
{
    private const string Secret = "another secret";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("alice", new[] { "devs", "admins" })]
    [InlineData("bob", new[] { "devs" })]
    public async Task Somebody_signs_in_uses_a_cluster_and_signs_out(string user, string[] groups)
    {
        await using var upstream = new RawUpstream();
        var origin = LoginHouse.NewOrigin();
        await using var provider = await OpenIddictProvider.StartAsync();
        await provider.AddClientAsync(OidcProviderProcess.OfGateway(origin) with { Secret = Secret });
        await using var house = await StartAsync(origin, provider, upstream);
        using var browser = new FormBrowser();

        var end = await browser.WalkAsync(new Uri(origin, "/auth/login?return=%2Fauth%2Fme"), Fields(user));

        end.StatusCode.Should().Be(HttpStatusCode.OK, await end.Content.ReadAsStringAsync());
        var me = JsonSerializer.Deserialize<JsonElement>((await browser.FetchAsync(HttpMethod.Get, new Uri(origin, "/auth/me"))).Body);
        me.GetProperty("name").GetString().Should().Be(user);
        me.GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Should().Equal(groups);
        (await browser.FetchAsync(HttpMethod.Get, new Uri(origin, "/clusters/trusting/api/v1/pods"))).Status.Should().Be(HttpStatusCode.OK);
        upstream.Requests.Should().ContainSingle().Which.Header("Authorization").Should().StartWith("Bearer ey");

        var (status, body) = await browser.FetchAsync(HttpMethod.Post, new Uri(origin, "/auth/logout"));
        status.Should().Be(HttpStatusCode.OK);
        var back = await browser.WalkAsync(new Uri(JsonSerializer.Deserialize<JsonElement>(body).GetProperty("redirect").GetString()!));
        back.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Authority).Should().Be(origin.GetLeftPart(UriPartial.Authority));
        (await browser.FetchAsync(HttpMethod.Get, new Uri(origin, "/auth/me"))).Status.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task T90_Refresh_tokens_are_used_once_and_a_grant_that_was_taken_back_ends_the_session()
    {
        await using var upstream = new RawUpstream();
        var origin = LoginHouse.NewOrigin();
        var clock = new MovableClock();
        await using var provider = await OpenIddictProvider.StartAsync(server => server.SetAccessTokenLifetime(Lifetime).SetIdentityTokenLifetime(Lifetime), time: clock);
        await provider.AddClientAsync(OidcProviderProcess.OfGateway(origin) with { Secret = Secret });
        await using var house = await StartAsync(origin, provider, upstream, clock);
        using var browser = new FormBrowser();
        var end = await browser.WalkAsync(new Uri(origin, "/auth/login?return=%2Fauth%2Fme"), Fields("alice"));
        end.StatusCode.Should().Be(HttpStatusCode.OK, await end.Content.ReadAsStringAsync());
        var pods = new Uri(origin, "/clusters/trusting/api/v1/pods");

        for (var tokens = 1; tokens <= 3; tokens++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => browser.FetchAsync(HttpMethod.Get, pods)));
            answers.Should().AllSatisfy(static answer => answer.Status.Should().Be(HttpStatusCode.OK, answer.Body));
            upstream.Requests.Select(static request => request.Header("Authorization")).Distinct(StringComparer.Ordinal).Should().HaveCount(tokens, "ten requests at once renew them once");
            clock.Advance(Lifetime);
        }

        await provider.RevokeAsync("alice");
        (await browser.FetchAsync(HttpMethod.Get, pods)).Status.Should().Be(HttpStatusCode.Unauthorized);
    }

    private static Dictionary<string, string> Fields(string user) => new(StringComparer.Ordinal) { ["user"] = user };

    private static Task<LoginHouse> StartAsync(Uri origin, OpenIddictProvider provider, RawUpstream upstream, TimeProvider? time = null) =>
        LoginHouse.StartAsync(origin, provider.Issuer, "fairlead", Secret, null, time, TestCluster.ClientSide("trusting", upstream.Url, "oidc", "oidc"));
}
