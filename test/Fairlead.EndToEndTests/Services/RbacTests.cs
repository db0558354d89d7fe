using System.Net;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.EndToEndTests.Clusters;
using Fairlead.EndToEndTests.Kubectl;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.EndToEndTests.Services;

/// <summary>The roles in <c>deploy/rbac</c>: they are enough, and each verb of them is needed.</summary>
public sealed class RbacTests(Fleet fleet)
{
    private static readonly string Manifest = Path.Combine(ExternalTools.RepositoryRoot(), "deploy", "rbac", "services.yaml");
    private static readonly string[] _methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>Every kind of cluster with either way.</summary>
    public static TheoryData<ClusterKind, bool> Ways => new()
    {
        { ClusterKind.StandIn, true },
        { ClusterKind.StandIn, false },
        { ClusterKind.KubeApiServer, true },
        { ClusterKind.KubeApiServer, false },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H58_The_shipped_roles_are_enough_for_every_method(ClusterKind kind, bool isDirect)
    {
        await using var world = await World.StartAsync(await fleet.GetAsync(kind), isDirect);

        foreach (var method in _methods)
        {
            var response = await world.SendAsync(method);
            response.Status.Should().Be(200, $"{method} {response.BodyText.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal)}");
        }

        world.Upstream.Requests.Select(static seen => $"{seen.Method} {seen.Target}").Should().Equal(_methods.Select(static method => $"{method} /x?y=1"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H58_Nothing_but_what_the_roles_say_is_asked_of_the_account(ClusterKind kind, bool isDirect)
    {
        await using var world = await World.StartAsync(await fleet.GetAsync(kind), isDirect);
        foreach (var (resource, verbs) in new[] { ("services", "get list watch"), ("endpointslices.discovery.k8s.io", "get list watch"), ("services/proxy", "get create update patch delete") })
        {
            foreach (var verb in verbs.Split(' '))
            {
                (await world.CanAsync(verb, resource)).Should().BeTrue($"{verb} {resource}");
            }
        }

        foreach (var (verb, resource) in new[] { ("get", "secrets"), ("create", "services"), ("get", "pods/proxy"), ("get", "nodes/proxy"), ("create", "pods/exec"), ("get", "endpoints"), ("impersonate", "users") })
        {
            (await world.CanAsync(verb, resource)).Should().BeFalse($"{verb} {resource}");
        }
    }

    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task H58_Over_the_API_server_each_verb_is_needed_for_its_methods(ClusterKind kind)
    {
        await using var world = await World.StartAsync(await fleet.GetAsync(kind), isDirect: false);
        foreach (var (verb, methods) in new[] { ("get", "GET HEAD"), ("create", "POST"), ("update", "PUT"), ("patch", "PATCH"), ("delete", "DELETE") })
        {
            await world.GrantAsync("fairlead-services-proxy", "", "services/proxy", new[] { "get", "create", "update", "patch", "delete" }.Except([verb], StringComparer.Ordinal));
            await Eventually.BeTrueAsync(async () => (await world.SendAsync(methods.Split(' ')[0])).Status == 403, $"the API server refuses {methods} without {verb}");

            foreach (var method in _methods)
            {
                (await world.SendAsync(method)).Status.Should().Be(methods.Split(' ').Contains(method) ? 403 : 200, $"{method} without {verb}");
            }
        }
    }

    [Theory]
    [InlineData(ClusterKind.StandIn)]
    [InlineData(ClusterKind.KubeApiServer)]
    public async Task H58_Without_the_watch_a_Service_is_still_found_and_without_get_it_is_not(ClusterKind kind)
    {
        var target = await fleet.GetAsync(kind);
        await using (var world = await World.StartAsync(target, isDirect: true, services: "get"))
        {
            (await world.SendAsync("GET")).Status.Should().Be(200);
        }

        await using (var world = await World.StartAsync(target, isDirect: true, services: "list"))
        {
            (await world.SendAsync("GET")).Status.Should().Be(403);
        }

        await using (var world = await World.StartAsync(target, isDirect: true, endpointSlices: "watch"))
        {
            (await world.SendAsync("GET")).Status.Should().Be(403);
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H75_H76_Events_and_WebSockets_come_through_both_ways(ClusterKind kind, bool isDirect)
    {
        await using var world = await World.StartAsync(await fleet.GetAsync(kind), isDirect);
        var gate = new Gate();
        world.Upstream.OnConnection(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (request.Header("Upgrade") is null)
                {
                    await connection.WriteAsync(RawAnswer.Head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked"));
                    await connection.WriteAsync(RawAnswer.Chunk("data: one\n\n"));
                    await gate.WaitAsync();
                    await connection.WriteAsync(RawAnswer.Chunk("data: two\n\n"));
                    await connection.WriteAsync(RawAnswer.LastChunk);
                    continue;
                }

                await connection.WriteAsync(WebSocketHandshake.Accept(request, "chat"));
                var frame = await WebSocketFrames.ReadAsync(connection.Duplex);
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfText(frame!.Text));
                await WebSocketFrames.ReadAsync(connection.Duplex);
                return;
            }
        });

        await using (var client = await world.ConnectAsync())
        {
            var events = await client.SendAsync(world.Get("/events"));
            (await events.ReadLineAsync()).Should().Be("data: one", "an event is there before the next one");
            gate.Open();
            (await events.ReadToEndAsync()).BodyText.Should().Be("data: one\n\ndata: two\n\n");
        }

        await using (var client = await world.ConnectAsync())
        {
            var upgraded = await client.SendAsync(RawRequest.WebSocket(world.TargetOf("/ws"), "chat").WithBearer(TestGateway.Token));
            upgraded.Status.Should().Be(101, upgraded.StatusLine);
            await WebSocketFrames.WriteAsClientAsync(upgraded.Duplex, WebSocketFrame.OfText("hello"));
            (await WebSocketFrames.ReadAsync(upgraded.Duplex))!.Text.Should().Be("hello");
        }
    }

    [Fact]
    public async Task Decision20_A_token_of_the_gateways_account_is_for_the_configured_audience_alone()
    {
        await using var world = await World.StartAsync(await fleet.GetAsync(ClusterKind.KubeApiServer), isDirect: true, audience: "https://web.example");
        await Eventually.BeTrueAsync(async () => (await world.SendAsync("GET")).Status == 502, "the account may not make tokens yet");
        await world.MayMakeTokensAsync();

        await Eventually.BeTrueAsync(async () => (await world.SendAsync("GET")).Status == 200, "the account may make tokens for itself");

        var token = world.Upstream.Requests[^1].Header("Authorization")!.Split(' ')[1];
        using var claims = System.Text.Json.JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));
        claims.RootElement.GetProperty("aud").EnumerateArray().Should().ContainSingle().Which.GetString().Should().Be("https://web.example");
        claims.RootElement.GetProperty("sub").GetString().Should().Be("system:serviceaccount:fairlead:fairlead");
        world.Upstream.Requests.Should().OnlyContain(seen => seen.Header("Authorization") == $"Bearer {token}");
    }

    /// <summary>A gateway under the account of the manifests, in front of a cluster with one Service.</summary>
    private sealed class World : IAsyncDisposable
    {
        private static int _count = 10;
        private readonly Target _target;
        private readonly TestGateway _gateway;
        private readonly string _name;

        private World(Target target, TestGateway gateway, RawUpstream upstream, string name)
        {
            _target = target;
            _gateway = gateway;
            _name = name;
            Upstream = upstream;
        }

        public RawUpstream Upstream { get; }

        public static async Task<World> StartAsync(Target target, bool isDirect, string services = "get,list,watch", string endpointSlices = "get,list,watch", string? audience = null)
        {
            await CommandRunner.RunAsync(ExternalTools.Kubectl, target.Direct, $"apply -f {Manifest}");
            var number = Interlocked.Increment(ref _count);
            var name = $"rbac-{number}";
            var upstream = new RawUpstream(new RawUpstreamOptions { Address = IPAddress.Parse($"127.77.0.{number}") });
            await CommandRunner.RunAsync(ExternalTools.Kubectl, target.Direct, "create -f -", target.Cluster.ServiceManifest(name, number, upstream.Port));
            await CommandRunner.RunAsync(ExternalTools.Kubectl, target.Direct, $"patch pod {name} --subresource=status --type=merge -p {target.Cluster.PodAddressPatch(number)}");
            var definition = new ClusterDefinition
            {
                Locator = "config",
                Name = "main",
                Connection = new ClusterConnection { Server = target.Cluster.Server, CertificateAuthority = new PemSource.Inline(new Secret(target.Cluster.AuthorityPem)) },
                Credential = new CredentialDefinition.ServiceAccountToken(new Secret(await target.Cluster.CreateTokenAsync(target.Direct, "fairlead", "fairlead"))),
                IsDirect = isDirect,
            };
            var options = TestGateway.Options(definition) with { ServiceProxy = new ServiceProxyOptions { AllowedAddresses = [IPNetwork.Parse("127.0.0.0/8")], Services = audience is null ? [] : [new ServiceOptions { Cluster = "main", Namespace = "default", Name = name, Authorization = ServiceAuthorization.ServiceAccountToken, TokenAudience = audience }] } };
            var world = new World(target, await TestGateway.StartAsync(options), upstream, name);
            await world.GrantAsync("fairlead-services", "", "services", services.Split(','), "discovery.k8s.io", "endpointslices", endpointSlices.Split(','));
            await world.GrantAsync("fairlead-services-proxy", "", "services/proxy", ["get", "create", "update", "patch", "delete"]);
            await Eventually.BeTrueAsync(
                async () => await world.CanAsync("watch", "services") == services.Contains("watch", StringComparison.Ordinal)
                    && await world.CanAsync("get", "services") == services.Contains("get", StringComparison.Ordinal)
                    && await world.CanAsync("list", "endpointslices.discovery.k8s.io") == endpointSlices.Contains("list", StringComparison.Ordinal)
                    && await world.CanAsync("delete", "services/proxy") && await world.CanAsync("get", "services/proxy"),
                "the roles are in force");
            return world;
        }

        public Task<RawResponse> SendAsync(string method) =>
            _gateway.SendAsync(new RawRequest(method, $"/serviceproxy/default/{_name}/x?y=1") { Body = method is "POST" or "PUT" or "PATCH" ? "hello"u8.ToArray() : null });

        public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(_gateway.Port);

        public string TargetOf(string path) => $"/serviceproxy/default/{_name}{path}";

        public RawRequest Get(string path) => RawRequest.Get(TargetOf(path)).WithBearer(TestGateway.Token);

        /// <summary>Lets the account make tokens for itself.</summary>
        public async Task MayMakeTokensAsync()
        {
            await CommandRunner.RunAsync(ExternalTools.Kubectl, _target.Direct, "create role fairlead-tokens --namespace fairlead --verb=create --resource=serviceaccounts/token --resource-name=fairlead");
            await CommandRunner.RunAsync(ExternalTools.Kubectl, _target.Direct, "create rolebinding fairlead-tokens --namespace fairlead --role=fairlead-tokens --serviceaccount=fairlead:fairlead");
        }

        /// <summary>Puts the rules of a role in place of those it has.</summary>
        public async Task GrantAsync(string role, string group, string resource, IEnumerable<string> verbs, string group2 = "", string resource2 = "", IEnumerable<string>? verbs2 = null)
        {
            var second = verbs2 is null ? "" : $",{{\"apiGroups\":[\"{group2}\"],\"resources\":[\"{resource2}\"],\"verbs\":[{Quote(verbs2)}]}}";
            await CommandRunner.RunAsync(ExternalTools.Kubectl, _target.Direct,
                $"patch clusterrole {role} --type=merge -p {{\"rules\":[{{\"apiGroups\":[\"{group}\"],\"resources\":[\"{resource}\"],\"verbs\":[{Quote(verbs)}]}}{second}]}}");
        }

        /// <summary>Whether the account may, by the API server's own word.</summary>
        public async Task<bool> CanAsync(string verb, string resource)
        {
            var parts = resource.Split('/');
            var result = await CommandRunner.TryAsync(
                ExternalTools.Kubectl, _target.Direct,
                $"auth can-i {verb} {parts[0]} {(parts.Length > 1 ? $"--subresource={parts[1]}" : "")} --all-namespaces --as=system:serviceaccount:fairlead:fairlead");
            return result.Output.Trim() is "yes";
        }

        public async ValueTask DisposeAsync()
        {
            await _gateway.DisposeAsync();
            await Upstream.DisposeAsync();
            await CommandRunner.RunAsync(ExternalTools.Kubectl, _target.Direct, $"delete --ignore-not-found --force --grace-period=0 pod/{_name} service/{_name} endpointslice/{_name} endpoints/{_name}");
            await CommandRunner.RunAsync(ExternalTools.Kubectl, _target.Direct, $"apply -f {Manifest}");
        }

        private static string Quote(IEnumerable<string> words) => string.Join(',', words.Select(static word => $"\"{word}\""));
    }
}
