using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Clouds;
using Fairlead.Testing.Files;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Clouds;

/// <summary>GKE with a service account's key, and with the account of the machine.</summary>
public sealed class GoogleTests
{
    private const string Token = """{"access_token":"google-access-token","expires_in":3599,"token_type":"Bearer"}""";
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    [Fact]
    public async Task A_key_signs_for_a_token_once_for_all_clusters()
    {
        await using var issuer = new RawUpstream();
        issuer.Respond(RawAnswer.Json(200, Token));
        var key = new GoogleKey(issuer.Url + "/token");
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(Cluster("one", upstream, key), Cluster("two", upstream, key));

        (await gateway.GetAsync("/api/v1/pods", "one")).Status.Should().Be(200);
        (await gateway.GetAsync("/api/v1/pods", "two")).Status.Should().Be(200);

        upstream.Requests.Select(static request => request.Header("Authorization")).Should().Equal("Bearer google-access-token", "Bearer google-access-token");
        var asked = issuer.Requests.Should().ContainSingle("both clusters have one identity").Subject;
        asked.RequestLine.Should().StartWith("POST /token");
        var form = SignatureV4.Decode(asked.BodyText).ToDictionary(StringComparer.Ordinal);
        form["grant_type"].Should().Be("urn:ietf:params:oauth:grant-type:jwt-bearer");
        ShouldBeSigned(form["assertion"], key);
        ShouldKeep(gateway.Log.Lines, key, form["assertion"]);
    }

    [Fact]
    public async Task The_key_of_the_configuration_is_used_in_a_process_of_its_own()
    {
        await using var issuer = new RawUpstream();
        issuer.Respond(RawAnswer.Json(200, Token));
        var key = new GoogleKey(issuer.Url);
        await using var upstream = new RawUpstream();
        await using var gateway = await CloudGateway.StartAsync(
            [$"name: gke, url: '{upstream.Url}', authProvider: googleServiceAccount"], [("GOOGLE_KEY", key.Json)], "  googleServiceAccountCredentials: ${GOOGLE_KEY}");

        (await gateway.GetAsync("gke")).Status.Should().Be(200, gateway.Printed);

        upstream.Requests.Should().ContainSingle().Which.Header("Authorization").Should().Be("Bearer google-access-token");
        ShouldKeep([gateway.Printed], key);
    }

    [Fact]
    public async Task Without_a_key_the_metadata_server_is_asked()
    {
        await using var metadata = new RawUpstream();
        metadata.Respond(RawAnswer.Json(200, Token, "Metadata-Flavor: Google"));
        await using var upstream = new RawUpstream();
        await using var gateway = await CloudGateway.StartAsync([$"name: gke, url: '{upstream.Url}', authProvider: googleServiceAccount"], [("GCE_METADATA_HOST", $"127.0.0.1:{metadata.Port}")]);

        (await gateway.GetAsync("gke")).Status.Should().Be(200, gateway.Printed);

        upstream.Requests.Should().ContainSingle().Which.Header("Authorization").Should().Be("Bearer google-access-token");
        var asked = metadata.Requests.Should().ContainSingle().Subject;
        asked.Header("Metadata-Flavor").Should().Be("Google");
        asked.Target.Should().Be("/computeMetadata/v1/instance/service-accounts/default/token?scopes=" + Scope);
        gateway.Printed.Should().NotContain("google-access-token");
    }

    [Fact]
    public async Task A_credentials_file_of_the_process_is_read_again_when_it_comes_late()
    {
        await using var issuer = new RawUpstream();
        issuer.Respond(RawAnswer.Json(200, Token));
        var key = new GoogleKey(issuer.Url);
        using var folder = new TempFolder();
        await using var upstream = new RawUpstream();
        await using var gateway = await CloudGateway.StartAsync([$"name: gke, url: '{upstream.Url}', authProvider: googleServiceAccount"], [("GOOGLE_APPLICATION_CREDENTIALS", folder.Of("key.json"))]);

        Refusals.ShouldBeWithoutCredential(await gateway.GetAsync("gke"), "gke");
        gateway.Printed.Should().Contain(folder.Of("key.json") + " does not hold Google credentials that can be read");
        folder.Write("key.json", key.Json);

        await Testing.Eventually.BeTrueAsync(async () => (await gateway.GetAsync("gke")).Status is 200, "the file is found after the pause");
        ShouldKeep([gateway.Printed], key);
    }

    [Fact]
    public async Task A_redirect_of_the_issuer_leads_nowhere()
    {
        await using var elsewhere = new RawUpstream();
        await using var issuer = new RawUpstream();
        issuer.Respond(RawAnswer.Text(307, "", headers: [$"Location: {elsewhere.Url}/token"]));
        var key = new GoogleKey(issuer.Url);
        await using var upstream = new RawUpstream();
        await using var gateway = await TestGateway.StartAsync(Cluster("gke", upstream, key));

        Refusals.ShouldBeWithoutCredential(await gateway.GetAsync("/api/v1/pods", "gke"), "gke");

        elsewhere.ConnectionCount.Should().Be(0);
    }

    private static ClusterDefinition Cluster(string name, RawUpstream upstream, GoogleKey key) =>
        TestCluster.Of(name, upstream.Url, new CredentialDefinition.GoogleServiceAccount(new Secret(key.Json)));

    private static void ShouldBeSigned(string assertion, GoogleKey key)
    {
        var parts = assertion.Split('.');
        parts.Should().HaveCount(3);
        key.Verifies(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2])).Should().BeTrue();
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
        header.RootElement.GetProperty("alg").GetString().Should().Be("RS256");
        header.RootElement.GetProperty("kid").GetString().Should().Be("key-1");
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        var all = claims.RootElement;
        all.GetProperty("iss").GetString().Should().Be(GoogleKey.Email);
        all.GetProperty("aud").GetString().Should().Be("https://oauth2.googleapis.com/token");
        all.GetProperty("scope").GetString().Should().Be(Scope);
        (all.GetProperty("exp").GetInt64() - all.GetProperty("iat").GetInt64()).Should().Be(3600);
    }

    private static void ShouldKeep(IEnumerable<string> lines, GoogleKey key, params string[] secrets)
    {
        string[] all = ["google-access-token", "PRIVATE KEY", key.PrivatePem.Split('\n')[1], .. secrets];
        lines.Should().NotContain(line => all.Any(secret => line.Contains(secret, StringComparison.Ordinal)));
    }
}
