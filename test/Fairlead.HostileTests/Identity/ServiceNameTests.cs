using AwesomeAssertions;
using Fairlead.Demo;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Identity;

/// <summary>A Service's name is a name, and where it leads is the cluster's word under the address policy: never a host of the client's choice.</summary>
public sealed class ServiceNameTests
{
    private static readonly IReadOnlyList<HostileWay> _ways = [.. HostileWays.All.Where(static way => way.Door is DoorName.Service)];

    [Fact]
    public async Task T43_No_name_becomes_a_host()
    {
        await using var forbidden = new RawUpstream();
        await using var world = await HostileWorld.StartAsync();
        ServiceCluster.AddService(world.Cluster, "elsewhere", world.Upstream.Port, @namespace: "kube-system");
        string[] names =
        [
            "svc.evil.com", "web.default.svc.cluster.local", "127.0.0.1", $"127.0.0.1:{forbidden.Port}", $"http:127.0.0.1:{forbidden.Port}", "localhost", $"localhost:{forbidden.Port}", "a@b", $"web@127.0.0.1:{forbidden.Port}",
            $"web:80@127.0.0.1:{forbidden.Port}", "svc:22", $"web:{forbidden.Port}", "https:svc:443", "SVC", "Web", "web.", new string('a', 63), new string('a', 64), "w%C3%A9b", "xn--wb-bja", "web%0d%0aHost:%20x",
            "web%2F..%2Felsewhere", "elsewhere", "*", "[::1]", "%5B::1%5D", "2130706433", "0x7f000001", "0",
        ];
        foreach (var way in _ways)
        {
            foreach (var name in names)
            {
                foreach (var form in new[] { $"/clusters/main/serviceproxy/default/{name}/x", $"/serviceproxy/default/{name}/x", $"/clusters/main/serviceproxy/default/{name}?request=x" })
                {
                    await ShouldLeadNowhereAsync(world, way, form, 400, 404);
                }
            }

            foreach (var target in new[] { "/clusters/main/serviceproxy/default//x", "/clusters/main/serviceproxy//web/x", "/serviceproxy/default/?request=x", "/clusters/main/serviceproxy/default/web/x/..%2f..%2felsewhere", $"/clusters/main/serviceproxy/default/web?request=http%3A%2F%2F127.0.0.1%3A{forbidden.Port}%2F..%2Fx" })
            {
                await ShouldLeadNowhereAsync(world, way, target, 400);
            }
        }

        // An address in what is free to choose is a path of the Service's.
        foreach (var way in _ways)
        {
            var mark = world.Mark();
            (await world.ExchangeAsync(way, world.Identified(way.Login, RawRequest.Get($"/clusters/main/serviceproxy/default/web/http://127.0.0.1:{forbidden.Port}/x")))).Status.Should().Be(200, way.ToString());
            world.SentSince(mark).Should().ContainSingle(way.ToString()).Which.Target.Should().Be($"/http://127.0.0.1:{forbidden.Port}/x");
        }

        forbidden.ConnectionCount.Should().Be(0);
    }

    [Fact]
    public async Task T43_No_object_of_the_cluster_leads_where_no_Service_may_be()
    {
        // Listens at the addresses of loopback, which no rule allows here.
        await using var forbidden = new RawUpstream();
        await using var world = await HostileWorld.StartAsync(options => options with { ServiceProxy = options.ServiceProxy with { AllowedAddresses = [] } });
        string[] addresses = ["127.0.0.1", "127.9.8.7", "0.0.0.0", "169.254.169.254", "169.254.10.10", "224.0.0.1", "255.255.255.255"];
        string[] wide = ["::1", "::", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fd00:ec2::254"];
        var names = new List<string>();
        foreach (var (address, family) in addresses.Select(static one => (one, "IPv4")).Concat(wide.Select(static one => (one, "IPv6"))))
        {
            names.Add($"bad-{names.Count}");
            AddEndpoints(world.Cluster, names[^1], family, address, forbidden.Port);
        }

        var external = new List<string>();
        foreach (var host in new[] { "localhost", "LOCALHOST.", "127.0.0.1", "169.254.169.254", "10.0.0.1", "100.64.0.1", "0.0.0.0", "metadata.google.internal", "kubernetes.default.svc" })
        {
            external.Add($"external-{external.Count}");
            world.Cluster.Put($$"""
                {"apiVersion":"v1","kind":"Service","metadata":{"name":"{{external[^1]}}","namespace":"default"},
                 "spec":{"type":"ExternalName","externalName":"{{host}}","ports":[{"name":"http","port":{{forbidden.Port}} }]} }
                """);
        }

        AddEndpoints(world.Cluster, "kubernetes", "IPv4", "127.0.0.1", world.Cluster.Server.Port);
        world.Cluster.Put("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"headless","namespace":"default"},"spec":{"clusterIP":"None","ports":[{"name":"http","port":80}]} }""");
        foreach (var way in _ways)
        {
            foreach (var name in names)
            {
                await ShouldLeadNowhereAsync(world, way, $"/clusters/main/serviceproxy/default/{name}/x", 403);
            }

            foreach (var name in external)
            {
                // A name that nobody knows leads nowhere, which is no success either.
                await ShouldLeadNowhereAsync(world, way, $"/clusters/main/serviceproxy/default/{name}/x", 403, 502);
            }

            await ShouldLeadNowhereAsync(world, way, "/clusters/main/serviceproxy/default/kubernetes/x", 403);
            await ShouldLeadNowhereAsync(world, way, "/clusters/main/serviceproxy/default/headless/x", 503);
        }

        forbidden.ConnectionCount.Should().Be(0, "not even a connection is tried");
        world.Upstream.ConnectionCount.Should().Be(0);
    }

    private static async Task ShouldLeadNowhereAsync(HostileWorld world, HostileWay way, string target, params int[] statuses)
    {
        var mark = world.Mark();

        var response = await world.ExchangeAsync(way, world.Identified(way.Login, RawRequest.Get(target)));

        response.Status.Should().BeOneOf(statuses, "{0}, {1}: {2}", way, target, response);
        response.Header("Proxy-Status").Should().StartWith("fairlead; error=", "{0}, {1}", way, target);
        world.SentSince(mark).Should().BeEmpty("{0}, {1}", way, target);
    }

    private static void AddEndpoints(DemoCluster cluster, string name, string family, string address, int port)
    {
        cluster.Put($$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{name}}","namespace":"default"},"spec":{"clusterIP":"None","ports":[{"name":"http","port":{{port}} }]} }""");
        cluster.Put($$"""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"{{family}}",
             "metadata":{"name":"{{name}}-1","namespace":"default","labels":{"kubernetes.io/service-name":"{{name}}"} },
             "ports":[{"name":"http","port":{{port}},"protocol":"TCP"}],"endpoints":[{"addresses":["{{address}}"],"conditions":{"ready":true} }]}
            """);
    }
}
