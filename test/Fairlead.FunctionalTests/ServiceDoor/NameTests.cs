using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Demo;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Names that lead nowhere, and Services that point where none may (contract H31, F36, F37).</summary>
public sealed class NameTests
{
    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H31_A_name_that_is_no_DNS_label_is_404(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        foreach (var (@namespace, name) in new[] { ("default", "web.other"), ("default", "WEB"), ("def%2Fault", "web"), ("DEFAULT", "web"), ("default.svc", "web") })
        {
            await ShouldFindNothingAsync(passage, way, @namespace, name);
        }

        passage.Cluster.Proxied().Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task T43_A_name_never_becomes_a_host(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        ServiceCluster.AddService(passage.Cluster, "elsewhere", passage.Upstream.Port, @namespace: "kube-system");
        string[] names =
        [
            "svc.evil.com", "web.default.svc.cluster.local", "127.0.0.1", "localhost", "a@b", "web@evil.com", "https:svc:443", "http:localhost:80", "svc:22", "SVC", "Web",
            new string('a', 63), new string('a', 64), "w%C3%A9b", "xn--wb-bja", "-web", "web-", "web_", "web%20", "%20web", "elsewhere", "*", "%5B::1%5D", "[::1]",
        ];
        foreach (var name in names)
        {
            await ShouldFindNothingAsync(passage, way, "default", name);
        }

        foreach (var @namespace in new[] { "evil.com", "127.0.0.1", "a@b", "default:80", "*", new string('a', 64), "nowhere", "d%C3%A9fault" })
        {
            await ShouldFindNothingAsync(passage, way, @namespace, "web");
        }

        // Bytes outside ASCII are no URL at all.
        (await passage.GetAsync(way, "/serviceproxy/default/w\u00c3\u00a9b/x")).Status.Should().Be(400);
        passage.ShouldHaveSentNothing();
        passage.Cluster.Proxied().Should().BeEmpty();
        (await passage.GetAsync(way, "/serviceproxy/kube-system/elsewhere/x")).Status.Should().Be(200);
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task T43_A_name_with_a_scheme_or_port_that_is_none_leads_nowhere(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        foreach (var name in new[] { "web:", ":web:80", "ftp:web:80", "HTTP:web:80", "http:web:", "http::80", "http:web", "a:b:c:d", "https:web:80:80", "web:80@evil.com", "web:%38%30.evil.com" })
        {
            foreach (var target in new[] { $"/serviceproxy/default/{name}/x", $"/serviceproxy/default/{name}?request=x" })
            {
                var response = await passage.GetAsync(way, target);
                response.Status.Should().BeOneOf([400, 404], target);
                response.ShouldBeRefused(response.Status, " ", target);
            }
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.Proxied().Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task T43_An_empty_name_is_400(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);

        await passage.ShouldRefuseAsync(way, 400, "/serviceproxy/default//x", "/serviceproxy//web/x", "/serviceproxy/default/?request=x", "/clusters/main/serviceproxy//?request=x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.Direct), MemberType = typeof(ServiceWays))]
    public async Task T43_kubernetes_in_default_is_the_API_server_and_refused(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way, NothingAllowed);
        var port = passage.Cluster.Server.Port;
        ServiceCluster.AddService(passage.Cluster, "kubernetes", port, """[{"name":"https","port":443}]""");

        await ShouldBeForbiddenAsync(passage, way, "kubernetes");

        passage.Cluster.Requests.Should().NotContain(static request => request.Target == "/x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.Direct), MemberType = typeof(ServiceWays))]
    public async Task T43_An_endpoint_at_the_API_servers_address_is_refused(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        AddEndpoints(passage.Cluster, "kubernetes", 443, "192.0.2.10");
        AddEndpoints(passage.Cluster, "copy", passage.Upstream.Port, "192.0.2.10");

        await ShouldBeForbiddenAsync(passage, way, "kubernetes");
        await ShouldBeForbiddenAsync(passage, way, "copy");
    }

    [Theory]
    [InlineData(ServiceWay.Http11Direct, "127.0.0.1")]
    [InlineData(ServiceWay.Http2Direct, "127.0.0.1")]
    [InlineData(ServiceWay.Http11Direct, "127.1.2.3")]
    [InlineData(ServiceWay.Http11Direct, "0.0.0.0")]
    [InlineData(ServiceWay.Http11Direct, "169.254.169.254")]
    [InlineData(ServiceWay.Http2Direct, "169.254.169.254")]
    [InlineData(ServiceWay.Http11Direct, "169.254.0.1")]
    [InlineData(ServiceWay.Http11Direct, "224.0.0.1")]
    [InlineData(ServiceWay.Http11Direct, "255.255.255.255")]
    [InlineData(ServiceWay.Http11Direct, "::1")]
    [InlineData(ServiceWay.Http11Direct, "::")]
    [InlineData(ServiceWay.Http11Direct, "fe80::1")]
    [InlineData(ServiceWay.Http11Direct, "ff02::1")]
    [InlineData(ServiceWay.Http11Direct, "::ffff:127.0.0.1")]
    [InlineData(ServiceWay.Http11Direct, "::ffff:169.254.169.254")]
    [InlineData(ServiceWay.Http11Direct, "64:ff9b::127.0.0.1")]
    [InlineData(ServiceWay.Http11Direct, "fd00:ec2::254")]
    public async Task T43_An_endpoint_where_no_Service_may_be_is_refused(ServiceWay way, string address)
    {
        await using var passage = await ServiceWire.StartAsync(way, NothingAllowed);
        AddEndpoints(passage.Cluster, "bad", passage.Upstream.Port, address);

        await ShouldBeForbiddenAsync(passage, way, "bad");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.Direct), MemberType = typeof(ServiceWays))]
    public async Task T43_An_endpoint_at_the_gateways_own_address_is_refused(ServiceWay way)
    {
        var own = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static one => one.GetIPProperties().UnicastAddresses)
            .Select(static one => one.Address)
            .FirstOrDefault(static one => one.AddressFamily is AddressFamily.InterNetwork && !IPAddress.IsLoopback(one));
        Assert.SkipWhen(own is null, "this machine has no address besides loopback");
        await using var passage = await ServiceWire.StartAsync(way);
        AddEndpoints(passage.Cluster, "own", passage.Upstream.Port, own!.ToString());

        await ShouldBeForbiddenAsync(passage, way, "own");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.Direct), MemberType = typeof(ServiceWays))]
    public async Task T43_One_refused_endpoint_among_good_ones_refuses_the_Service(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        AddEndpoints(passage.Cluster, "mixed", passage.Upstream.Port, "127.0.0.1", "169.254.169.254");
        AddEndpoints(passage.Cluster, "fronted", passage.Upstream.Port, "127.0.0.1", "169.254.169.254");
        PutService(passage.Cluster, "fronted", "127.0.0.1", passage.Upstream.Port);
        AddEndpoints(passage.Cluster, "front", passage.Upstream.Port, "127.0.0.1");
        PutService(passage.Cluster, "front", "169.254.169.254", passage.Upstream.Port);

        await ShouldBeForbiddenAsync(passage, way, "mixed");
        await ShouldBeForbiddenAsync(passage, way, "fronted");
        await ShouldBeForbiddenAsync(passage, way, "front");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.Direct), MemberType = typeof(ServiceWays))]
    public async Task T43_An_ExternalName_that_is_no_public_place_is_refused(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way, NothingAllowed);
        string[] places =
        [
            "127.0.0.1", "localhost", "LOCALHOST.", "169.254.169.254", "10.0.0.1", "192.168.0.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "2130706433", "0x7f000001", "127.1",
        ];
        for (var i = 0; i < places.Length; i++)
        {
            passage.Cluster.Put($$"""
                {"apiVersion":"v1","kind":"Service","metadata":{"name":"external-{{i}}","namespace":"default"},
                 "spec":{"type":"ExternalName","externalName":"{{places[i]}}","ports":[{"name":"http","port":{{passage.Upstream.Port}} }]} }
                """);
        }

        for (var i = 0; i < places.Length; i++)
        {
            foreach (var target in new[] { $"/serviceproxy/default/external-{i}/x", $"/serviceproxy/default/external-{i}?request=x" })
            {
                var response = await passage.GetAsync(way, target);

                // Other spellings of an address are names to some resolvers, and then lead nowhere at all.
                response.Status.Should().BeOneOf(
                    places[i] is "2130706433" or "0x7f000001" or "127.1" ? [403, 502] : [403], "{0} is refused, and the answer is {1}", places[i], response);
                response.ShouldBeRefused(response.Status, " ", target);
            }
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.Direct), MemberType = typeof(ServiceWays))]
    public async Task T43_A_Service_without_ready_endpoints_is_503(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        AddEndpoints(passage.Cluster, "empty", passage.Upstream.Port);
        PutService(passage.Cluster, "none", "None", passage.Upstream.Port);
        AddEndpoints(passage.Cluster, "unready", passage.Upstream.Port, ready: false, "127.0.0.1");
        AddEndpoints(passage.Cluster, "fronted", passage.Upstream.Port, ready: false, "127.0.0.1");
        PutService(passage.Cluster, "fronted", "127.0.0.1", passage.Upstream.Port);
        foreach (var name in new[] { "empty", "none", "unready", "fronted" })
        {
            (await passage.GetAsync(way, $"/serviceproxy/default/{name}/x")).ShouldBeRefused(503, " ", name);
            (await passage.GetAsync(way, $"/serviceproxy/default/{name}?request=x")).ShouldBeRefused(503, " ", name);
        }

        passage.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.Direct), MemberType = typeof(ServiceWays))]
    public async Task T43_A_headless_Service_without_a_selector_is_reached_where_its_endpoints_may_be(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        passage.Upstream.Respond(RawAnswer.Text(200, "here"));

        (await passage.GetAsync(way, "/serviceproxy/default/web/x")).BodyText.Should().Be("here");
    }

    private static GatewayOptions NothingAllowed(GatewayOptions options) => options with { ServiceProxy = options.ServiceProxy with { AllowedAddresses = [] } };

    /// <summary>404 in both forms, and nobody is dialled.</summary>
    private static async Task ShouldFindNothingAsync(ServicePassage passage, ServiceWay way, string @namespace, string name)
    {
        foreach (var target in new[]
        {
            $"/serviceproxy/{@namespace}/{name}/x", $"/clusters/main/serviceproxy/{@namespace}/{name}/x", $"/serviceproxy/{@namespace}/{name}?request=x",
        })
        {
            (await passage.GetAsync(way, target)).ShouldBeRefused(404, " ", target);
        }

        passage.ShouldHaveSentNothing();
    }

    /// <summary>403 in both forms, and nobody is dialled.</summary>
    private static async Task ShouldBeForbiddenAsync(ServicePassage passage, ServiceWay way, string name)
    {
        foreach (var target in new[] { $"/serviceproxy/default/{name}/x", $"/serviceproxy/default/{name}?request=x" })
        {
            (await passage.GetAsync(way, target)).ShouldBeRefused(403, " ", target);
        }

        passage.ShouldHaveSentNothing();
    }

    private static void AddEndpoints(DemoCluster cluster, string name, int port, params string[] addresses) => AddEndpoints(cluster, name, port, ready: true, addresses);

    /// <summary>A headless Service with endpoints at these addresses.</summary>
    private static void AddEndpoints(DemoCluster cluster, string name, int port, bool ready, params string[] addresses)
    {
        PutService(cluster, name, "None", port);
        var family = addresses.Any(static address => address.Contains(':', StringComparison.Ordinal)) ? "IPv6" : "IPv4";
        var endpoints = string.Join(',', addresses.Select(address =>
            $$"""{"addresses":["{{address}}"],"conditions":{"ready":{{(ready ? "true" : "false")}}} }"""));
        cluster.Put($$"""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"{{family}}",
             "metadata":{"name":"{{name}}-1","namespace":"default","labels":{"kubernetes.io/service-name":"{{name}}"} },
             "ports":[{"name":"http","port":{{port}},"protocol":"TCP"}],"endpoints":[{{endpoints}}]}
            """);
    }

    /// <summary>A Service with one port, whose number is that of its endpoints.</summary>
    private static void PutService(DemoCluster cluster, string name, string clusterIp, int port) => cluster.Put($$"""
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"{{name}}","namespace":"default"},
         "spec":{"clusterIP":"{{clusterIp}}","ports":[{"name":"http","port":{{port}} }]} }
        """);
}
