using System.Text.Json.Nodes;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Commands;
using Fairlead.Configuration;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.EndToEndTests.Kubectl;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Processes;

namespace Fairlead.EndToEndTests.Access;

/// <summary>
/// A gateway in front of a real kube-apiserver, as several clusters: <c>impersonated</c>, <c>own</c> (callers' own tokens), <c>held</c>, and <c>hidden</c>, of which
/// no rule speaks to jane. The account that impersonates has the role that <c>fairlead rbac</c> prints.
/// </summary>
internal sealed class ImpersonationWorld : IAsyncDisposable
{
    public static readonly IReadOnlyList<string> JanesGroups = [.. Enumerable.Range(0, 40).Select(static number => $"team-{number}"), "a, b"];

    private static int _count;
    private readonly TempFolder _folder = new();
    private readonly KubeApiServer _cluster;
    private readonly TestIssuer _issuer;
    private readonly string _admin;
    private readonly List<string> _granted = [];
    private GatewayOptions _options = null!;

    private ImpersonationWorld(KubeApiServer cluster, TestIssuer issuer)
    {
        (_cluster, _issuer) = (cluster, issuer);
        _admin = _folder.Write("admin", Target.Kubeconfig(cluster.Server, cluster.AuthorityPem, cluster.AdminToken));
        Jane = Token("jane", "7");
        Joe = Token("joe", "8");
    }

    /// <summary>The name of the account that impersonates.</summary>
    public string Account { get; } = $"impersonator-{Interlocked.Increment(ref _count)}";

    public TestGateway Gateway { get; private set; } = null!;

    /// <summary>A token of somebody who is impersonated.</summary>
    public string Jane { get; }

    /// <summary>A token of somebody who is not.</summary>
    public string Joe { get; }

    /// <summary>The cluster's own token of <c>bob</c>.</summary>
    public string BobsOwn => _cluster.UserToken;

    public static async Task<ImpersonationWorld> StartAsync(AuditedApiServer server)
    {
        KubeApiServer.SkipTestWithout();
        var world = new ImpersonationWorld(await server.StartAsync(), await TestIssuer.StartAsync());
        world._options = world.Options("not known yet");
        await using var manifest = new StringWriter();
        await RbacCommand.RunAsync(world.Read, Sources, new RbacArguments(null, world.Account, "fairlead", null), manifest, manifest);
        await CommandRunner.RunAsync(ExternalTools.Kubectl, world._admin, "apply -f -", manifest.ToString());
        world._options = world.Options(await world._cluster.CreateTokenAsync(world._admin, "fairlead", world.Account));
        await Eventually.BeTrueAsync(
            async () => await world.AsAdminAsync($"auth can-i impersonate users/jane --as=system:serviceaccount:fairlead:{world.Account}") is "yes", "the printed role is in force");
        world.Gateway = await world.AnotherGatewayAsync();
        return world;
    }

    public Task<TestGateway> AnotherGatewayAsync() => TestGateway.StartAsync(_options);

    public Task<RawResponse> GetAsync(string target, string token) => Gateway.SendBareAsync(RawRequest.Get(target).WithBearer(token));

    /// <summary>The status of a WebSocket handshake at the API server itself.</summary>
    public async Task<int> OpenDirectAsync(string target, string token)
    {
        await using var client = await RawClient.ConnectAsync(_cluster.Server.Port, new RawTls());
        return (await client.SendAsync(RawRequest.WebSocket(target, "v5.channel.k8s.io").WithBearer(token))).Status;
    }

