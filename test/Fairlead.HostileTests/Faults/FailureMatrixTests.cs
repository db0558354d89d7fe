using System.Globalization;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Limits;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Faults;

/// <summary>T108: every failure of an upstream, at every door, over every protocol and with either login; and T110 at the door that had none.</summary>
public sealed class FailureMatrixTests
{
    public static TheoryData<string, int> Failures { get; } = new()
    {
        { "closed", 502 }, { "reset", 502 }, { "silent", 504 }, { "no HTTP", 502 }, { "half a head", 502 }, { "a head of 70 KB", 502 }, { "a redirecting upgrade", 502 },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task T108_A_failure_of_the_upstream_has_the_doors_shape_and_names_nothing_inside(string failure, int status)
    {
        await using var world = await HostileWorld.StartAsync(static options => options with
        {
            Timeouts = options.Timeouts with { ResponseHeaders = TimeSpan.FromMilliseconds(300) },
            ServiceProxy = options.ServiceProxy with { HeadersTimeout = TimeSpan.FromMilliseconds(300) },
        });
        if (failure is "silent")
        {
            world.Upstream.OnConnection(static connection => connection.PeerClosed);
        }
        else
        {
            world.Upstream.Respond(failure switch
            {
                "closed" => RawAnswer.Nothing(),
                "reset" => RawAnswer.Nothing(AfterAnswer.Reset),
                "no HTTP" => (RawAnswer)"SSH-2.0-OpenSSH_9.6 127.0.0.1\r\n\r\n" with { Then = AfterAnswer.Close },
                "half a head" => (RawAnswer)"HTTP/1.1 200 OK\r\nX-Secret: 127.0.0.1" with { Then = AfterAnswer.Close },
                "a head of 70 KB" => RawAnswer.Text(200, "", "text/plain", "X-Long: " + new string('x', 70_000)),
                _ => (RawAnswer)"HTTP/1.1 999999 localhost\r\n\r\n" with { Then = AfterAnswer.Close },
            });
        }

        foreach (var way in HostileWays.All)
        {
            // One that changes something is never sent twice, and never mistaken for another.
            var response = await world.SendAsync(way, new RawRequest("POST", "/api/v1/namespaces/n/pods").WithBody("{}"));

            response.Status.Should().Be(status, $"{way}: {response.BodyText.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)}");
            HostileWorld.ShouldHaveItsDoorsShape(way, response, way.ToString());
        }
    }

    [Fact]
    public async Task T108_An_upstream_that_is_gone_is_502_at_every_door()
    {
        await using var world = await HostileWorld.StartAsync();
        await world.Upstream.DisposeAsync();

        foreach (var way in HostileWays.All)
        {
            var response = await world.GetAsync(way, "/api/v1/pods");

            response.Status.Should().Be(502, way.ToString());
            HostileWorld.ShouldHaveItsDoorsShape(way, response, way.ToString());
        }
    }

    [Fact]
    public async Task T108_What_the_gateway_cannot_read_is_502_for_that_cluster_alone_and_names_no_file()
    {
        await using var world = await HostileWorld.StartAsync(static options => options with
        {
            ClusterLocators =
            [
                .. options.ClusterLocators,
                new Configuration.ClusterLocator.Config("broken",
                [
                    TestCluster.Of("no-token", "http://127.0.0.1:1", new CredentialDefinition.TokenFile("/nowhere/hidden-token")),
                    TestCluster.Certified("no-certificate", "https://127.0.0.1:1", new PemSource.File("/nowhere/hidden.crt"), new PemSource.File("/nowhere/hidden.key")),
                ]),
            ],
        });

        foreach (var way in HostileWays.All)
        {
            foreach (var cluster in (string[])["no-token", "no-certificate"])
            {
                var response = await world.ExchangeAsync(way, world.Identified(way.Login, RequestTo(way.Door, cluster)));

                response.Status.Should().Be(502, way.ToString());
                HostileWorld.ShouldHaveItsDoorsShape(way, response, way.ToString());
                response.BodyText.Should().NotContain("nowhere").And.NotContain("hidden");
            }

            (await world.GetAsync(way, "/api/v1/pods")).Status.Should().Be(200);
        }
    }

    /// <summary>A name below <c>.invalid</c> is nobody's; at the service door with the Service dialled the gateway's own resolver is asked.</summary>
    [Fact]
    public async Task T108_A_host_name_that_nobody_knows_is_502_at_every_door_and_is_not_named()
    {
        const string Hidden = "hidden-host.invalid";
        await using var cluster = await ServiceCluster.StartClusterAsync();
        cluster.Put($$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default"},"spec":{"type":"ExternalName","externalName":"{{Hidden}}","ports":[{"port":80}]} }""");
        var options = TestGateway.Options(TestCluster.Held("lost", $"https://{Hidden}:6443"), ServiceCluster.Definition(cluster, "main", isDirect: true));
        var asked = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var gateway = await TestGateway.StartAsync(options, resolve: (host, _) =>
        {
            asked.Enqueue(host);
            throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound);
        });

        foreach (var way in HostileWays.Bearer)
        {
            RawRequest[] requests = way.Door is DoorName.Service ? [RequestTo(way.Door, "lost"), RequestTo(way.Door, "main")] : [RequestTo(way.Door, "lost")];
            foreach (var request in requests)
            {
                var response = await WireClient.ExchangeAsync(way.Protocol, way.Protocol is WireProtocol.Http11 ? gateway.Port : gateway.TlsPort, request.WithBearer(TestGateway.Token));

                response.Status.Should().Be(502, $"{way}: {request.Target}: {response.BodyText.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)}");
                HostileWorld.ShouldHaveItsDoorsShape(way, response, request.Target);
                response.BodyText.Should().NotContain("hidden").And.NotContain("invalid");
            }
        }

        asked.Should().Contain(Hidden);
    }

    private static RawRequest RequestTo(DoorName door, string cluster) => door switch
    {
        DoorName.Cluster => RawRequest.Get($"/clusters/{cluster}/api/v1/pods"),
        DoorName.Backstage => RawRequest.Get("/api/kubernetes/proxy/api/v1/pods").With("Backstage-Kubernetes-Cluster", cluster),
        _ => RawRequest.Get($"/clusters/{cluster}/serviceproxy/default/web/x"),
    };

    [Fact]
    public async Task T110_Connections_to_a_Service_do_not_grow_with_the_number_of_Host_values()
    {
        await using var upstream = new RawUpstream();
        await using var cluster = await ServiceCluster.StartClusterAsync();
        ServiceCluster.AddService(cluster, "web", upstream.Port);
        var options = TestGateway.Options(ServiceCluster.Definition(cluster, "main", isDirect: true));
        await using var gateway = await TestGateway.StartAsync(options with { Limits = options.Limits with { Rate = new RateLimit(null, null, null) }, ServiceProxy = options.ServiceProxy with { AllowedAddresses = [System.Net.IPNetwork.Parse("127.0.0.0/8")], DefaultCluster = "main" } });
        await using var caller = await RawHttp2Client.ConnectAsync(gateway.TlsPort, new());

        for (var i = 0; i < 10_000; i++)
        {
            var request = RawRequest.Get("/serviceproxy/default/web/x").With("Host", string.Create(CultureInfo.InvariantCulture, $"host-{i}.example.org")).WithBearer(TestGateway.Token);
            (await (await caller.SendAsync(request)).ReadToEndAsync()).Status.Should().Be(200);
        }

        upstream.Requests.Should().HaveCount(10_000).And.OnlyContain(static request => request.Header("Host") == "web.default.svc.cluster.local");
        upstream.ConnectionCount.Should().Be(1);
    }
}
