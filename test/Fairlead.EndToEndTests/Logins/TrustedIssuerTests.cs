using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>The harness itself: a real kube-apiserver takes the ID tokens of each provider, without any gateway.</summary>
public sealed class TrustedIssuerTests
{
    [Theory]
    [InlineData(ProviderKind.OidcProvider)]
    [InlineData(ProviderKind.OpenIddict)]
    public async Task An_ID_token_says_who_somebody_is_to_a_real_API_server(ProviderKind kind)
    {
        KubeApiServer.SkipTestWithout();
        using var folder = new TempFolder();
        await using var provider = await Providers.StartAsync(kind);
        using var trusted = await RelyingParty.RegisterAsync(provider, "trusted");
        using var other = await RelyingParty.RegisterAsync(provider, "other");
        var issuer = new TrustedIssuer(provider.Issuer, "trusted", folder.Write("ca.crt", provider.AuthorityPem));
        await using var cluster = await KubeApiServer.StartAsync(issuer.Flags);

        var alice = (await trusted.LogInAsync("alice")).IdToken!;
        await Eventually.BeTrueAsync(async () => (await WhoAsync(cluster, alice)).Status is HttpStatusCode.Created, "the API server has the provider's keys");

        (await WhoAsync(cluster, alice)).Should().BeEquivalentTo((HttpStatusCode.Created, "alice", "admins devs system:authenticated"));
        (await WhoAsync(cluster, (await trusted.LogInAsync("bob")).IdToken!)).Should().BeEquivalentTo((HttpStatusCode.Created, "bob", "devs system:authenticated"));
        (await WhoAsync(cluster, (await other.LogInAsync("alice")).IdToken!)).Status.Should().Be(HttpStatusCode.Unauthorized, "it is for another client");
        (await WhoAsync(cluster, alice[..^8] + "AAAAAAAA")).Status.Should().Be(HttpStatusCode.Unauthorized, "its signature is wrong");
    }

    private static async Task<(HttpStatusCode Status, string? Name, string Groups)> WhoAsync(KubeApiServer cluster, string token)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = BrowserlessLogin.Trust(X509Certificate2.CreateFromPem(cluster.AuthorityPem)) },
        };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(cluster.Server, "/apis/authentication.k8s.io/v1/selfsubjectreviews"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Content = JsonContent.Create(new { apiVersion = "authentication.k8s.io/v1", kind = "SelfSubjectReview" });
        using var response = await client.SendAsync(request);
        if (response.StatusCode is not HttpStatusCode.Created)
        {
            return (response.StatusCode, null, "");
        }

        var user = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetProperty("userInfo");
        var groups = user.GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Order(StringComparer.Ordinal);
        return (response.StatusCode, user.GetProperty("username").GetString(), string.Join(' ', groups));
    }
}
