using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.EndToEndTests.Kubectl;
using Fairlead.Testing;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Upstreams;

namespace Fairlead.EndToEndTests.Install;

/// <summary>
/// The chart on a real API server, with every feature on that needs a right: its objects are there, and its Deployment runs as a process with its ConfigMap and the tokens of its accounts.
/// </summary>
internal sealed class RightsWorld : IAsyncDisposable
{
    public const string Portal = "a-token-of-the-portal";

    private static int _count;
    private readonly int _number = Interlocked.Increment(ref _count);
    private readonly TempFolder _folder = new();
    private readonly Target _target;
    private readonly TestIssuer _issuer;
    private readonly Dictionary<string, RawUpstream> _services = [];
    private readonly string _address = PodProcess.NextAddress();
    private Manifest _deployment = null!;

    private RightsWorld(Target target, TestIssuer issuer) => (_target, _issuer) = (target, issuer);

    /// <summary>The namespace of the release.</summary>
    public string Space => $"install-rights-{_number}";

    /// <summary>The namespace of Argo CD.</summary>
    public string Argo => $"install-argo-{_number}";

    /// <summary>The namespace of a client certificate.</summary>
    public string Edge => $"install-edge-{_number}";

    /// <summary>The account of the pod; the other one has <c>-impersonator</c> behind.</summary>
    public string Account => $"rights-{_number}-fairlead";

    /// <summary>A token of jane.</summary>
    public string Jane => _issuer.Token(("sub", "7"), ("groups", new JsonArray("install:devs", "others")));

    /// <summary>A token of the cluster's own, of <c>bob</c>.</summary>
    public string Bob => _target.Cluster.UserToken;

    public static async Task<RightsWorld> StartAsync(Fleet fleet)
    {
        await PodProcess.SkipTestWithoutAsync();
        var world = new RightsWorld(await fleet.GetAsync(ClusterKind.KubeApiServer), await TestIssuer.StartAsync());
        await world.PrepareAsync();
        await world.InstallAsync();
        return world;
    }

