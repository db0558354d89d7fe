using System.Net;
using AwesomeAssertions;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>What becomes of a Service's redirects.</summary>
public sealed class RedirectTests
{
    public static MatrixTheoryData<Via, WireProtocol> Ways { get; } = new(Enum.GetValues<Via>(), ServiceAnswers.Protocols);

    public static MatrixTheoryData<Via, Shape, int> Others { get; } = new(Enum.GetValues<Via>(), [Shape.Path, Shape.ClusterPath, Shape.Request], [301, 302, 303, 307, 308]);

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task H78_The_request_form_follows_from_http_to_https_of_the_same_host(string method)
    {
        await using var secure = Secure();
        await using var passage = await StartAsync(secure);
        passage.Upstream.Respond(RawAnswer.Text(301, "", "text/plain", "Location: https://web.default.svc.cluster.local/other?a=b"));

        var response = await passage.SendAsync(new RawRequest(method, "/clusters/main/serviceproxy/default/web?request=x&port=http"));

        response.Status.Should().Be(200, response.ToString());
        response.BodyText.Should().Be(method is "HEAD" ? "" : "secure");
        response.ShouldNotBeCached();
        passage.Seen.Should().ContainSingle().Which.Target.Should().Be("/x");
        var seen = secure.Requests.Should().ContainSingle().Subject;
        seen.RequestLine.Should().Be(method + " /other?a=b HTTP/1.1");
        seen.Header("Host").Should().Be("web.default.svc.cluster.local");
        seen.Headers("Authorization").Should().Equal("Bearer U");
    }

    [Fact]
    public async Task H78_The_path_form_does_not_follow()
    {
        await using var secure = Secure();
        await using var passage = await StartAsync(secure);
        passage.Upstream.Respond(RawAnswer.Text(301, "", "text/plain", "Location: https://web.default.svc.cluster.local/other"));

        var response = await passage.GetAsync("/serviceproxy/default/web/x?port=http");

        response.Status.Should().Be(301, response.ToString());
        secure.ConnectionCount.Should().Be(0);
    }

    [Fact]
    public async Task H78_An_ExternalName_is_followed_to_https_without_the_callers_token()
    {
        await using var secure = Secure();
        await using var passage = await ServicePassage.StartAsync(change: Trusting);
        ServiceCluster.Allow(passage.Cluster, "ann", "get", "", "services");
        passage.Cluster.Put(External("hub", "localhost", passage.Upstream.Port, secure.Port));
        passage.Upstream.Respond(RawAnswer.Text(301, "", "text/plain", $"Location: https://localhost:{secure.Port}/api/v1/packages?limit=1"));

        var response = await passage.GetAsync("/clusters/main/serviceproxy/default/hub?request=api%2Fv1%2Fpackages%3Flimit%3D1");

        response.Status.Should().Be(200, response.ToString());
        response.BodyText.Should().Be("secure");
        secure.Requests.Should().ContainSingle().Which.Target.Should().Be("/api/v1/packages?limit=1");
        secure.Requests.Concat(passage.Seen).Should().HaveCount(2).And.OnlyContain(static request => request.Headers("Authorization").Count == 0);
    }

    [Fact]
    public async Task H78_An_ExternalName_is_not_followed_to_a_port_that_nobody_declared()
    {
        await using var secure = Secure();
        await using var passage = await ServicePassage.StartAsync(change: Trusting);
        passage.Cluster.Put(External("hub", "localhost", passage.Upstream.Port));
        passage.Upstream.Respond(RawAnswer.Text(301, "", "text/plain", $"Location: https://localhost:{secure.Port}/x"));

        (await passage.GetAsync("/clusters/main/serviceproxy/default/hub?request=x")).Status.Should().Be(301);

        secure.ConnectionCount.Should().Be(0);
    }

    [Theory]
    [InlineData("/serviceproxy/default/web/a/x?port=admin", "/login", "/serviceproxy/default/web:admin/login")]
    [InlineData("/serviceproxy/default/web/a/x?port=admin", "login", "/serviceproxy/default/web:admin/a/login")]
    [InlineData("/serviceproxy/default/web?request=a%2Fx&port=admin", "/login#top", "/serviceproxy/default/web?request=%2Flogin&port=admin#top")]
    [InlineData("/serviceproxy/default/web:admin/x", "/login", "/serviceproxy/default/web:admin/login")]
    public async Task F12_F32_A_redirect_leads_back_to_the_port_that_was_asked_for(string target, string location, string rewritten)
    {
        await using var passage = await ServicePassage.StartAsync();
        ServiceCluster.AddService(passage.Cluster, "web", passage.Upstream.Port, """[{"name":"http","port":80},{"name":"admin","port":81}]""");
        passage.Upstream.Respond(RawAnswer.Text(302, "", "text/plain", $"Location: {location}"));

        (await passage.GetAsync(target)).Header("Location").Should().Be(rewritten);
    }

