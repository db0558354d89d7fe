using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Resources;
using Fairlead.Services;
using Fairlead.Testing.Gateways;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Fairlead.Tests.Forwarding;

public sealed class ServiceLocationTests
{
    private const string Host = "web.default.svc.cluster.local";
    private const string Door = "/clusters/main/serviceproxy/default/web";
    private const string Proxy = "/api/v1/namespaces/default/services/http:web:80/proxy";

    [Theory]
    [InlineData("/login", Door + "/login")]
    [InlineData("/", Door + "/")]
    [InlineData("/a%2Fb?x=%20#f", Door + "/a%2Fb?x=%20#f")]
    [InlineData($"http://{Host}/login", Door + "/login")]
    [InlineData($"http://{Host}:80/login", Door + "/login")]
    [InlineData($"HTTP://WEB.default.svc.cluster.local/Login", Door + "/Login")]
    [InlineData($"http://{Host}", Door + "/")]
    [InlineData($"http://{Host}?x", Door + "/?x")]
    [InlineData(Door + "/login", Door + "/login")]
    [InlineData(Door, Door)]
    [InlineData(Door + "?x", Door + "?x")]
    [InlineData(Door + "2/login", Door + Door + "2/login")]
    public void H80_F32_In_the_path_form_the_Services_own_places_move_to_the_door(string location, string expected) => PathForm(location).Should().Be(expected);

    [Theory]
    [InlineData("login", "/clusters/main/serviceproxy/default/web/api/login")]
    [InlineData("?page=2", "/clusters/main/serviceproxy/default/web/api/charts?page=2")]
    [InlineData("../login#top", "/clusters/main/serviceproxy/default/web/login#top")]
    [InlineData("../../../login", "/clusters/main/serviceproxy/default/web/login")]
    public void F32_A_relative_place_is_resolved_at_the_Service(string location, string rewritten) => PathForm(location).Should().Be(rewritten);

    [Theory]
    [InlineData("https://idp.example/authorize?redirect_uri=x")]
    [InlineData("//evil.example/x")]
    [InlineData($"https://{Host}/login")]
    [InlineData($"http://{Host}:8080/login")]
    [InlineData($"http://{Host}.evil.example/login")]
    [InlineData($"http://{Host}@evil.example/login")]
    [InlineData($"http://{Host}:80@evil.example/login")]
    [InlineData($"http://user@{Host}/login")]
    [InlineData($"http://evil.example/http://{Host}/")]
    [InlineData("")]
    public void F32_Any_other_place_stays_as_it_is(string location) => PathForm(location).Should().Be(location);

    [Theory]
    [InlineData("/login", Door + "?request=%2Flogin")]
    [InlineData("/a%2Fb?x=1&y=%20", Door + "?request=%2Fa%252Fb%3Fx%3D1%26y%3D%2520")]
    [InlineData($"http://{Host}/login", Door + "?request=%2Flogin")]
    [InlineData($"http://{Host}", Door + "?request=%2F")]
    [InlineData("next", Door + "?request=%2Fapi%2Fnext")]
    [InlineData("next?x=a:b", Door + "?request=%2Fapi%2Fnext%3Fx%3Da%3Ab")]
    [InlineData("sub/next", Door + "?request=%2Fapi%2Fsub%2Fnext")]
    [InlineData("?page=2", Door + "?request=%2Fapi%2Fcharts%3Fpage%3D2")]
    public void H80_F32_In_the_request_form_they_become_requests(string location, string expected) => RequestForm(location).Should().Be(expected);

    [Theory]
    [InlineData("https://idp.example/authorize")]
    [InlineData("//evil.example/x")]
    [InlineData("mailto:jane@example.com")]
    [InlineData($"http://{Host}:8080/login")]
    [InlineData($"http://{Host}@evil.example/login")]
    public void H79_F32_In_the_request_form_other_places_stay_as_well(string location) => RequestForm(location).Should().Be(location);

    [Fact]
    public void F32_A_relative_redirect_with_a_colon_in_its_query_is_relative() =>
        RequestForm("?next=a:b").Should().Be(Door + "?request=%2Fapi%2Fcharts%3Fnext%3Da%3Ab");

