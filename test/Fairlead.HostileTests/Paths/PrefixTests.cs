using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.HostileTests.Paths;

/// <summary>A door's prefix in disguise is no door: never routed by the decoded path and forwarded by the raw one.</summary>
public sealed class PrefixTests
{
    [Fact]
    public async Task T100_T104_An_encoded_or_detoured_spelling_of_a_prefix_is_400()
    {
        await using var world = await HostileWorld.StartAsync();
        var audit = new HostileAudit(world);
        foreach (var way in HostileWays.All)
        {
            await using var client = await world.ConnectAsync(way);
            foreach (var target in Disguised(way.Door))
            {
                var mark = world.Mark();
                var request = world.Request(way, RawRequest.Get("")) with { Target = target };

                var response = await (await client.SendAsync(request)).ReadToEndAsync();

                response.Status.Should().Be(400, $"{way}: {target} {response}".Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
                response.Header("Proxy-Status").Should().StartWith("fairlead; error=", $"{way}: {target}");
                world.SentSince(mark).Should().BeEmpty($"{way}: {target}");
                audit.Expect(target, 400);
            }
        }

        world.Cluster.Requests.Should().NotContain(static request => request.Target.Contains("canary", StringComparison.Ordinal));
        await audit.ShouldBeCompleteAsync();
    }

    /// <summary>A doubled slash or another case makes another path, which no door serves.</summary>
    [Fact]
    public async Task T100_T104_Another_path_that_looks_like_a_prefix_is_404()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            var prefix = HostileWorld.Prefix(way.Door);
            foreach (var target in (string[])["/" + prefix + "/canary", prefix.ToUpperInvariant() + "/canary", prefix.Replace("/", "//", StringComparison.Ordinal) + "/canary", "/x" + prefix + "/canary"])
            {
                var mark = world.Mark();

                var response = await world.ExchangeAsync(way, world.Request(way, RawRequest.Get("")) with { Target = target });

                response.Status.Should().Be(404, $"{way}: {target}");
                world.SentSince(mark).Should().BeEmpty($"{way}: {target}");
            }
        }

        world.Cluster.Requests.Should().NotContain(static request => request.Target.Contains("canary", StringComparison.Ordinal));
    }

    private static string[] Disguised(DoorName door) => door switch
    {
        DoorName.Backstage =>
        [
            "/x/../api/kubernetes/proxy/canary", "/x/%2e%2e/api/kubernetes/proxy/canary", "/./api/kubernetes/proxy/canary", "/api/kubernetes/pr%6Fxy/canary", "/api/kubernetes/%70roxy/canary",
            "/%61pi/kubernetes/proxy/canary", "/api%2Fkubernetes/proxy/canary", "/api/kubernetes%2fproxy/canary", "/api/kubernetes/proxy%2Fcanary", "/%2Fapi/kubernetes/proxy/canary",
            "/api/kubernetes/clusters/../proxy/canary", "/api/kubernetes;/../proxy/canary", "/api/kubernetes\\proxy/canary",
        ],
        DoorName.Cluster =>
        [
            "/x/../clusters/kind/canary", "/x/%2e%2e/clusters/kind/canary", "/./clusters/kind/canary", "/%63lusters/kind/canary", "/cluster%73/kind/canary", "/clusters%2Fkind/canary", "/%2Fclusters/kind/canary",
            "/clusters/kind/../main/canary", "/clusters/main/../kind/canary", "/clusters/k%69nd%2F../canary", "/clusters\\kind/canary",
        ],
        _ =>
        [
            "/x/../serviceproxy/default/web/canary", "/%73erviceproxy/default/web/canary", "/serviceprox%79/default/web/canary", "/serviceproxy%2Fdefault/web/canary", "/./serviceproxy/default/web/canary",
            "/clusters/main/%73erviceproxy/default/web/canary", "/clusters/main/serviceproxy%2Fdefault/web/canary", "/clusters/main/x/../serviceproxy/default/web/canary", "/%63lusters/main/serviceproxy/default/web/canary",
            "/clusters%2Fmain/serviceproxy/default/web/canary",
        ],
    };
}
