using AwesomeAssertions;
using Fairlead.FunctionalTests.BackstageDoor;
using Xunit;

namespace Fairlead.FunctionalTests.Doors;

/// <summary>Request targets that pass byte for byte. Each runs from HTTP/1.1 and HTTP/2 clients, which is T104.</summary>
public abstract class TargetCases(EitherDoor door)
{
    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B10_T41_T104_A_query_arrives_byte_for_byte(Way way) => await ShouldPassAsync(
        way,
        "/api/v1/pods?labelSelector=a%3Db&y=%20&z=a+b&&k=",
        "/api/v1/pods?",
        "/api/v1/pods??",
        "/api/v1/pods?x=1&x=2&X=3",
        "/api/v1/pods?=;&;=",
        "/api/v1/pods?q=%zz%&r=%2",
        "/api/v1/pods?q=../..%2e%2e/%2F\"{}|^`<>[]",
        "/api/v1/pods?q=%00%0d%0a%C0%AE",
        "/version?" + string.Join('&', Enumerable.Repeat("a", 10_001)));

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task B11_T41_T102_T104_A_path_that_names_no_resource_arrives_byte_for_byte(Way way) => await ShouldPassAsync(
        way,
        "/c//d",
        "//c",
        "/c//",
        "/a%2Fb",
        "/a%2fb",
        "/a%252Fb",
        "/a%252e%252e/b",
        "/a%5Cb",
        "/a%20b+c",
        "/a;v=1/b;",
        "/a/...",
        "/a..b/..c/d..",
        "/a%2E%2E%2Eb",
        "/a%C3%A4%E2%82%AC",
        "/a%FF",
        "/a:b@c",
        "/!$&'()*+,;=~_-.",
        "/a[b]{c}|d^e`f\"g<h>",
        "/openapi/v3/apis%2Fapps%2Fv1",
        "/logs/");

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T102_T104_The_tail_of_a_proxy_sub_resource_arrives_byte_for_byte(Way way) => await ShouldPassAsync(
        way,
        "/api/v1/namespaces/n/services/https:s:443/proxy",
        "/api/v1/namespaces/n/services/s/proxy/",
        "/api/v1/namespaces/n/services/s/proxy//a//b/",
        "/api/v1/namespaces/n/services/s/proxy/a%2Fb?c=%2F",
        "/api/v1/namespaces/n/pods/p:80/proxy/a%252Fb;c",
        "/api/v1/nodes/n/proxy/logs/a%5Cb%25");

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T102_T104_Harmless_escapes_in_a_resource_path_arrive_byte_for_byte(Way way) => await ShouldPassAsync(
        way,
        "/api/v1/namespaces/n/pods/a%20b",
        "/api/v1/namespaces/n/configmaps/a%3Ab",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node",
        "/api/v1/namespaces/n/pods/");

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T105_A_selector_of_16_KiB_passes(Way way) =>
        await ShouldPassAsync(way, "/api/v1/pods?labelSelector=" + new string('a', 16 * 1024));

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task T105_An_exec_command_of_9_KB_passes(Way way) =>
        await ShouldPassAsync(way, "/api/v1/namespaces/n/pods/p/exec?command=sh&command=-c&command=" + new string('x', 9_000));

    private async Task ShouldPassAsync(Way way, params string[] targets)
    {
        await using var passage = await Passage.StartAsync(door, way);
        foreach (var target in targets)
        {
            var response = await passage.GetAsync(target);
            response.Status.Should().Be(200, "{0} passes, and the answer is {1}", target, response);
        }

        passage.Upstream.Requests.Select(static seen => seen.Target).Should().Equal(targets);
    }
}