    [Theory]
    [InlineData("../login", "/login")]
    [InlineData("./next", "/api/next")]
    [InlineData("../../login", "/login")]
    public void F32_A_relative_redirect_upwards_becomes_a_request_that_the_door_takes(string location, string expected)
    {
        var rewritten = RequestForm(location);

        rewritten.Should().StartWith(Door + "?request=");
        RequestValue.Read(rewritten[(Door.Length + "?request=".Length)..], out var refusal).Should().Be(expected, "{0} is what the client asks for next ({1})", rewritten, refusal?.Message);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/a%2Fb?x=1&y=%20+z")]
    [InlineData("next?x=1")]
    [InlineData("?page=2")]
    public void F32_What_the_request_form_is_rewritten_to_leads_to_the_place_that_was_meant(string location)
    {
        var target = new Router("").Find(Inbound.Target(RequestForm(location))).Should().BeOfType<DoorRoute.Service>().Which.Target;

        target.IsRequestForm.Should().BeTrue();
        target.PathAndQuery.Should().Be(new Uri(new Uri($"http://{Host}/api/charts?x=1"), location).PathAndQuery);
    }

    [Theory]
    [InlineData(Proxy + "/login", Door + "/login")]
    [InlineData(Proxy + "/login?x#f", Door + "/login?x#f")]
    [InlineData(Proxy, Door + "/")]
    [InlineData(Proxy + "?x", Door + "/?x")]
    [InlineData(Proxy + "/", Door + "/")]
    [InlineData("https://kube.test:6443" + Proxy + "/login", Door + "/login")]
    [InlineData("HTTPS://KUBE.test:6443" + Proxy + "/login", Door + "/login")]
    [InlineData($"http://{Host}/login", Door + "/login")]
    [InlineData(Proxy + "x/login", Door + Proxy + "x/login")]
    [InlineData("https://kube.test:64430" + Proxy + "/login", "https://kube.test:64430" + Proxy + "/login")]
    [InlineData("https://evil.example" + Proxy + "/login", "https://evil.example" + Proxy + "/login")]
    public void F32_Over_the_API_server_its_proxy_path_is_the_Services_origin(string location, string expected) =>
        Rewrite(location, isRequestForm: false, isDirect: false).Should().Be(expected);

    [Theory]
    [InlineData(Proxy + "/login", Door + "?request=%2Flogin")]
    [InlineData("https://kube.test:6443" + Proxy, Door + "?request=%2F")]
    public void F32_Over_the_API_server_the_request_form_stays_itself(string location, string expected) =>
        Rewrite(location, isRequestForm: true, isDirect: false).Should().Be(expected);

    [Fact]
    public void F32_Over_an_API_server_below_a_path_that_path_is_taken_off() =>
        Rewrite("/k8s/c1" + Proxy + "/login", isRequestForm: false, isDirect: false, server: "https://kube.test:6443/k8s/c1").Should().Be(Door + "/login");

    [Theory]
    [InlineData($"https://{Host}/charts", 443, "/charts")]
    [InlineData($"https://{Host}/a%2Fb//c/?x=%20&y", 443, "/a%2Fb//c/?x=%20&y")]
    [InlineData($"HTTPS://WEB.default.svc.cluster.local/charts", 443, "/charts")]
    [InlineData($"https://{Host}:8443/charts", 8443, "/charts")]
    [InlineData($"https://{Host}", 443, "/")]
    [InlineData($"https://{Host}?x=1", 443, "/?x=1")]
    public void H78_From_http_to_https_of_the_same_host_the_way_goes_on(string location, int port, string pathAndQuery) =>
        ServiceLocation.FollowsTo(location, Destination(isRequestForm: true, isDirect: true)).Should().Be((port, pathAndQuery));

    [Theory]
    [InlineData("https://other.example/charts")]
    [InlineData($"https://{Host}.evil.example/charts")]
    [InlineData($"https://{Host}@evil.example/charts")]
    [InlineData($"https://user@{Host}/charts")]
    [InlineData($"https://user:pw@{Host}/charts")]
    [InlineData($"http://{Host}/charts")]
    [InlineData("/charts")]
    [InlineData("charts")]
    [InlineData("//web.default.svc.cluster.local/charts")]
    [InlineData($"https://{Host}/../charts")]
    [InlineData($"https://{Host}/%2e%2e/charts")]
    [InlineData($"https://{Host}/a\\b")]
    [InlineData($"https://{Host}/a b")]
    [InlineData($"https://{Host}/caf\u00e9")]
    [InlineData("https://")]
    [InlineData("https://:443/")]
    [InlineData("https://web.default.svc.cluster.local:99999/")]
    [InlineData("")]
    public void H79_Nowhere_else_it_goes_on_by_itself(string location) =>
        ServiceLocation.FollowsTo(location, Destination(isRequestForm: true, isDirect: true)).Should().BeNull();

    [Fact]
    public void H79_From_https_it_goes_nowhere() =>
        ServiceLocation.FollowsTo($"https://{Host}/charts", Destination(isRequestForm: true, isDirect: true) with { Scheme = "https" }).Should().BeNull();

    private static string PathForm(string location) => Rewrite(location, isRequestForm: false, isDirect: true);

    private static string RequestForm(string location) => Rewrite(location, isRequestForm: true, isDirect: true);

    private static string Rewrite(string location, bool isRequestForm, bool isDirect, string server = Make.Url) =>
        ServiceLocation.Rewrite(location, Destination(isRequestForm, isDirect, server), Door);

    private static ServiceDestination Destination(bool isRequestForm, bool isDirect, string server = Make.Url) => new()
    {
        Cluster = Make.Cluster(TestCluster.Held("main", server)),
        Target = new ServiceTarget("default", "web", null, null, "/api/charts?x=1", isRequestForm),
        View = new ServiceView(new Service(new ObjectMeta("web", "default"), new ServiceSpec(ClusterIP: "10.0.0.1", Ports: [new ServicePort(80, "http")])), null),
        Port = new ServicePort(80, "http"),
        Scheme = "http",
        Pool = isDirect
            ? new ConnectionPool("web", static () => TlsMaterial.Load([], null), static _ => new SocketsHttpHandler(), TimeSpan.FromMinutes(1), TimeProvider.System, NullLogger<ConnectionPool>.Instance)
            : null,
        Host = Host,
        Options = null,
        Authorization = ServiceAuthorization.Forward,
        HeadersTimeout = TimeSpan.FromSeconds(60),
    };
}
