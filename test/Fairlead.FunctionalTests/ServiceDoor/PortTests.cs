using System.Globalization;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Which port of a Service, and how it is spoken to (contract H32 to H39).</summary>
public sealed class PortTests
{
    private const string Path = "/serviceproxy/default/web";
    private const string Request = "/clusters/main/serviceproxy/default/web";

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H32_The_port_named_https_is_chosen_before_http(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new("http", 80), new("https", 443, IsTls: true));

        await ports.ShouldReachAsync(Path + "/x", 443, "/x");
        await ports.ShouldReachAsync(Request + "?request=x", 443, "/x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H32_The_port_named_http_is_chosen_before_others(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new("a", 1), new("http", 80), new("b", 2, "https"));

        await ports.ShouldReachAsync(Path + "/x", 80, "/x");
        await ports.ShouldReachAsync(Request + "?request=x", 80, "/x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H33_The_only_port_is_chosen_without_a_name(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new Port("", 8080));

        await ports.ShouldReachAsync(Path + "/x", 8080, "/x");
        await ports.ShouldReachAsync(Request + "?request=x", 8080, "/x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H33_A_nameless_443_is_https(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new Port("", 443, IsTls: true));

        await ports.ShouldReachAsync(Path + "/x", 443, "/x");
        await ports.ShouldReachAsync(Request + "?request=x", 443, "/x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H33_The_only_port_is_chosen_whatever_its_name(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new Port("grpc-web", 443));

        await ports.ShouldReachAsync(Path + "/x", 443, "/x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H33_A_name_that_begins_with_https_is_https(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new Port("https-admin", 8443, IsTls: true));

        await ports.ShouldReachAsync(Path + "/x", 8443, "/x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H34_Where_no_port_is_meant_the_404_lists_them(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new("a", 1), new("b", 2));
        foreach (var target in new[] { Path + "/x", Path, Request + "?request=x" })
        {
            var response = await ports.Passage.GetAsync(way, target);

            response.ShouldBeRefused(404, "a (1)", target);
            response.BodyText.Should().Contain("b (2)");
        }

        ports.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H35_A_port_is_chosen_by_name_or_number_in_every_way(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new("http", 80), new("metrics", 9090), new("admin", 8443, IsTls: true));

        await ports.ShouldReachAsync(Path + "/x?port=metrics", 9090, "/x");
        await ports.ShouldReachAsync(Path + "/x?port=9090", 9090, "/x");
        await ports.ShouldReachAsync(Path + "?port=9090", 9090, "/");
        await ports.ShouldReachAsync(Path + ":metrics/x", 9090, "/x");
        await ports.ShouldReachAsync(Path + ":9090/x", 9090, "/x");
        await ports.ShouldReachAsync(Path + ":9090", 9090, "/");
        await ports.ShouldReachAsync("/serviceproxy/default/https:web:8443/x", 8443, "/x");
        await ports.ShouldReachAsync("/serviceproxy/default/https:web:admin/x", 8443, "/x");
        await ports.ShouldReachAsync("/serviceproxy/default/http:web:metrics/x", 9090, "/x");
        await ports.ShouldReachAsync("/serviceproxy/default/http:web:9090?request=x", 9090, "/x");
        await ports.ShouldReachAsync("/clusters/main/serviceproxy/default/https:web:8443?request=x", 8443, "/x");
        await ports.ShouldReachAsync(Path + "/x?a=1&port=9090&b=&a=%2F", 9090, "/x?a=1&b=&a=%2F");
        await ports.ShouldReachAsync(Path + "/x?port=80", 80, "/x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H36_A_port_beside_request_is_the_gateways(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new("http", 80), new("metrics", 9090));

        await ports.ShouldReachAsync(Request + "?request=x&port=9090", 9090, "/x");
        await ports.ShouldReachAsync(Request + "?port=metrics&request=x%3Fa%3Db", 9090, "/x?a=b");
        await ports.ShouldReachAsync(Request + "?request=x%3Fport%3D9090", 80, "/x?port=9090");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H37_With_a_port_in_the_segment_the_query_is_the_Services(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new("http", 80), new("metrics", 9090));

        await ports.ShouldReachAsync(Path + ":80/x?port=1", 80, "/x?port=1");
        await ports.ShouldReachAsync(Path + ":80/x?port=&port=9090&port", 80, "/x?port=&port=9090&port");
        await ports.ShouldReachAsync("/serviceproxy/default/http:web:metrics/x?port=80", 9090, "/x?port=80");
        await ports.ShouldReachAsync(Request + ":80?request=x&port=1", 80, "/x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H38_An_undeclared_port_is_404_and_the_declared_ones_are_listed(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new("http", 80), new("metrics", 9090));
        string[] targets =
        [
            .. new[] { "22", "ssh", "0", "65536", "-1", "99999999999", "HTTP", "80.", "http%20", "127.0.0.1%3A80", ports.UpstreamPort }
                .SelectMany(static port => new[] { $"{Path}/x?port={port}", $"{Request}?request=x&port={port}" }),
            Path + ":22/x",
            Path + ":ssh/x",
            "/serviceproxy/default/https:web:22/x",
            Request + ":22?request=x",
        ];
        foreach (var target in targets)
        {
            var response = await ports.Passage.GetAsync(way, target);

            response.ShouldBeRefused(404, "http (80)", target);
            response.BodyText.Should().Contain("metrics (9090)");
        }

        ports.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H38_A_port_that_is_empty_or_given_twice_is_400(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new("http", 80), new("metrics", 9090));

        await ports.Passage.ShouldRefuseAsync(
            way,
            400,
            Path + "/x?port=",
            Path + "/x?port",
            Path + "?port=",
            Path + "/x?port=80&port=80",
            Path + "/x?port=80&a=b&port=9090",
            Request + "?request=x&port=",
            Request + "?request=x&port",
            Request + "?request=x&port=80&port=80",
            Request + "?port=80&request=x&port=");
        ports.ShouldHaveSentNothing();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H39_appProtocol_https_is_https(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new Port("web", 8443, "https", IsTls: true));

        await ports.ShouldReachAsync(Path + "/x", 8443, "/x");
        await ports.ShouldReachAsync(Request + "?request=x", 8443, "/x");
        await ports.ShouldReachAsync(Path + ":8443/x", 8443, "/x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H39_appProtocol_https_is_chosen_before_http(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new("a", 1, "http"), new("b", 2, "https", IsTls: true), new("c", 3, "https", IsTls: true));

        await ports.ShouldReachAsync(Path + "/x", 2, "/x");
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task H39_appProtocol_http_is_chosen_before_none(ServiceWay way)
    {
        await using var ports = await Ports.StartAsync(way, new("a", 1), new("b", 2, "http"), new("c", 3, "kubernetes.io/h2c"));

        await ports.ShouldReachAsync(Path + "/x", 2, "/x");
    }

    /// <summary>A declared port.</summary>
    private sealed record Port(string Name, int Number, string AppProtocol = "", bool IsTls = false)
    {
        public string ToJson() => string.Create(
            CultureInfo.InvariantCulture,
            $"{{{(Name.Length == 0 ? "" : $"\"name\":\"{Name}\",")}{(AppProtocol.Length == 0 ? "" : $"\"appProtocol\":\"{AppProtocol}\",")}\"port\":{Number}}}");
    }

    /// <summary>The Service <c>default/web</c> with these ports, each with an upstream of its own.</summary>
    private sealed class Ports : IAsyncDisposable
    {
        private readonly ServiceWay _way;
        private readonly Dictionary<int, RawUpstream> _upstreams;

        private Ports(ServiceWay way, ServicePassage passage, Dictionary<int, RawUpstream> upstreams)
        {
            _way = way;
            Passage = passage;
            _upstreams = upstreams;
        }

        public ServicePassage Passage { get; }

        /// <summary>A port where something listens that is not declared.</summary>
        public string UpstreamPort => _upstreams.Values.First().Port.ToString(CultureInfo.InvariantCulture);

        public static async Task<Ports> StartAsync(ServiceWay way, params Port[] ports)
        {
            var certificate = TestCertificates.Shared.Server("web.default.svc").Certificate;
            var upstreams = ports.ToDictionary(
                static port => port.Number, port => new RawUpstream(new RawUpstreamOptions { Certificate = port.IsTls ? certificate : null }));
            var passage = await ServiceWire.StartAsync(way, static options => options with { ServiceProxy = options.ServiceProxy with { Services = [Trusting] } });
            ServiceCluster.AddService(passage.Cluster, "web", 1, $"[{string.Join(',', ports.Select(static port => port.ToJson()))}]");
            var targets = ports.Select(port => $$"""{"name":"{{port.Name}}","port":{{upstreams[port.Number].Port}},"protocol":"TCP"}""");
            passage.Cluster.Put($$"""
                {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
                 "metadata":{"name":"web-1","namespace":"default","labels":{"kubernetes.io/service-name":"web"} },
                 "ports":[{{string.Join(',', targets)}}],"endpoints":[{"addresses":["127.0.0.1"],"conditions":{"ready":true} }]}
                """);
            return new Ports(way, passage, upstreams);
        }

        /// <summary>The target leads to that port, with its scheme, and to no other.</summary>
        public async Task ShouldReachAsync(string target, int port, string seenTarget)
        {
            var before = _upstreams.ToDictionary(static pair => pair.Key, static pair => pair.Value.Requests.Count);

            var response = await Passage.GetAsync(_way, target);

            response.Status.Should().Be(200, "{0} is forwarded, and the answer is {1}", target, response);
            foreach (var (number, upstream) in _upstreams)
            {
                (upstream.Requests.Count - before[number]).Should().Be(number == port ? 1 : 0, "{0} leads to {1}, not {2}", target, port, number);
            }

            var seen = _upstreams[port].Requests[^1];
            seen.Target.Should().Be(seenTarget, target);
            var isTls = _upstreams[port].Options.Certificate is not null;
            if (_way.IsDirect())
            {
                var isDefault = port == (isTls ? 443 : 80);
                seen.Header("Host").Should().Be(
                    isDefault ? "web.default.svc.cluster.local" : string.Create(CultureInfo.InvariantCulture, $"web.default.svc.cluster.local:{port}"), target);
            }
            else
            {
                Passage.Cluster.Proxied().Last().Should().Be(
                    string.Create(CultureInfo.InvariantCulture, $"/api/v1/namespaces/default/services/{(isTls ? "https" : "http")}:web:{port}/proxy{seenTarget}"), target);
            }
        }

        public void ShouldHaveSentNothing()
        {
            _upstreams.Values.Sum(static upstream => upstream.ConnectionCount).Should().Be(0);
            Passage.ShouldHaveSentNothing();
            Passage.Cluster.Proxied().Should().BeEmpty();
        }

        public async ValueTask DisposeAsync()
        {
            await Passage.DisposeAsync();
            foreach (var upstream in _upstreams.Values)
            {
                await upstream.DisposeAsync();
            }
        }

        private static ServiceOptions Trusting => new()
        {
            Cluster = "main",
            Namespace = "default",
            Name = "web",
            CertificateAuthority = new PemSource.Inline(new Secret(TestCertificates.Shared.AuthorityPem)),
        };
    }
}
