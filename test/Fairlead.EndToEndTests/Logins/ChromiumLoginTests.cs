using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.EndToEndTests.Services;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>A person in a real browser: the login at the provider's own pages, a shell, a refresh, the sign-out here and there.</summary>
public sealed class ChromiumLoginTests(Fleet fleet)
{
    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task T25_Somebody_signs_in_opens_a_shell_stays_and_signs_out(ClusterKind kind)
    {
        Assert.SkipUnless(ExternalTools.Chromium.IsAvailable, ExternalTools.Chromium.WhyMissing);
        var target = await fleet.GetAsync(kind);
        var (space, pod) = target.Cluster.RunningPod;
        var origin = LoginHouse.NewOrigin();
        await using var provider = await OidcProviderProcess.StartAsync(origin, accessTokenSeconds: 4, idTokenSeconds: 4);
        await using var house = await LoginHouse.StartAsync(
            origin, provider.Issuer, OidcProviderProcess.ClientId, OidcProviderProcess.ClientSecret, null,
            new ClusterDefinition
            {
                Locator = "config",
                Name = "main",
                Connection = new ClusterConnection { Server = target.Cluster.Server, CertificateAuthority = new PemSource.Inline(new Secret(target.Cluster.AuthorityPem)) },
                Credential = new CredentialDefinition.ServiceAccountToken(new Secret(target.Cluster.AdminToken)),
            });

        var seen = await Script.RunAsync("sign-in.mjs", ExternalTools.Chromium.Require(), JsonSerializer.Serialize(new
        {
            origin = origin.AbsoluteUri.TrimEnd('/'),
            user = "alice",
            api = $"/clusters/main/api/v1/namespaces/{space}/pods",
            exec = $"wss://localhost:{origin.Port}/clusters/main/api/v1/namespaces/{space}/pods/{pod}/exec?container=main&stdin=true&stdout=true&tty=true&command=%2Fbin%2Fsh",
            stay = 5000,
            screenshot = Environment.GetEnvironmentVariable("FAIRLEAD_SCREENSHOT"),
        }));

        Text(seen, "page").Should().Contain("Signed in as alice.").And.Contain("The clusters that you may reach: main.");
        Text(seen, "scriptCookies").Should().BeEmpty("no script reads the session");
        seen.GetProperty("first").GetProperty("status").GetInt32().Should().Be(200);
        Text(seen, "shell").Should().Contain("hello from the pod");
        seen.GetProperty("second").GetProperty("status").GetInt32().Should().Be(200, provider.Transcript);
        provider.Refreshes.Should().BeGreaterThan(0);
        provider.Revocations.Should().Be(0);
        seen.GetProperty("afterwards").GetProperty("status").GetInt32().Should().Be(401);
        seen.GetProperty("link").GetInt32().Should().Be(1);
    }

    private static string Text(JsonElement seen, string name) => seen.GetProperty(name).GetString()!;
}
