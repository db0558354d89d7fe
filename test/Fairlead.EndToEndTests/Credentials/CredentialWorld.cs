using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.EndToEndTests.Kubectl;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;

namespace Fairlead.EndToEndTests.Credentials;

/// <summary>A real kube-apiserver, started when the first test asks for it, and gateways that reach it in different ways.</summary>
public sealed class CredentialWorld : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Lazy<Task<KubeApiServer>> _cluster = new(static () => KubeApiServer.StartAsync());

    /// <summary>Starts the API server; skips the test where there is none.</summary>
    public async Task<KubeApiServer> StartAsync()
    {
        KubeApiServer.SkipTestWithout();
        return await _cluster.Value;
    }

    /// <summary>Runs kubectl as administrator, without the gateway.</summary>
    public async Task<string> AsAdminAsync(string arguments, string stdin = "")
    {
        var cluster = await _cluster.Value;
        return (await CommandRunner.RunAsync(ExternalTools.Kubectl, _folder.Write("admin", Target.Kubeconfig(cluster.Server, cluster.AuthorityPem, cluster.AdminToken)), arguments, stdin)).Trim();
    }

    /// <summary>The API server as a cluster of the gateway.</summary>
    internal static ClusterDefinition Of(KubeApiServer cluster, string name, CredentialDefinition credential) => new()
    {
        Locator = "config",
        Name = name,
        Connection = new ClusterConnection { Server = cluster.Server, CertificateAuthority = new PemSource.Inline(new Secret(cluster.AuthorityPem)) },
        Credential = credential,
    };

    /// <summary>The API server as a cluster that the gateway administers.</summary>
    internal static ClusterDefinition Admin(KubeApiServer cluster) => Of(cluster, "admin", new CredentialDefinition.ServiceAccountToken(new Secret(cluster.AdminToken)));

    /// <summary>Who the API server says that the gateway is.</summary>
    internal static async Task<string> WhoAsync(TestGateway gateway, string cluster)
    {
        var answer = await AskWhoAsync(gateway, cluster);
        answer.Status.Should().Be(201, answer.BodyText);
        var user = answer.Json.RootElement.GetProperty("status").GetProperty("userInfo");
        return $"{user.GetProperty("username").GetString()} {string.Join(' ', user.GetProperty("groups").EnumerateArray().Select(static group => group.GetString()).Where(static group => group is not "system:authenticated"))}";
    }

    /// <summary>Asks the API server who the gateway is.</summary>
    internal static Task<RawResponse> AskWhoAsync(TestGateway gateway, string cluster) =>
        gateway.SendBareAsync(new RawRequest("POST", $"/clusters/{cluster}/apis/authentication.k8s.io/v1/selfsubjectreviews").WithBearer(TestGateway.Token)
            .WithBody("""{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}"""));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cluster.IsValueCreated)
        {
            await (await _cluster.Value).DisposeAsync();
        }

        _folder.Dispose();
    }
}
