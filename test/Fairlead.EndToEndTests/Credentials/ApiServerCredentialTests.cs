using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.EndToEndTests.Credentials;

/// <summary>As whom a real kube-apiserver sees the gateway, by each kind of credential.</summary>
public sealed class ApiServerCredentialTests(CredentialWorld world) : IClassFixture<CredentialWorld>
{
    [Fact]
    public async Task B46_T91_A_client_certificate_is_its_user_and_an_exchanged_one_another_while_a_watch_goes_on()
    {
        var cluster = await world.StartAsync();
        using var folder = new TempFolder();
        var (certificate, key) = cluster.Certificates.Client("carol", "system:masters").WriteTo(folder, "client");
        await using var gateway = await TestGateway.StartAsync(CredentialWorld.Of(
            cluster, "mtls", new CredentialDefinition.ClientCertificate(new ClientCertificateSource(new PemSource.File(certificate), new PemSource.File(key)))));
        (await CredentialWorld.WhoAsync(gateway, "mtls")).Should().Be("carol system:masters");
        await using var caller = await RawClient.ConnectAsync(gateway.Port);
        var watch = await caller.SendAsync(RawRequest.Get("/clusters/mtls/api/v1/namespaces/default/configmaps?watch=1&fieldSelector=metadata.name%3Drotated").WithBearer(TestGateway.Token));
        watch.Status.Should().Be(200);

        cluster.Certificates.Client("dave", "devs").WriteTo(folder, "client");

        await Eventually.BeTrueAsync(async () => await CredentialWorld.WhoAsync(gateway, "mtls") is "dave devs", "the new certificate is used");
        await world.AsAdminAsync("create configmap rotated");
        (await watch.ReadLineAsync()).Should().Contain("ADDED").And.Contain("rotated");
    }

    [Fact]
    public async Task B51_A_token_of_ten_minutes_in_a_file_is_its_account_and_the_next_one_is_used_at_once()
    {
        var cluster = await world.StartAsync();
        using var folder = new TempFolder();
        await world.AsAdminAsync("create serviceaccount first");
        await world.AsAdminAsync("create serviceaccount second");
        var file = folder.Write("token", await world.AsAdminAsync("create token first --duration=10m"));
        await using var gateway = await TestGateway.StartAsync(CredentialWorld.Of(cluster, "rotating", new CredentialDefinition.TokenFile(file)));
        (await CredentialWorld.WhoAsync(gateway, "rotating")).Should().StartWith("system:serviceaccount:default:first ");

        folder.Write("token", await world.AsAdminAsync("create token second --duration=10m"));

        (await CredentialWorld.WhoAsync(gateway, "rotating")).Should().StartWith("system:serviceaccount:default:second ");
    }

    [Fact]
    public async Task A_certificate_in_a_Secret_of_another_cluster_is_its_user()
    {
        var cluster = await world.StartAsync();
        using var folder = new TempFolder();
        var (certificate, key) = cluster.Certificates.Client("erin", "devs").WriteTo(folder, "erin");
        await world.AsAdminAsync($"create secret tls erin --cert={certificate} --key={key}");
        await using var gateway = await TestGateway.StartAsync(CredentialWorld.Admin(cluster), CredentialWorld.Of(cluster, "edge", new CredentialDefinition.CertificateSecret("admin", "default", "erin")));

        (await CredentialWorld.WhoAsync(gateway, "edge")).Should().Be("erin devs");
    }

    [Fact]
    public async Task A_certificate_that_has_expired_is_said_at_start_and_refused_by_the_API_server_alone()
    {
        var cluster = await world.StartAsync();
        var expired = cluster.Certificates.ExpiredClient("frank");
        await using var gateway = await TestGateway.StartAsync(
            CredentialWorld.Admin(cluster),
            CredentialWorld.Of(cluster, "expired", new CredentialDefinition.ClientCertificate(new ClientCertificateSource(new PemSource.Inline(new(expired.Pem)), new PemSource.Inline(new(expired.KeyPem))))));

        (await gateway.GetAsync("/api/v1/namespaces", "expired")).Status.Should().BeOneOf([401, 502], "API servers end the handshake or know nobody");
        (await gateway.GetAsync("/api/v1/namespaces", "admin")).Status.Should().Be(200);
        await Eventually.BeTrueAsync(() => gateway.Log.Lines.Any(static line => line.Contains("config/expired", StringComparison.Ordinal) && line.Contains("expired at", StringComparison.Ordinal)), "it is said");
    }
}
