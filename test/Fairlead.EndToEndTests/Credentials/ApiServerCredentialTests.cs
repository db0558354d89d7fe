using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.ExecPlugins;
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

    [Theory]
    [InlineData("client.authentication.k8s.io/v1")]
    [InlineData("client.authentication.k8s.io/v1beta1")]
    public async Task A_plugin_of_a_kubeconfig_gives_a_token_of_ten_minutes_and_a_new_one_when_its_account_is_gone(string apiVersion)
    {
        var cluster = await world.StartAsync();
        using var folder = new TempFolder();
        var (first, second) = (Unique("first"), Unique("second"));
        await world.AsAdminAsync($"create serviceaccount {first}");
        await world.AsAdminAsync($"create serviceaccount {second}");
        var credential = folder.Write("credential", Credential(apiVersion, await world.AsAdminAsync($"create token {first} --duration=10m")));
        await using var gateway = await TestGateway.StartAsync(With(cluster, folder, apiVersion, "/bin/cat", credential));
        (await CredentialWorld.WhoAsync(gateway, "exec")).Should().StartWith($"system:serviceaccount:default:{first} ");

        folder.Write("credential", Credential(apiVersion, await world.AsAdminAsync($"create token {second} --duration=10m")));
        await world.AsAdminAsync($"delete serviceaccount {first}");

        // The API server knows the old token for some seconds, and a credential that was obtained seconds ago is not obtained anew: until then its 401 passes.
        await Eventually.BeTrueAsync(
            async () =>
            {
                // Who asks who they are has a body, and is not asked twice.
                await gateway.SendAsync(RawRequest.Get("/clusters/exec/api"));
                return (await CredentialWorld.AskWhoAsync(gateway, "exec")).BodyText.Contains($"system:serviceaccount:default:{second}", StringComparison.Ordinal);
            },
            "the plugin was asked again");
    }

    [Fact]
    public async Task A_plugin_that_is_a_script_gives_a_client_certificate_and_knows_the_cluster()
    {
        const string Version = "client.authentication.k8s.io/v1";
        var cluster = await world.StartAsync();
        using var folder = new TempFolder();
        var client = cluster.Certificates.Client("grace", "devs");
        var status = System.Text.Json.JsonSerializer.Serialize(new { clientCertificateData = client.Pem, clientKeyData = client.KeyPem });
        var script = folder.Write("plugin", $$"""
            #!/bin/sh
            case "$KUBERNETES_EXEC_INFO" in *'"server":"{{cluster.Server.AbsoluteUri.TrimEnd('/')}}'*) ;; *) exit 3 ;; esac
            cat '{{folder.Write("answer", $$"""{"apiVersion":"{{Version}}","kind":"ExecCredential","status":{{status}} }""")}}'
            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var gateway = await TestGateway.StartAsync(With(cluster, folder, Version, script));

        (await CredentialWorld.WhoAsync(gateway, "exec")).Should().Be("grace devs");
    }

    [Fact]
    public async Task T05_A_certificate_that_has_expired_is_said_at_start_and_breaks_its_cluster_alone()
    {
        var cluster = await world.StartAsync();
        var expired = cluster.Certificates.ExpiredClient("frank");
        await using var gateway = await TestGateway.StartAsync(
            CredentialWorld.Admin(cluster),
            CredentialWorld.Of(cluster, "expired", new CredentialDefinition.ClientCertificate(new ClientCertificateSource(new PemSource.Inline(new(expired.Pem)), new PemSource.Inline(new(expired.KeyPem))))));

        (await gateway.GetAsync("/api/v1/namespaces", "expired")).Status.Should().Be(502);
        (await gateway.GetAsync("/api/v1/namespaces", "admin")).Status.Should().Be(200);
        await Eventually.BeTrueAsync(() => gateway.Log.Lines.Any(static line => line.Contains("config/expired", StringComparison.Ordinal) && line.Contains("expired at", StringComparison.Ordinal)), "it is said");
    }

    private static string Unique(string name) => $"{name}-{Guid.NewGuid():N}";

    private static string Credential(string apiVersion, string token) =>
        $$"""{"apiVersion":"{{apiVersion}}","kind":"ExecCredential","status":{"token":"{{token}}","expirationTimestamp":"{{DateTime.UtcNow.AddMinutes(10):yyyy-MM-ddTHH:mm:ssZ}}"} }""";

    private static GatewayOptions With(Clusters.KubeApiServer cluster, TempFolder folder, string apiVersion, string command, params string[] arguments)
    {
        var kubeconfig = folder.Write("kubeconfig", $$"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: c
              cluster: {server: "{{cluster.Server}}", certificate-authority-data: {{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(cluster.AuthorityPem))}}}
            users:
            - name: u
              user: {exec: {apiVersion: "{{apiVersion}}", interactiveMode: Never, command: "{{command}}", args: [{{string.Join(", ", arguments.Select(static one => $"\"{one}\""))}}], provideClusterInfo: true} }
            contexts:
            - name: exec
              context: {cluster: c, user: u}
            """);
        return TestGateway.Options() with { ClusterLocators = [new ClusterLocator.Kubeconfig("kubeconfig", [kubeconfig], []) { Exec = new ExecSettings { AllowedCommands = [command] } }] };
    }
}
