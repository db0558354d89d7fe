using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clouds;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Clouds;

/// <summary>AKS with the identity of the process.</summary>
public sealed class AzureTests : IDisposable
{
    private const string Tenant = "11111111-2222-3333-4444-555555555555";
    private const string Client = "66666666-7777-8888-9999-000000000000";
    private const string ClientSecret = "geheim~Q8+/%=secret";
    private const string Application = "6dae42f8-4368-4678-94ff-3960e28e3630";

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_client_secret_is_exchanged_for_a_token_of_the_aks_application_once_for_all_clusters()
    {
        await using var issuer = Issuer();
        issuer.Respond(RawAnswer.Json(200, """{"token_type":"Bearer","expires_in":86399,"ext_expires_in":86399,"access_token":"azure-access-token"}"""));
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(issuer, upstream, "one", "two");

        (await gateway.GetAsync("one")).Status.Should().Be(200, gateway.Printed);
        (await gateway.GetAsync("two")).Status.Should().Be(200);

        upstream.Requests.Select(static request => request.Header("Authorization")).Should().Equal("Bearer azure-access-token", "Bearer azure-access-token");
        var asked = issuer.Requests.Should().ContainSingle("both clusters have one identity").Subject;
        asked.RequestLine.Should().StartWith($"POST /{Tenant}/oauth2/v2.0/token");
        asked.Header("Content-Type").Should().StartWith("application/x-www-form-urlencoded");
        SignatureV4.Decode(asked.BodyText).Should().Contain(
        [
            KeyValuePair.Create("grant_type", "client_credentials"), KeyValuePair.Create("client_id", Client), KeyValuePair.Create("client_secret", ClientSecret), KeyValuePair.Create("scope", Application + "/.default"),
        ]);
        gateway.Printed.Should().NotContain("geheim").And.NotContain("azure-access-token");
    }

    [Fact]
    public async Task A_managed_identity_is_asked_for_the_same_application()
    {
        await using var endpoint = new RawUpstream();
        endpoint.Respond(RawAnswer.Json(200, $$"""{"token_type":"Bearer","expires_on":"{{DateTimeOffset.UtcNow.AddHours(24).ToUnixTimeSeconds()}}","resource":"{{Application}}","access_token":"managed-token"}"""));
        await using var upstream = new RawUpstream();
        await using var gateway = await CloudGateway.StartAsync(
            [$"name: aks, url: '{upstream.Url}', authProvider: azure"], [("IDENTITY_ENDPOINT", endpoint.Url + "/msi/token"), ("IDENTITY_HEADER", "geheim")]);

        (await gateway.GetAsync("aks")).Status.Should().Be(200, gateway.Printed);

        upstream.Requests.Should().ContainSingle().Which.Header("Authorization").Should().Be("Bearer managed-token");
        var asked = endpoint.Requests.Should().ContainSingle().Subject;
        asked.Header("X-IDENTITY-HEADER").Should().Be("geheim");
        SignatureV4.Decode(asked.Target.Split('?')[1]).Should().Contain(KeyValuePair.Create("resource", Application));
        gateway.Printed.Should().NotContain("geheim").And.NotContain("managed-token");
    }

    [Fact]
    public async Task B50_An_issuer_that_refuses_is_502_and_what_it_prints_stays_out_of_the_log()
    {
        await using var issuer = Issuer();
        issuer.Respond(RawAnswer.Json(401, """{"error":"invalid_client","error_description":"AADSTS7000215: geheim-detail"}"""));
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(issuer, upstream, "one");

        Refusals.ShouldBeWithoutCredential(await gateway.GetAsync("one"), "one");

        upstream.Requests.Should().BeEmpty();
        gateway.Printed.Should().Contain("Azure gives the gateway's identity no token for AKS: check AZURE_TENANT_ID").And.NotContain("geheim").And.NotContain("AADSTS");
    }

    [Fact]
    public async Task A_redirect_of_the_issuer_leads_nowhere()
    {
        await using var elsewhere = new RawUpstream();
        await using var issuer = Issuer();
        issuer.Respond(RawAnswer.Text(307, "", headers: [$"Location: {elsewhere.Url}/token"]));
        await using var upstream = new RawUpstream();
        await using var gateway = await StartAsync(issuer, upstream, "one");

        Refusals.ShouldBeWithoutCredential(await gateway.GetAsync("one"), "one");

        elsewhere.ConnectionCount.Should().Be(0);
    }

    [Fact]
    public async Task An_authority_that_is_no_https_url_is_named_in_the_log()
    {
        await using var upstream = new RawUpstream();
        await using var gateway = await CloudGateway.StartAsync([$"name: aks, url: '{upstream.Url}', authProvider: azure"], [("AZURE_AUTHORITY_HOST", "http://127.0.0.1:1")]);

        Refusals.ShouldBeWithoutCredential(await gateway.GetAsync("aks"), "aks");

        gateway.Printed.Should().Contain("AZURE_AUTHORITY_HOST has to be an https URL");
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private static RawUpstream Issuer() => new(new() { Certificate = TestCertificates.Shared.Server().Certificate });

    private Task<CloudGateway> StartAsync(RawUpstream issuer, RawUpstream upstream, params string[] names) => CloudGateway.StartAsync(
        [.. names.Select(name => $"name: {name}, url: '{upstream.Url}', authProvider: azure")],
        [
            ("AZURE_AUTHORITY_HOST", issuer.Url), ("AZURE_TENANT_ID", Tenant), ("AZURE_CLIENT_ID", Client), ("AZURE_CLIENT_SECRET", ClientSecret),
            ("SSL_CERT_FILE", _folder.Write("ca.crt", TestCertificates.Shared.AuthorityPem)),
        ]);
}
