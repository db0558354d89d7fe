using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.HostileTests.Paths;

/// <summary>Method tokens: what is judged, what is recorded and what is sent is one method.</summary>
public sealed class MethodTests
{
    [Fact]
    public async Task T103_A_method_that_is_not_served_is_405()
    {
        await using var world = await HostileWorld.StartAsync();
        var audit = new HostileAudit(world);
        foreach (var way in HostileWays.All)
        {
            await using var client = await world.ConnectAsync(way);
            foreach (var method in (string[])["FOO", "foo", "GETX", "GE", "TRACE", "trace", "PROPFIND", "PRI", "X-HTTP-Method-Override", new string('M', 1024), "!#$%&'*+-.^_`|~"])
            {
                var mark = world.Mark();
                var request = world.Request(way, new RawRequest(method, "/api/v1/namespaces/n/pods/p"));

                var response = await (await client.SendAsync(request)).ReadToEndAsync();

                world.ShouldBeRefused(way, response, 405, mark, method);
                response.Header("Allow").Should().Be("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", $"{way}: {method}");
                audit.Expect(request.Target, 405);
            }
        }

        await audit.ShouldBeCompleteAsync();
    }

    [Fact]
    public async Task T103_A_token_that_is_none_never_arrives()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            foreach (var method in (string[])["GET\t", "G(T", "G@T", "GÄT", "\"GET\"", ""])
            {
                var mark = world.Mark();

                var response = await world.SendAsync(way, new RawRequest(method, "/x"));

                response.Status.Should().BeOneOf(way.IsHttp2 ? [0, 400, 405] : [400], $"{way}: {method}");
                world.SentSince(mark).Should().BeEmpty($"{way}: {method}");
            }
        }
    }

    [Fact]
    public async Task T103_A_known_method_in_any_case_is_judged_recorded_and_sent_in_its_canonical_form()
    {
        await using var world = await HostileWorld.StartAsync(static options => options with { AccessRules = [.. options.AccessRules.Select(static rule => rule with { Verbs = ["get", "patch"] })] });
        foreach (var way in HostileWays.All)
        {
            var mark = world.Mark();
            foreach (var (method, status) in ((string, int)[])[("get", 200), ("pAtCh", 200), ("Head", 200), ("dElEtE", 403), ("post", 403), ("PuT", 403)])
            {
                (await world.SendAsync(way, new RawRequest(method, "/api/v1/namespaces/n/pods/p"))).Status.Should().Be(status, $"{way}: {method}");
            }

            world.SentSince(mark).Select(static seen => seen.Method).Should().Equal(["GET", "PATCH", "HEAD"], way.ToString());
        }

        // The API server's words at the two doors to it; at a Service they are those of services/proxy.
        var verbs = (await world.ReadAuditAsync()).Where(static record => record.GetProperty("requestURI").GetString()!.EndsWith("/pods/p", StringComparison.Ordinal))
            .Select(static record => record.GetProperty("verb").GetString()).ToHashSet();
        verbs.Should().BeSubsetOf(["get", "patch", "delete", "create", "update"]);
    }
}
