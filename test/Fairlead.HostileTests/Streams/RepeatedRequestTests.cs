using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Streams;

/// <summary>An upstream that takes a request and closes without a word may have done what was asked.</summary>
public sealed class RepeatedRequestTests
{
    private const string Exec = "/api/v1/namespaces/n/pods/x/exec?command=sh";

    [Theory]
    [InlineData(AfterAnswer.Close)]
    [InlineData(AfterAnswer.Reset)]
    public async Task T94_What_may_have_had_its_effect_is_not_sent_again(AfterAnswer how)
    {
        await using var world = await HostileWorld.StartAsync();
        world.Upstream.Respond(RawAnswer.Nothing(how));
        foreach (var way in HostileWays.All)
        {
            foreach (var request in Requests(way))
            {
                var mark = world.Mark();
                await using var client = await world.ConnectAsync(way);
                var sent = world.Request(way, request);

                var response = await (request.Headers.Any(static line => line.Name is "Sec-WebSocket-Key") ? await client.UpgradeAsync(sent) : await client.SendAsync(sent)).ReadToEndAsync();

                response.Status.Should().Be(502, "{0}, {1} {2}: {3}", way, request.Method, request.Target, response);
                world.SentSince(mark).Should().ContainSingle($"{way}, {request.Method} {request.Target}");
            }
        }
    }

    private static IEnumerable<RawRequest> Requests(HostileWay way)
    {
        yield return RawRequest.WebSocket(Exec, "v5.channel.k8s.io");
        yield return new RawRequest("POST", "/api/v1/namespaces/n/services/web/proxy/trigger").With("Content-Length", "0");
        yield return new RawRequest("PATCH", "/api/v1/namespaces/n/pods/x");
        yield return new RawRequest("DELETE", "/api/v1/namespaces/n/pods/x");
        yield return new RawRequest("PUT", "/api/v1/namespaces/n/pods/x");
        yield return new RawRequest("POST", "/api/v1/namespaces/n/pods").WithBody("{}");
        if (!way.IsHttp2)
        {
            yield return SpdyHandshake.Request(Exec);
            yield return new RawRequest("POST", "/api/v1/namespaces/n/pods/x/eviction");
        }
    }
}
