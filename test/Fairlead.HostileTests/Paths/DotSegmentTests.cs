using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Paths;

/// <summary>Paths that leave a prefix in somebody's reading: refused with one record each, and no byte upstream.</summary>
public sealed class DotSegmentTests
{
    // "other" is a Service beside the one that is asked.
    private static readonly string[] _tails =
    [
        "/../other/x",
        "/../../other/x",
        "/../../default/other/x",
        "/..",
        "/.",
        "/./x",
        "/x/./y",
        "/x/../../other/x",
        "//../other/x",
        "/x//../../../other/x",
        "/%2e%2e/other/x",
        "/%2E%2E/../other/x",
        "/.%2e/other/x",
        "/%2e./other/x",
        "/%2e/x",
        "/..;/other/x",
        "/..;v=1/other/x",
        "/%2e%2e;/other/x",
        "/..%3b/other/x",
        "/.;/x",
        "/%2f..%2fother/x",
        "/%2f..%2f",
        "/..%2fother/x",
        "/x%2f..%2f..%2fother/x",
        "/x%2F%2E%2E%2Fother",
        "/\\..\\other\\x",
        "/..\\other",
        "/..%5cother/x",
        "/%5c..%5c..%5cother",
        "/x\\y",
        "/%0d%0aX-Injected:%20a",
        "/x%0d%0a%0d%0aGET%20/y",
        "/x%0ay",
        "/x%1f",
        "/x%7f",
        "/%c0%ae%c0%ae/other/x",
        "/%c0%ae/x",
        "/%C0%AE./other/x",
        "/%e0%80%ae%e0%80%ae/other/x",
        "/%f0%80%80%ae./other/x",
        "/x%c0%af..%c0%afother",
        "/x/..%c0%afother",
        "/%c0%ae%c0%ae%c0%afother/x",
    ];

    [Fact]
    public async Task T40_T104_Leaving_a_prefix_is_impossible_in_any_spelling()
    {
        await using var other = new RawUpstream();
        await using var world = await HostileWorld.StartAsync();
        ServiceCluster.AddService(world.Cluster, "other", other.Port);
        var audit = new HostileAudit(world);
        foreach (var way in HostileWays.All)
        {
            await using var client = await world.ConnectAsync(way);
            foreach (var target in _tails.Concat(_tails.Select(static tail => "/api/v1/namespaces/default/services/web/proxy" + tail)))
            {
                var mark = world.Mark();
                var request = world.Request(way, RawRequest.Get(target));

                var response = await (await client.SendAsync(request)).ReadToEndAsync();

                world.ShouldBeRefused(way, response, 400, mark, target);
                audit.Expect(request.Target, 400);
            }
        }

        other.ConnectionCount.Should().Be(0);
        await audit.ShouldBeCompleteAsync();
    }

    [Fact]
    public async Task T40_T104_The_segments_that_choose_the_Service_cannot_be_left()
    {
        await using var other = new RawUpstream();
        await using var world = await HostileWorld.StartAsync();
        ServiceCluster.AddService(world.Cluster, "other", other.Port);
        var audit = new HostileAudit(world);
        foreach (var way in HostileWays.All.Where(static way => way.Door is DoorName.Service))
        {
            await using var client = await world.ConnectAsync(way);
            foreach (var target in (string[])
            [
                "/serviceproxy/default/web/../../default/other/x", "/serviceproxy/default/../default/other/x", "/serviceproxy/./default/other/x", "/serviceproxy/%2e%2e/other/x",
                "/serviceproxy/default/%2e%2e/other", "/serviceproxy/default/web%2f..%2fother/x", "/serviceproxy/default/web%5c..%5cother/x", "/serviceproxy/default/..;/other/x",
                "/serviceproxy/default/web/../other?request=x", "/clusters/main/serviceproxy/default/../../serviceproxy/default/other/x", "/clusters/main/../main/serviceproxy/default/other/x",
            ])
            {
                var mark = world.Mark();
                var response = await (await client.SendAsync(world.Identified(way.Login, RawRequest.Get(target)))).ReadToEndAsync();

                response.Status.Should().Be(400, $"{way}: {target}");
                response.Header("Proxy-Status").Should().StartWith("fairlead; error=", $"{way}: {target}");
                world.SentSince(mark).Should().BeEmpty($"{way}: {target}");
                audit.Expect(target, 400);
            }
        }

        other.ConnectionCount.Should().Be(0);
        await audit.ShouldBeCompleteAsync();
    }

    [Fact]
    public async Task T40_T104_An_encoded_NUL_ends_at_the_server_itself()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            foreach (var target in (string[])["/x%00", "/%00", "/%00/../other/x", "/api/v1/namespaces/n%00/pods"])
            {
                var mark = world.Mark();

                var response = await world.GetAsync(way, target);

                // HTTP/2 has no answer to a malformed request but a stream error (RFC 9113 section 8.1.1).
                response.Status.Should().Be(way.IsHttp2 ? 0 : 400, $"{way}: {target}");
                response.StreamError.Should().Be(way.IsHttp2 ? 1 : null, $"{way}: {target}");
                world.SentSince(mark).Should().BeEmpty($"{way}: {target}");
            }
        }
    }

    /// <summary>Two slashes are no dot segment: the Service is the one that was judged, and gets them as they are.</summary>
    [Fact]
    public async Task T40_T104_Doubled_slashes_stay_with_the_Service_that_was_judged()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All.Where(static way => way.Door is DoorName.Service))
        {
            foreach (var tail in (string[])["//", "//x", "/x//y", "///other//x", "//default/other/x"])
            {
                var mark = world.Mark();

                var response = await world.GetAsync(way, tail);

                response.Status.Should().Be(200, $"{way}: {tail}");
                world.SentSince(mark).Should().ContainSingle($"{way}: {tail}").Which.Target.Should().Be(tail);
            }
        }

        foreach (var record in (await world.ReadAuditAsync()).Where(static record => record.GetProperty("requestURI").GetString()!.Contains("/serviceproxy/", StringComparison.Ordinal)))
        {
            record.GetProperty("annotations").GetProperty("fairlead.dev/service").GetString().Should().Be("default/web:80");
        }
    }
}
