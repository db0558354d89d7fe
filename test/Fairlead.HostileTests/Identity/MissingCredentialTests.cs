using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Identity;

/// <summary>Without the credential that a request was to travel on there is no request: not an anonymous one, not one on another credential.</summary>
public sealed class MissingCredentialTests
{
    private const string Pods = "/api/v1/namespaces/n/pods";

    [Fact]
    public async Task T05_Without_the_clusters_credential_nothing_is_sent_on_any_way()
    {
        using var folder = new TempFolder();
        await using var upstream = new RawUpstream(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server().Certificate, RequestClientCertificate = true });
        var clusters = Broken(folder, upstream.Url);
        await using var world = await HostileWorld.StartAsync(options => options with { ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("broken", clusters)] });
        foreach (var way in HostileWays.All.Where(static way => way.Door is not DoorName.Service))
        {
            foreach (var cluster in clusters)
            {
                foreach (var request in Requests(way))
                {
                    var mark = world.Mark();
                    var below = request with { Target = (way.Door is DoorName.Cluster ? $"/clusters/{cluster.Name}" : "/api/kubernetes/proxy") + request.Target };
                    below = world.Identified(way.Login, way.Door is DoorName.Backstage ? below.With("Backstage-Kubernetes-Cluster", cluster.Name) : below);

                    await using var client = await world.ConnectAsync(way);
                    var response = await (request.Headers.Count > 0 ? await client.UpgradeAsync(below) : await client.SendAsync(below)).ReadToEndAsync();

                    world.ShouldBeRefused(way, response, 502, mark, cluster.Name);
                    response.Header("Proxy-Status").Should().Be("fairlead; error=proxy_configuration_error", "{0}, {1}", way, cluster.Name);
                }
            }
        }

        upstream.Requests.Should().BeEmpty("nothing travels, neither as nobody nor as the gateway");
        (await world.ReadAuditAsync()).Where(static record => !record.GetProperty("requestURI").GetString()!.StartsWith("/auth/", StringComparison.Ordinal))
            .Should().OnlyContain(static record => record.GetProperty("annotations").GetProperty("fairlead.dev/outcome").GetString()!.StartsWith("Refused/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task T05_Without_the_Services_credential_nothing_is_sent_to_it()
    {
        using var folder = new TempFolder();
        string[] names = ["no-secret", "no-account", "no-certificate", "ended-certificate"];
        var ended = TestCertificates.Shared.ExpiredClient("gateway");
        await using var world = await HostileWorld.StartAsync(options => options with
        {
            ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("broken", [TestCluster.Of("lost", "https://127.0.0.1:1", new CredentialDefinition.TokenFile(folder.PathOf("none")))])],
            ServiceProxy = options.ServiceProxy with
            {
                Services =
                [
                    Service(names[0]) with { Authorization = ServiceAuthorization.Secret, CredentialSecret = "nowhere" },
                    Service(names[1]) with { Authorization = ServiceAuthorization.ServiceAccountToken, TokenAudience = "web" },
                    Service(names[2]) with { Scheme = "https", ClientCertificate = new ClientCertificateSource(new PemSource.File(folder.PathOf("none.crt")), new PemSource.File(folder.PathOf("none.key"))) },
                    Service(names[3]) with { Scheme = "https", ClientCertificate = new ClientCertificateSource(new PemSource.Inline(new Secret(ended.Pem)), new PemSource.Inline(new Secret(ended.KeyPem))) },
                ],
            },
        });
        foreach (var name in names)
        {
            ServiceCluster.AddService(world.Cluster, name, world.Upstream.Port);
        }

        foreach (var way in HostileWays.All.Where(static way => way.Door is DoorName.Service))
        {
            var before = world.Upstream.ConnectionCount;
            foreach (var target in (string[])[.. names.Select(static name => $"/clusters/main/serviceproxy/default/{name}/x"), "/clusters/lost/serviceproxy/default/web/x"])
            {
                foreach (var request in new[] { RawRequest.Get(target), RawRequest.WebSocket(target) })
                {
                    var mark = world.Mark();
                    await using var client = await world.ConnectAsync(way);
                    var sent = world.Identified(way.Login, request);

                    var response = await (request.Headers.Count > 0 ? await client.UpgradeAsync(sent) : await client.SendAsync(sent)).ReadToEndAsync();

                    response.Status.Should().BeOneOf([502, 503], "{0}, {1}: {2}", way, target, response);
                    world.ShouldBeRefused(way, response, response.Status, mark, target);
                }
            }

            world.Upstream.ConnectionCount.Should().Be(before, "{0}: nobody is dialled", way);
        }

        world.Cluster.Requests.Should().NotContain(static request => request.Target.Contains("/services/", StringComparison.Ordinal) && request.Target.Contains("/proxy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task T05_A_credential_that_goes_while_connections_are_kept_is_gone_for_the_next_request()
    {
        using var folder = new TempFolder();
        await using var upstream = new RawUpstream();
        var file = folder.Write("token", "first");
        await using var world = await HostileWorld.StartAsync(options => options with
        {
            ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("files", [TestCluster.Of("filed", upstream.Url, new CredentialDefinition.TokenFile(file))])],
        });
        foreach (var way in HostileWays.All.Where(static way => way.Door is DoorName.Cluster))
        {
            var request = world.Identified(way.Login, RawRequest.Get("/clusters/filed" + Pods));
            folder.Write("token", $"token of {way}".Replace(' ', '-').Replace(',', '-'));
            (await world.ExchangeAsync(way, request)).Status.Should().Be(200, way.ToString());
            foreach (var spoil in new Action[] { () => File.Delete(file), () => folder.Write("token", ""), () => folder.Write("token", "two words"), () => folder.Write("token", "a\r\nImpersonate-User: root") })
            {
                var before = upstream.Requests.Count;
                spoil();

                var response = await world.ExchangeAsync(way, request);

                world.ShouldBeRefused(way, response, 502, world.Mark());
                upstream.Requests.Should().HaveCount(before, way.ToString());
            }
        }

        upstream.Requests.Should().HaveCount(6).And.OnlyContain(static request => request.Header("Authorization")!.StartsWith("Bearer token-of-", StringComparison.Ordinal));
    }

    private static RawRequest[] Requests(HostileWay way) => way is { Protocol: WireProtocol.Http11, Login: LoginName.Bearer }
        ? [RawRequest.Get(Pods), RawRequest.Get(Pods + "?watch=1"), new RawRequest("POST", Pods).WithBody("{}") with { Headers = [] }, RawRequest.WebSocket(Pods + "/x/exec?command=sh"), SpdyHandshake.Request(Pods + "/x/exec?command=sh")]
        : [RawRequest.Get(Pods), RawRequest.WebSocket(Pods + "/x/exec?command=sh")];

    private static ServiceOptions Service(string name) => new() { Cluster = "main", Namespace = "default", Name = name };

    private static ClusterDefinition[] Broken(TempFolder folder, string url)
    {
        var good = TestCertificates.Shared.Client("gateway");
        var ended = TestCertificates.Shared.ExpiredClient("gateway");
        var mixed = TestCertificates.Shared.MismatchedClient("gateway");
        Directory.CreateDirectory(folder.PathOf("folder"));
        File.CreateSymbolicLink(folder.PathOf("loop"), folder.PathOf("loop"));
        return
        [
            Of("file-missing", new CredentialDefinition.TokenFile(folder.PathOf("none"))),
            Of("file-folder", new CredentialDefinition.TokenFile(folder.PathOf("folder"))),
            Of("file-loop", new CredentialDefinition.TokenFile(folder.PathOf("loop"))),
            Of("file-empty", new CredentialDefinition.TokenFile(folder.Write("empty", ""))),
            Of("file-blank", new CredentialDefinition.TokenFile(folder.Write("blank", " \n\n"))),
            Of("file-two", new CredentialDefinition.TokenFile(folder.Write("two", "one two"))),
            Of("file-lines", new CredentialDefinition.TokenFile(folder.Write("lines", "one\r\nImpersonate-User: root"))),
            Of("file-binary", new CredentialDefinition.TokenFile(folder.Write("binary", "a\0b"))),
            Of("certificate-missing", new CredentialDefinition.ClientCertificate(new ClientCertificateSource(new PemSource.File(folder.PathOf("none")), new PemSource.File(folder.PathOf("none"))))),
            Of("certificate-garbage", new CredentialDefinition.ClientCertificate(new ClientCertificateSource(new PemSource.File(folder.Write("garbage", "not PEM")), new PemSource.Inline(new Secret(good.KeyPem))))),
            Of("certificate-ended", Inline(ended)),
            Of("certificate-mixed", Inline(mixed)),
            Of("impersonator-missing", Impersonating(new CredentialDefinition.TokenFile(folder.PathOf("none")))),
            Of("impersonator-ended", Impersonating(Inline(ended))),
            Of("plugin-fails", CredentialDefinition.Exec.Of(new ExecPlugin { Command = "/bin/false", ApiVersion = ExecApiVersion.V1 }, new ExecSettings { AllowedCommands = ["/bin/false"] })),
            Of("plugin-missing", CredentialDefinition.Exec.Of(new ExecPlugin { Command = "/nowhere/plugin", ApiVersion = ExecApiVersion.V1 }, new ExecSettings { AllowedCommands = ["/nowhere/plugin"] })),
            Of("plugin-forbidden", CredentialDefinition.Exec.Of(new ExecPlugin { Command = "/bin/true", ApiVersion = ExecApiVersion.V1 }, new ExecSettings())),
            Of("secret-missing", new CredentialDefinition.CertificateSecret("main", "default", "nowhere")),
            Of("secret-nowhere", new CredentialDefinition.CertificateSecret("nobody", "default", "nowhere")),
            Of("unserved", new CredentialDefinition.Unavailable("auth-provider")),
        ];

        ClusterDefinition Of(string name, CredentialDefinition credential) => TestCluster.Of(name, url, credential) with { Locator = "broken" };

        static CredentialDefinition.ClientCertificate Inline(TestCertificate one) => new(new ClientCertificateSource(new PemSource.Inline(new Secret(one.Pem)), new PemSource.Inline(new Secret(one.KeyPem))));

        static CredentialDefinition.Impersonate Impersonating(CredentialDefinition impersonator) => new(impersonator, null, new ImpersonationDefinition { Users = ["*"], Groups = ["*"] });
    }
}