    /// <summary>Starts the Deployment's one pod.</summary>
    public async Task<PodProcess> RunAsync() => await PodProcess.StartAsync(
        _deployment,
        new Dictionary<string, string>(StringComparer.Ordinal) { ["config"] = _folder.PathOf("config"), ["account"] = _folder.PathOf("account"), ["impersonator"] = _folder.PathOf("impersonator") },
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["KUBERNETES_SERVICE_HOST"] = _target.Cluster.Server.Host,
            ["KUBERNETES_SERVICE_PORT"] = _target.Cluster.Server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });

    /// <summary>Asks the gateway.</summary>
    public async Task<(int Status, string Body)> AskAsync(string path, string token, string? body = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri($"http://{_address}:8080{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>What the management listener says of the sources.</summary>
    public async Task<string> SourcesAsync()
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri($"http://{_address}:8090/readyz?verbose"));
    }

    /// <summary>The <c>Authorization</c> that a Service has seen last.</summary>
    public string? Seen(string service) => _services[Service(service)].Requests[^1].Header("Authorization");

    /// <summary>What an account may do in a namespace beyond every other account, by <c>kubectl auth can-i --list</c>: "resource names verbs", in order.</summary>
    public async Task<string[]> MayAsync(string account, string space)
    {
        var everybody = await ListAsync("nobody", space);
        return [.. (await ListAsync(account, space)).Except(everybody, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Takes every right from the pod's account.</summary>
    public async Task RevokeAsync()
    {
        await KubectlAsync($"delete clusterrolebinding {Account}");
        foreach (var space in (string[])[Space, Argo, Edge, "default"])
        {
            await KubectlAsync($"delete rolebinding {Account} --namespace {space}");
        }

        await Eventually.BeTrueAsync(async () => (await MayAsync(Account, "default")).Length + (await MayAsync(Account, Space)).Length == 0, "the account has no rights");
    }

    /// <summary>The name of one of the Services: <c>plain</c>, <c>login</c>, <c>token</c>.</summary>
    public string Service(string name) => $"install-{name}-{_number}";

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, upstream) in _services)
        {
            await upstream.DisposeAsync();
            await KubectlAsync($"delete --ignore-not-found --force --grace-period=0 pod/{name} service/{name} endpointslice/{name} endpoints/{name}");
        }

        await KubectlAsync($"delete --ignore-not-found clusterrole/{Account} clusterrolebinding/{Account} clusterrole/{Account}-impersonator clusterrolebinding/{Account}-impersonator");
        await _issuer.DisposeAsync();
        _folder.Dispose();
    }

    private async Task PrepareAsync()
    {
        foreach (var name in (string[])[Space, Argo, Edge])
        {
            await KubectlAsync("apply -f -", $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
        }

        var cluster = (KubeApiServer)_target.Cluster;
        var (certificate, key) = cluster.Certificates.Client("edge-operator", "system:masters").WriteTo(_folder, "edge");
        await KubectlAsync($"create secret tls edge-client --namespace {Edge} --cert={certificate} --key={key}");
        await KubectlAsync($"create secret generic {Service("login")} --from-literal=token=stored");
        await KubectlAsync("apply -f -",
            $$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: argo-one, namespace: {{Argo}}, labels: {argocd.argoproj.io/secret-type: cluster} }
            stringData: {name: one, server: "https://one.example.com", config: '{"bearerToken":"t"}'}
            """);
        foreach (var (number, name) in (IEnumerable<(int, string)>)[(0, "plain"), (1, "login"), (2, "token")])
        {
            var address = 230 + (3 * _number) + number;
            var upstream = new RawUpstream(new RawUpstreamOptions { Address = IPAddress.Parse($"127.77.0.{address}") });
            _services[Service(name)] = upstream;
            await KubectlAsync("create -f -", _target.Cluster.ServiceManifest(Service(name), address, upstream.Port));
        }
    }

    /// <summary>What helm, the token controller and a kubelet do.</summary>
    private async Task InstallAsync()
    {
        using var helm = new Services.Helm();
        var yaml = await helm.RunAsync("template", $"rights-{_number}", Chart.Folder, "--namespace", Space, "--values", _folder.Write("values.yaml", Values()));
        await KubectlAsync("apply --validate=strict -f -", yaml);
        await KubectlAsync("apply -f -", $"apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: nobody, namespace: {Space}}}\n");
        var objects = Manifest.Read(yaml);
        _deployment = objects.Single(static item => item.Kind is "Deployment");
        _folder.Write("config/fairlead.yaml", objects.Single(static item => item.Kind is "ConfigMap").Text("data", "fairlead.yaml"));
        _folder.Write("account/ca.crt", _target.Cluster.AuthorityPem);
        _folder.Write("account/namespace", Space);
        _folder.Write("account/token", await _target.Cluster.CreateTokenAsync(_target.Direct, Space, Account));
        _folder.Write("impersonator/token", await _target.Cluster.CreateTokenAsync(_target.Direct, Space, $"{Account}-impersonator"));
        await Eventually.BeTrueAsync(async () => (await MayAsync(Account, Edge)).Length > 0, "the roles are in force");
    }

    private string Values() =>
        $$"""
        listen: { address: {{_address}} }
        rbac: { rules: [{ apiGroups: [""], resources: [configmaps], verbs: [get, list] }] }
        config:
          kubernetes:
            clusterLocatorMethods:
              - type: inCluster
              - { type: clusterSecrets, name: argo, format: argocd, namespace: {{Argo}} }
              - type: config
                clusters:
                  - name: edge
                    url: {{_target.Cluster.Server.OriginalString}}
                    caFile: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
                    authProvider: clientCertificate
                    clientCertSecretRef: { namespace: {{Edge}}, name: edge-client }
                  - name: people
                    url: {{_target.Cluster.Server.OriginalString}}
                    caFile: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
                    authProvider: impersonate
                    impersonation: { tokenFile: /etc/fairlead/impersonator/token, users: [jane], groups: ["install:devs"] }
          auth:
            tokenReview: true
            static: [{ subject: portal, tokenSha256: "{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Portal)))}}" }]
            jwt: [{ issuer: "{{_issuer.Issuer}}", audiences: [{{TestIssuer.ClientId}}], usernameClaim: preferred_username }]
          access: { rules: [{ subjects: { users: [portal] }, clusters: [main, edge], namespaces: ["*"], resources: ["*"], verbs: ["*"] }] }
          serviceProxy:
            allowedAddresses: [127.0.0.0/8]
            services:
              - { cluster: main, namespace: default, name: {{Service("login")}}, port: http, credentialSecretRef: { name: {{Service("login")}} } }
              - { cluster: main, namespace: default, name: {{Service("token")}}, port: http, serviceAccountToken: { audience: api } }
        """;

    private async Task<string[]> ListAsync(string account, string space)
    {
        var table = await KubectlAsync($"auth can-i --list --no-headers --namespace {space} --as=system:serviceaccount:{Space}:{account}");
        return [.. table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
    }

    private Task<string> KubectlAsync(string arguments, string stdin = "") => CommandRunner.RunAsync(ExternalTools.Kubectl, _target.Direct, arguments, stdin);
}
