using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.ServiceDoor;

/// <summary>Targets that somebody could read in another way than the gateway. Each runs from HTTP/1.1 and HTTP/2 clients, which is T104.</summary>
public sealed class TargetTests
{
    private const string Web = "/serviceproxy/default/web";

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task T40_T104_Leaving_the_Services_prefix_is_impossible(ServiceWay way)
    {
        await using var other = new RawUpstream();
        await using var passage = await ServiceWire.StartAsync(way);
        ServiceCluster.AddService(passage.Cluster, "other", other.Port);
        string[] paths =
        [
            "/../other/x",
            "/../../other/x",
            "/../../default/other/x",
            "/..",
            "/.",
            "/./x",
            "/%2e%2e/other/x",
            "/%2E%2E/other/x",
            "/.%2e/other/x",
            "/%2e/x",
            "/..;/other/x",
            "/..;v=1/other/x",
            "/%2e%2e;/other/x",
            "/..%3b/other/x",
            "/%2f..%2fother/x",
            "/%2f..%2f",
            "/..%2fother/x",
            "/a%2f..%2f..%2fother/x",
            "/a%2F%2E%2E",
            "/\\..\\other\\x",
            "/..\\other",
            "/..%5cother/x",
            "/a%5c..%5c..%5cother",
            "/%c0%ae%c0%ae/other/x",
            "/%c0%ae/x",
            "/%e0%80%ae%e0%80%ae/other/x",
            "/%f0%80%80%ae./other/x",
            "/a%c0%af..%c0%afother",
            "/a%0d%0aX-A:%20b",
            "/a%0ab",
            "/a%1f",
            "/a%7f",
        ];

        await passage.ShouldRefuseAsync(way, 400, from prefix in new[] { Web, "/clusters/main" + Web } from path in paths select prefix + path);
        await passage.ShouldRefuseAsync(way, 400, "/serviceproxy/default/../default/web/x", "/serviceproxy/./default/web/x");
        foreach (var outside in new[] { "/clusters/main/../main/serviceproxy/default/web/x", "/x/../serviceproxy/default/web/x" })
        {
            (await passage.GetAsync(way, outside)).Status.Should().Be(400, outside);
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.ShouldHaveServedNobody();
        other.ConnectionCount.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task T40_T104_An_encoded_NUL_ends_at_the_server_itself(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        foreach (var target in new[] { Web + "/a%00", "/serviceproxy/default/web%00/x", "/serviceproxy/def%00ault/web/x", "/serviceproxy/default/web%00?request=x" })
        {
            var response = await passage.GetAsync(way, target);

            // HTTP/2 has no answer to a malformed request but a stream error (RFC 9113 section 8.1.1).
            response.Status.Should().Be(way.FromHttp2() ? 0 : 400, target);
            response.StreamError.Should().Be(way.FromHttp2() ? 1 : null, target);
        }

        (await passage.GetAsync(way, Web + "?request=a%00b")).ShouldBeRefused(400);
        (await passage.GetAsync(way, Web + "?request=a%2500b")).ShouldBeRefused(400);
        passage.ShouldHaveSentNothing();
        passage.Cluster.ShouldHaveServedNobody();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task T41_T102_T104_A_path_arrives_byte_for_byte(ServiceWay way) => await ShouldPassAsync(
        way,
        "/a%2Fb",
        "/a%2fb",
        "/a%252Fb",
        "/a%252e%252e/b",
        "/a%5Cb",
        "/a%20b+c",
        "/a+b",
        "/a;a=b/c;",
        "//",
        "//x",
        "/c//d//",
        "/a/...",
        "/a..b/..c/d..",
        "/a%2E%2E%2Eb",
        "/a%C3%A4%E2%82%AC",
        "/a%FF",
        "/a:b@c",
        "/!$&'()*+,;=~_-.",
        "/a[b]{c}|d^e`f\"g<h>",
        "/http://evil.example/x",
        "/proxy/api/v1/namespaces/kube-system/secrets");

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task T41_T104_A_query_arrives_byte_for_byte(ServiceWay way) => await ShouldPassAsync(
        way,
        "/x?labelSelector=a%3Db&y=%20&z=a+b&&k=",
        "/x??",
        "/x?x=1&x=2&X=3",
        "/x?=;&;=",
        "/x?a=b;c=d",
        "/x?q=%zz%&r=%2",
        "/x?q=../..%2e%2e/%2F\"{}|^`<>[]",
        "/x?q=%00%0d%0a%C0%AE",
        "/x?a=%2F&b=%252F&c=%252e%252e",
        "/x?Port=1&ports=2&xport=3",
        "/x?" + string.Join('&', Enumerable.Repeat("a", 10_001)));

    [Theory]
    [MemberData(nameof(ServiceWays.Direct), MemberType = typeof(ServiceWays))]
    public async Task T41_T104_An_empty_query_arrives_as_one(ServiceWay way) => await ShouldPassAsync(way, "/x?", "/x/?", "/x", "/?");

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task T41_T104_A_number_sign_is_refused(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);

        await passage.ShouldRefuseAsync(
            way, 400, Web + "/a#b", Web + "/#", Web + "#", Web + "/a?b#c", Web + "/a?b\\c", Web + "?request=a#b", "/clusters/main" + Web + "/a#b");
    }

    [Fact]
    public async Task T40_H21_The_absolute_form_is_refused()
    {
        await using var passage = await ServicePassage.StartAsync();
        foreach (var target in new[] { "http://127.0.0.1" + Web + "/x", "http://evil.example" + Web + "/x", "http://127.0.0.1" + Web + "?request=x" })
        {
            (await passage.GetAsync(target)).Status.Should().Be(400, target);
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.ShouldHaveServedNobody();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task T102_T104_An_escape_that_could_move_a_deciding_segment_is_refused(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        await passage.ShouldRefuseAsync(
            way,
            400,
            "/clusters/ma%5Cin/serviceproxy/default/web/x",
            "/clusters/ma%252Fin/serviceproxy/default/web/x",
            "/clusters/%2E%2E/serviceproxy/default/web/x",
            "/clusters/main%2F../serviceproxy/default/web/x",
            "/clusters/main%2F..%2Fmain/serviceproxy/default/web/x",
            "/serviceproxy/%2E%2E/web/x",
            "/serviceproxy/%2E%2E/default/web/x",
            "/serviceproxy/default/%2E%2E/x",
            "/serviceproxy/default/web%2F..%2Fother/x",
            "/serviceproxy/default%2F../web/x",
            "/serviceproxy/default/%2E%2E?request=x",
            "/serviceproxy/default/..%2Fweb?request=x");
    }

    /// <summary>The hostile list says 400, the contract's F11 and H31 say 404 to names that are no DNS labels: both are refusals.</summary>
    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task T102_T104_An_encoded_slash_backslash_or_percent_sign_in_namespace_or_Service_leads_nowhere(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        string[] names = ["web%2Fx", "web%2fx", "%2Fweb", "web%5Cx", "web%252Fx", "w%2565b", "web%2Fproxy%2Fx", "http%3Aweb%3A80%2Fproxy", "web%3Fx", "web%23x", "web%zz", "web%", "%FFweb", "web%25"];
        foreach (var target in names.SelectMany(static name => new[]
        {
            $"/serviceproxy/default/{name}/x", $"/serviceproxy/default/{name}?request=x", $"/serviceproxy/{name}/web/x", $"/serviceproxy/{name}/web?request=x",
        }))
        {
            var response = await passage.GetAsync(way, target);
            response.Status.Should().BeOneOf([400, 404], target);
            response.ShouldBeRefused(response.Status, " ", target);
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.Proxied().Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(ServiceWays.All), MemberType = typeof(ServiceWays))]
    public async Task T102_T104_A_qualified_cluster_name_that_is_none_leads_nowhere(ServiceWay way)
    {
        await using var passage = await ServiceWire.StartAsync(way);
        foreach (var cluster in new[] { "ma%2Fin", "main%2Fserviceproxy", "main--", "--main", "other--main", "%2Fmain" })
        {
            var target = $"/clusters/{cluster}/serviceproxy/default/web/x";
            var response = await passage.Gateway.ExchangeAsync(way, RawRequest.Get(target).WithBearer(TestGateway.Token));
            response.Status.Should().BeOneOf([400, 404], target);
            response.ShouldBeRefused(response.Status, " ", target);
        }

        passage.ShouldHaveSentNothing();
        passage.Cluster.ShouldHaveServedNobody();
    }

    private static async Task ShouldPassAsync(ServiceWay way, params string[] paths)
    {
        await using var passage = await ServiceWire.StartAsync(way);

        (await passage.TargetsOfAsync(way, paths.Select(static path => Web + path))).Should().Equal(paths);
        (await passage.TargetsOfAsync(way, paths.Select(static path => "/clusters/main" + Web + path))).Should().Equal(paths);
    }
}