    /// <summary>The 33 of 1.33.</summary>
    public async Task<int> MinorVersionAsync() =>
        int.Parse(JsonNode.Parse(await AsAdminAsync("get --raw /version"))!["minor"]!.GetValue<string>().TrimEnd('+'), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Runs kubectl through the gateway, expects a failure, and gives its message.</summary>
    public async Task<string> KubectlAsync(string cluster, string token, string arguments) =>
        (await CommandRunner.TryAsync(ExternalTools.Kubectl, Kubeconfig(cluster, token), arguments)) is { ExitCode: not 0 } result ? result.Errors.Trim()
            : throw new InvalidOperationException($"kubectl {arguments} has not failed");

    /// <summary>kubectl, watching pods as jane.</summary>
    public RunningProcess Watch() => RunningProcess.Start(ExternalTools.Kubectl.Require(), ["--kubeconfig", Kubeconfig("impersonated", Jane), "get", "pods", "--watch-only=false", "-w"]);

    /// <summary>What <c>fairlead check</c> prints.</summary>
    public async Task<string> CheckAsync()
    {
        await using var output = new StringWriter();
        await CheckCommand.RunAsync(Read, Sources, output, CancellationToken.None);
        return output.ToString();
    }

    public async Task<string> AsAdminAsync(string arguments) => (await CommandRunner.TryAsync(ExternalTools.Kubectl, _admin, arguments)).Output.Trim();

    /// <summary>Grants a role until <see cref="RevokeAsync"/>.</summary>
    public async Task GrantAsync(string role, string subjects, string more = "")
    {
        var name = $"{Account}-grant-{_granted.Count}";
        _granted.Add(name);
        await CommandRunner.RunAsync(ExternalTools.Kubectl, _admin, $"create clusterrole {name} {role}");
        await CommandRunner.RunAsync(ExternalTools.Kubectl, _admin, $"create clusterrolebinding {name} --clusterrole={name} {subjects} {more}");
    }

    /// <summary>Takes every granted role away.</summary>
    public async Task RevokeAsync()
    {
        foreach (var name in _granted)
        {
            await CommandRunner.RunAsync(ExternalTools.Kubectl, _admin, $"delete clusterrolebinding/{name} clusterrole/{name}");
        }

        _granted.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await RevokeAsync();
        await CommandRunner.RunAsync(ExternalTools.Kubectl, _admin, $"delete clusterrolebinding/{Account} clusterrole/{Account}");
        if (Gateway is not null)
        {
            await Gateway.DisposeAsync();
        }

        await _issuer.DisposeAsync();
        _folder.Dispose();
    }

    private static ClusterSourceResult Sources(ClusterLocator locator) => ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal));

    private ConfigurationResult Read() => new(_options, []);

    private string Kubeconfig(string cluster, string token) => _folder.Write(
        $"{cluster}-{token.Length}", Target.Kubeconfig(new Uri($"https://127.0.0.1:{Gateway.TlsPort}/clusters/{cluster}"), TestCertificates.Shared.AuthorityPem, token));

    private string Token(string user, string subject) => _issuer.Token(
        ("sub", subject), ("preferred_username", user), ("groups", new JsonArray([.. JanesGroups.Select(static group => JsonValue.Create(group))])),
        ("department", new JsonArray("R&D, Größe", "ops")));

    private GatewayOptions Options(string impersonator)
    {
        var connection = new ClusterConnection { Server = _cluster.Server, CertificateAuthority = new PemSource.Inline(new Secret(_cluster.AuthorityPem)) };
        var held = new CredentialDefinition.ServiceAccountToken(new Secret(_cluster.AdminToken));
        var rules = new ImpersonationDefinition
        {
            Users = ["jane"], Groups = JanesGroups, Extras = new Dictionary<string, string>(StringComparer.Ordinal) { ["example.com/department"] = "department" },
        };
        var options = TestGateway.Options(
            new ClusterDefinition
            {
                Locator = "config", Name = "impersonated", Connection = connection,
                Credential = new CredentialDefinition.Impersonate(new CredentialDefinition.ServiceAccountToken(new Secret(impersonator)), held, rules),
            },
            new ClusterDefinition { Locator = "config", Name = "own", Connection = connection, Credential = new CredentialDefinition.ClientSide("passThrough", null) },
            new ClusterDefinition { Locator = "config", Name = "held", Connection = connection, Credential = held },
            new ClusterDefinition { Locator = "config", Name = "hidden", Connection = connection, Credential = held });
        return options with
        {
            Auth = options.Auth! with
            {
                Jwt =
                [
                    new JwtOptions
                    {
                        Name = "idp", Issuer = _issuer.Issuer, Audiences = [TestIssuer.ClientId],
                        Claims = new ClaimOptions { Username = "preferred_username", Kept = ["department"] },
                    },
                ],
            },
            AccessRules =
            [
                new AccessRule { Users = ["jane"], Clusters = ["held"], Namespaces = ["default"], Resources = ["configmaps"], Verbs = ["list"] },
                new AccessRule { Label = "no secrets", Denies = true, Users = ["*"], Clusters = ["*"], Namespaces = ["*"], Resources = ["secrets"], Verbs = ["*"] },
            ],
            Timeouts = options.Timeouts with { Revocation = TimeSpan.FromSeconds(2) },
        };
    }
}