    [Fact]
    public async Task H78_The_second_request_goes_through_the_same_address_check()
    {
        await using var secure = Secure();
        await using var passage = await StartAsync(secure, secureAddress: "127.0.0.2", allowed: "127.0.0.1/32");
        passage.Upstream.Respond(RawAnswer.Text(301, "", "text/plain", "Location: https://web.default.svc.cluster.local/other"));

        var response = await passage.GetAsync("/clusters/main/serviceproxy/default/web?request=x&port=http");

        response.ShouldRefuse(403, "Forbidden");
        secure.ConnectionCount.Should().Be(0);
    }

    [Fact]
    public async Task H78_Redirects_are_followed_at_most_three_times()
    {
        await using var secure = Secure();
        await using var passage = await StartAsync(secure);
        passage.Upstream.Respond(RawAnswer.Text(301, "", "text/plain", "Location: https://web.default.svc.cluster.local/x"));
        secure.Respond(RawAnswer.Text(301, "", "text/plain", "Location: https://web.default.svc.cluster.local/x"));

        var response = await passage.GetAsync("/clusters/main/serviceproxy/default/web?request=x&port=http");

        response.Status.Should().Be(301, response.ToString());
        secure.Requests.Count.Should().BeLessThanOrEqualTo(3);
    }

    [Theory]
    [MemberData(nameof(Others))]
    public async Task H79_T10_A_redirect_to_another_host_passes_and_the_other_host_sees_nothing(Via via, Shape shape, int status)
    {
        await using var other = new RawUpstream();
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        foreach (var location in new[] { $"http://127.0.0.1:{other.Port}/steal?a=b", $"//127.0.0.1:{other.Port}/steal", $"https://web.default.svc.cluster.local.evil.example/x", "http://user@evil.example/" })
        {
            passage.Upstream.Respond(RawAnswer.Text(status, "", "text/plain", "Location: " + location, "Connection: close") with { Then = AfterAnswer.Close });

            var response = await passage.GetAsync(shape.Target("/x"));

            response.Status.Should().Be(status, response.ToString());
            response.Headers("Location").Should().Equal(location);
        }

        other.ConnectionCount.Should().Be(0);
        passage.Seen.Should().HaveCount(4);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H80_A_redirect_within_the_Service_passes_in_the_form_of_the_request(Via via, WireProtocol protocol)
    {
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        passage.Upstream.Respond(RawAnswer.Text(302, "", "text/plain", "Location: /login"));

        string?[] locations =
        [
            await LocationAsync(passage, protocol, "/serviceproxy/default/web/a/b"),
            await LocationAsync(passage, protocol, "/clusters/main/serviceproxy/default/web/a/b"),
            await LocationAsync(passage, protocol, "/serviceproxy/default/web?request=a%2Fb"),
            await LocationAsync(passage, protocol, "/clusters/main/serviceproxy/default/web?request=a%2Fb"),
            await LocationAsync(passage, protocol, "/serviceproxy/default/web:http/a/b"),
        ];

        locations.Should().Equal(
            "/serviceproxy/default/web/login",
            "/clusters/main/serviceproxy/default/web/login",
            "/serviceproxy/default/web?request=%2Flogin",
            "/clusters/main/serviceproxy/default/web?request=%2Flogin",
            "/serviceproxy/default/web:http/login");
    }

    [Theory]
    [InlineData("http://web.default.svc.cluster.local/login?a=b%2Fc&d")]
    [InlineData("http://web.default.svc.cluster.local:80/login?a=b%2Fc&d")]
    [InlineData("//web.default.svc.cluster.local/login?a=b%2Fc&d")]
    [InlineData("/login?a=b%2Fc&d")]
    public async Task H80_The_Services_own_origin_is_recognised_and_the_query_goes_along(string location)
    {
        await using var passage = await ServicePassage.StartAsync();
        passage.Upstream.Respond(RawAnswer.Text(302, "", "text/plain", "Location: " + location));

        var path = await LocationAsync(passage, WireProtocol.Http11, "/serviceproxy/default/web/x");
        var request = await LocationAsync(passage, WireProtocol.Http11, "/serviceproxy/default/web?request=x");

        path.Should().Be("/serviceproxy/default/web/login?a=b%2Fc&d");
        var parts = request!.Split("?request=");
        parts[0].Should().Be("/serviceproxy/default/web");
        Uri.UnescapeDataString(parts[1]).Should().Be("/login?a=b%2Fc&d");
        passage.Seen.Should().HaveCount(2);
    }

    [Fact]
    public async Task H80_Below_a_base_URL_the_rewritten_target_is_below_it_too()
    {
        await using var passage = await ServicePassage.StartAsync(change: static options => options with { BaseUrl = "/headlamp" });
        passage.Upstream.Respond(RawAnswer.Text(302, "", "text/plain", "Location: /login"));

        (await LocationAsync(passage, WireProtocol.Http11, "/headlamp/serviceproxy/default/web/x")).Should().Be("/headlamp/serviceproxy/default/web/login");
    }

    [Fact]
    public async Task H80_A_Location_as_an_API_server_rewrites_it_leads_back_to_the_door()
    {
        // kube-apiserver prefixes a Service's own Location with the path of services/proxy; the stand-in passes it as it is.
        await using var passage = await ServicePassage.StartAsync(Via.ApiServer.Choice());
        passage.Upstream.Respond(RawAnswer.Text(302, "", "text/plain", "Location: /api/v1/namespaces/default/services/http:web:80/proxy/login"));

        (await LocationAsync(passage, WireProtocol.Http11, "/serviceproxy/default/web/x")).Should().Be("/serviceproxy/default/web/login");
        (await LocationAsync(passage, WireProtocol.Http11, "/serviceproxy/default/web?request=x")).Should().Be("/serviceproxy/default/web?request=%2Flogin");
    }

    [Theory]
    [InlineData("/serviceproxy/default/web/x?port=http", 307)]
    [InlineData("/clusters/main/serviceproxy/default/web?request=x&port=http", 307)]
    [InlineData("/clusters/main/serviceproxy/default/web?request=x&port=http", 308)]
    [InlineData("/clusters/main/serviceproxy/default/web?request=x&port=http", 303)]
    public async Task H81_A_redirect_of_a_POST_is_not_followed(string target, int status)
    {
        await using var secure = Secure();
        await using var passage = await StartAsync(secure);
        passage.Upstream.Respond(RawAnswer.Text(status, "", "text/plain", "Location: https://web.default.svc.cluster.local/other"));

        var response = await passage.SendAsync(new RawRequest("POST", target).WithBody("body"));

        response.Status.Should().Be(status, response.ToString());
        passage.Seen.Should().ContainSingle().Which.BodyText.Should().Be("body");
        secure.ConnectionCount.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task H81_A_POST_is_not_repeated_at_another_host(Via via, WireProtocol protocol)
    {
        await using var other = new RawUpstream();
        await using var passage = await ServicePassage.StartAsync(via.Choice());
        passage.Upstream.Respond(RawAnswer.Text(307, "", "text/plain", $"Location: http://127.0.0.1:{other.Port}/x"));

        var response = await passage.ExchangeAsync(
            protocol, new RawRequest("POST", "/serviceproxy/default/web/x").WithBody("body").WithBearer(TestGateway.Token));

        response.Status.Should().Be(307, response.ToString());
        response.HeaderLines.Should().NotContain(static line => line.Value.Contains(TestGateway.Token));
        other.ConnectionCount.Should().Be(0);
    }

    private static RawUpstream Secure()
    {
        var upstream = new RawUpstream(new() { Certificate = TestCertificates.Shared.Server("web.default.svc", "web.default.svc.cluster.local", "localhost").Certificate });
        upstream.Respond(RawAnswer.Text(200, "secure"));
        return upstream;
    }

    private static Fairlead.Configuration.GatewayOptions Trusting(Fairlead.Configuration.GatewayOptions options) => options.WithDoor(static door => door with
    {
        ExternalNames = ["localhost"],
        Services = [.. new[] { "web", "hub" }.Select(static name => new Fairlead.Configuration.ServiceOptions
        {
            Cluster = "main", Namespace = "default", Name = name, CertificateAuthority = new PemSource.Inline(new Secret(TestCertificates.Shared.AuthorityPem)),
        })],
    });

    // default/web with the port http at the passage's upstream and the port https at the other.
    private static async Task<ServicePassage> StartAsync(RawUpstream secure, string secureAddress = "127.0.0.1", string allowed = "127.0.0.0/8")
    {
        var passage = await ServicePassage.StartAsync(change: options => Trusting(options).WithDoor(door => door with { AllowedAddresses = [IPNetwork.Parse(allowed)] }));
        passage.Cluster.Put("""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default"},
             "spec":{"clusterIP":"None","ports":[{"name":"http","port":80},{"name":"https","port":443}]}}
            """);
        passage.Cluster.Put(Slice("web-1", "127.0.0.1", "http", passage.Upstream.Port));
        passage.Cluster.Put(Slice("web-2", secureAddress, "https", secure.Port));
        return passage;
    }

    private static string Slice(string name, string address, string port, int number) => $$"""
        {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
         "metadata":{"name":"{{name}}","namespace":"default","labels":{"kubernetes.io/service-name":"web"} },
         "ports":[{"name":"{{port}}","port":{{number}},"protocol":"TCP"}],"endpoints":[{"addresses":["{{address}}"],"conditions":{"ready":true} }]}
        """;

    private static string External(string name, string host, int port, int? securePort = null) => $$"""
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"{{name}}","namespace":"default"},
         "spec":{"type":"ExternalName","externalName":"{{host}}","ports":[{"name":"http","port":{{port}}}{{(securePort is null ? "" : $",{{\"name\":\"secure\",\"port\":{securePort}}}")}}]} }
        """;

    private static async Task<string?> LocationAsync(ServicePassage passage, WireProtocol protocol, string target)
    {
        var response = await passage.ExchangeAsync(protocol, RawRequest.Get(target).WithBearer(ServiceCluster.UserToken));
        response.Status.Should().Be(302, response.ToString());
        return response.Header("Location");
    }
}
