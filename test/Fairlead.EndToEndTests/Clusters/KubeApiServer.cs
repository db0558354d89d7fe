using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fairlead.Demo;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Clusters;

/// <summary>A real kube-apiserver with its etcd, on loopback, as envtest starts them.</summary>
public sealed class KubeApiServer : ClusterUnderTest
{
    private readonly TempFolder _folder;
    private readonly RunningProcess _etcd;
    private readonly RunningProcess _server;
    private readonly DemoKubelet _kubelet;
    private readonly EgressProxy _egress;

    private KubeApiServer(TempFolder folder, RunningProcess etcd, RunningProcess server, DemoKubelet kubelet, EgressProxy egress, int port, TestCertificates certificates)
    {
        Certificates = certificates;
        _egress = egress;
        _folder = folder;
        _etcd = etcd;
        _server = server;
        _kubelet = kubelet;
        Server = new Uri($"https://127.0.0.1:{port}");
        AuthorityPem = certificates.AuthorityPem;
    }

    /// <inheritdoc/>
    public override Uri Server { get; }

    /// <inheritdoc/>
    public override string AuthorityPem { get; }

    /// <summary>Issues its certificate, and those of clients that it believes: the common name is the user, the organizations are the groups.</summary>
    public TestCertificates Certificates { get; }

    /// <inheritdoc/>
    public override string AdminToken => "admin-token";

    /// <inheritdoc/>
    public override string UserToken => "bob-token";

    /// <inheritdoc/>
    public override (string Namespace, string Name) RunningPod => ("default", "shell");

    /// <summary>Skips the test, loudly, where there is no real kube-apiserver.</summary>
    public static void SkipTestWithout() => Assert.SkipUnless(
        ExternalTools.KubeApiServer.IsAvailable && ExternalTools.Etcd.IsAvailable,
        "no real kube-apiserver: set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd");

    /// <summary>Starts both processes and waits until the API server is ready.</summary>
    /// <param name="flags">More flags of the API server.</param>
    public static async Task<KubeApiServer> StartAsync(params IReadOnlyList<string> flags)
    {
        var kubelet = await DemoKubelet.StartAsync(TimeSpan.FromMilliseconds(100), CancellationToken.None);
        var folder = new TempFolder();
        var egress = new EgressProxy(folder.PathOf("egress.sock"));
        var certificates = new TestCertificates();
        var (certificate, key) = certificates.Server("127.0.0.1", "localhost").WriteTo(folder, "apiserver");
        var (clientCertificate, clientKey) = certificates.Client("kubelet-client", "system:masters").WriteTo(folder, "kubelet-client");
        var authority = folder.Write("ca.crt", certificates.AuthorityPem);
        var kubeletAuthority = folder.Write("kubelet-ca.crt", kubelet.CertificateAuthorityPem);
        using var accountKey = RSA.Create(2048);
        var signingKey = folder.Write("sa.key", accountKey.ExportRSAPrivateKeyPem());
        var publicKey = folder.Write("sa.pub", accountKey.ExportSubjectPublicKeyInfoPem());
        var tokens = folder.Write("tokens.csv", "admin-token,admin,admin-uid,\"system:masters\"\nbob-token,bob,bob-uid,\"devs\"\n");

        var (etcdPort, peerPort, port) = (FreePort.Next(), FreePort.Next(), FreePort.Next());
        var store = $"http://127.0.0.1:{etcdPort}";
        var peer = $"http://127.0.0.1:{peerPort}";
        var etcd = RunningProcess.Start(ExternalTools.Etcd.Require(),
        [
            "--name", "default", "--data-dir", folder.PathOf("etcd"), "--unsafe-no-fsync",
            "--listen-client-urls", store, "--advertise-client-urls", store,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"default={peer}",
        ]);
        await ReadyAsync($"{store}/health", "etcd", etcd);
        var server = RunningProcess.Start(ExternalTools.KubeApiServer.Require(),
        [
            $"--etcd-servers={store}", "--bind-address=127.0.0.1", $"--secure-port={port}",
            "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
            $"--tls-cert-file={certificate}", $"--tls-private-key-file={key}", $"--client-ca-file={authority}", $"--token-auth-file={tokens}",
            "--authorization-mode=RBAC", $"--service-account-issuer=https://127.0.0.1:{port}/",
            $"--service-account-key-file={publicKey}", $"--service-account-signing-key-file={signingKey}",
            "--service-cluster-ip-range=127.77.0.0/24", $"--egress-selector-config-file={folder.Write("egress.yaml", egress.Configuration)}", "--disable-admission-plugins=ServiceAccount",
            "--allow-privileged=true", "--kubelet-preferred-address-types=InternalIP",
            $"--kubelet-certificate-authority={kubeletAuthority}",
            $"--kubelet-client-certificate={clientCertificate}", $"--kubelet-client-key={clientKey}", .. flags,
        ]);
        await ReadyAsync($"https://127.0.0.1:{port}/readyz", "kube-apiserver", server, certificates.Authority);
        var cluster = new KubeApiServer(folder, etcd, server, kubelet, egress, port, certificates);
        await cluster.AddRunningPodAsync();
        return cluster;
    }

    /// <inheritdoc/>
    public override async Task<string> CreateTokenAsync(string kubeconfig, string accountNamespace, string name) =>
        (await Kubectl.CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig, $"create token {name} --namespace {accountNamespace}")).Trim();

    /// <inheritdoc/>
    protected override string EndpointAddress(int number) => $"{EgressProxy.Network}.0.{number}";

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _server.Signal(PosixSignal.SIGTERM);
        await _server.WaitForExitAsync();
        _etcd.Signal(PosixSignal.SIGTERM);
        await _etcd.WaitForExitAsync();
        await _server.DisposeAsync();
        await _etcd.DisposeAsync();
        await _kubelet.DisposeAsync();
        await _egress.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A node whose kubelet is the stand-in, and a pod on it. There is no scheduler and no controller: everything is said here.</summary>
    private async Task AddRunningPodAsync()
    {
        using var configuration = new TempFolder();
        var kubeconfig = configuration.Write("admin", Target.Kubeconfig(Server, AuthorityPem, AdminToken));
        await Kubectl.CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig, "create -f -",
            """
            apiVersion: v1
            kind: Node
            metadata: {name: demo-node}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: default, namespace: default}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: shell, namespace: default}
            spec: {nodeName: demo-node, containers: [{name: main, image: shell}], tolerations: [{operator: Exists}]}
            """);
        await Kubectl.CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig, "patch node demo-node --subresource=status --type=merge -p " +
            $$$"""{"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":{{{_kubelet.Port}}} } } } }""".Replace(" ", "", StringComparison.Ordinal));
        await Kubectl.CommandRunner.RunAsync(ExternalTools.Kubectl, kubeconfig,
            """patch pod shell --subresource=status --type=merge -p {"status":{"phase":"Running"}}""");
    }

    private static async Task ReadyAsync(string url, string what, RunningProcess process, X509Certificate2? authority = null)
    {
        using var handler = new SocketsHttpHandler();
        if (authority is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { authority },
            };
        }

        using var client = new HttpClient(handler);
        await Eventually.BeTrueAsync(
            async () =>
            {
                if (process.HasExited)
                {
                    throw new InvalidOperationException($"{what} has ended:\n{process.Transcript()}");
                }

                try
                {
                    using var response = await client.GetAsync(new Uri(url));
                    return response.StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            $"{what} is ready");
    }
}
