using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.HostileTests.Paths;

/// <summary>What is accepted arrives byte for byte, from every protocol, and the audit record says the same.</summary>
public sealed class TargetBytesTests
{
    private static readonly string[] _accepted =
    [
        "/x%2Fy",
        "/x%2fy",
        "/x%252Fy",
        "/x%252e%252e/y",
        "/x%20y",
        "/x+y",
        "/x;a=b/y;c",
        "/x;a=b?c;d",
        "/x",
        "/x/",
        "/x?",
        "/x/?",
        "/x??",
        "/x?a=1&a=2&A=3",
        "/x?=;&;=&&",
        "/x?q=%zz%&r=%2&%",
        "/x?q=../..%2e%2e/%2F\"{}|^`<>[]",
        "/x?q=%00%0d%0a%C0%AE",
        "/x?q=a%20b+c%2B",
        "/x?http://evil.example/",
        "/x?" + string.Join('&', Enumerable.Repeat("a", 10_001)),
        "/%C3%A4%E2%82%AC/%FF",
        "/x:y@z!$&'()*,~",
    ];

    [Fact]
    public async Task T41_T104_An_accepted_target_arrives_byte_for_byte()
    {
        await using var world = await HostileWorld.StartAsync();
        var audit = new HostileAudit(world);
        foreach (var way in HostileWays.All)
        {
            await using var client = await world.ConnectAsync(way);
            var mark = world.Mark();
            foreach (var target in _accepted)
            {
                var request = world.Request(way, RawRequest.Get(target));
                var response = await (await client.SendAsync(request)).ReadToEndAsync();
                response.Status.Should().Be(200, $"{way}: {target}");
                audit.Expect(request.Target, 200);
            }

            world.SentSince(mark).Select(static seen => seen.RequestLine).Should().Equal(_accepted.Select(static target => $"GET {target} HTTP/1.1"), way.ToString());
        }

        await audit.ShouldBeCompleteAsync();
    }

    [Fact]
    public async Task T41_T104_A_door_without_anything_below_is_asked_for_the_root()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All.Where(static way => way.Door is not DoorName.Service))
        {
            foreach (var (sent, seen) in ((string, string)[])[("", "/"), ("?", "/?"), ("/", "/"), ("/?", "/?"), ("?a=b", "/?a=b")])
            {
                var mark = world.Mark();
                (await world.GetAsync(way, sent)).Status.Should().Be(200, $"{way}: {sent}");
                world.SentSince(mark).Should().ContainSingle($"{way}: {sent}").Which.Target.Should().Be(seen, $"{way}: {sent}");
            }
        }
    }

    [Fact]
    public async Task T41_T104_A_number_sign_and_bytes_that_no_target_holds_are_refused()
    {
        await using var world = await HostileWorld.StartAsync();
        var audit = new HostileAudit(world);
        foreach (var way in HostileWays.All)
        {
            await using var client = await world.ConnectAsync(way);
            foreach (var target in (string[])["/x#y", "/x?a#b", "/#", "/x?a\\b", "#"])
            {
                var mark = world.Mark();
                var request = world.Request(way, RawRequest.Get(target));

                var response = await (await client.SendAsync(request)).ReadToEndAsync();

                world.ShouldBeRefused(way, response, 400, mark, target);
                audit.Expect(request.Target, 400);
            }
        }

        await audit.ShouldBeCompleteAsync();
    }
}
