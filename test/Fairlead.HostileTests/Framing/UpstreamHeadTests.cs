using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Framing;

/// <summary>Upstreams whose answers are too large, no HTTP, no TLS, or come in several parts.</summary>
public sealed class UpstreamHeadTests
{
    [Fact]
    public async Task T107_Headers_beyond_the_limit_and_what_is_no_HTTP_are_502()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var (what, answer) in ((string, string)[])
        [
            ("70 KB in one header", RawAnswer.Head(200, "Content-Length: 0", "X-Large: " + new string('x', 70 * 1024))),
            ("70 KB in many headers", RawAnswer.Head(200, ["Content-Length: 0", .. Enumerable.Range(0, 700).Select(static i => $"X-{i}: {new string('x', 100)}")])),
            ("no HTTP", "+OK ready\r\n\r\n"),
            ("no status", "HTTP/1.1 \r\n\r\n"),
            ("a length that is none", RawAnswer.Head(200, "Content-Length: x")),
            ("two lengths", RawAnswer.Head(200, "Content-Length: 1", "Content-Length: 2") + "ab"),
            ("a name that is none", RawAnswer.Head(200, "Content-Length: 0", "X Y: z")),
        ])
        {
            world.Upstream.Respond(((RawAnswer)answer) with { Then = AfterAnswer.Close });
            foreach (var way in HostileWays.All)
            {
                var mark = world.Mark();

                var response = await world.GetAsync(way, "/x");

                response.Status.Should().Be(502, $"{way}: {what}");
                HostileWorld.ShouldHaveItsDoorsShape(way, response, $"{way}: {what}");
                response.BodyText.Should().NotContain("xxxx", $"{way}: {what}");
                world.SentSince(mark).Should().HaveCountLessThanOrEqualTo(1, $"{way}: {what}");
            }
        }
    }

    [Fact]
    public async Task T107_Plaintext_on_a_TLS_port_is_502()
    {
        await using var plaintext = RawUpstream.PlaintextOnTlsPort();
        await using var world = await StartWithTlsAsync(plaintext);
        foreach (var way in HostileWays.All)
        {
            var response = await world.ExchangeAsync(way, ToTls(world, way));

            response.Status.Should().Be(502, way.ToString());
            HostileWorld.ShouldHaveItsDoorsShape(way, response, way.ToString());
        }

        plaintext.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task T107_A_port_that_says_nothing_to_TLS_is_504_within_the_connect_bound()
    {
        await using var silent = new RawUpstream();
        silent.OnConnection(static connection => connection.PeerClosed);
        await using var world = await StartWithTlsAsync(silent, static options => options with { Timeouts = options.Timeouts with { Connect = TimeSpan.FromMilliseconds(300) } });
        foreach (var way in HostileWays.All)
        {
            var response = await world.ExchangeAsync(way, ToTls(world, way));

            response.Status.Should().Be(504, way.ToString());
            HostileWorld.ShouldHaveItsDoorsShape(way, response, way.ToString());
        }
    }

    [Fact]
    public async Task T107_An_interim_answer_is_followed_by_the_final_one()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var interim in (string[])
        [
            RawAnswer.Head(103, "Link: </style.css>; rel=preload"), RawAnswer.Head(100), RawAnswer.Head(102), string.Concat(Enumerable.Repeat(RawAnswer.Head(103, "Link: </a>", "Set-Cookie: evil=1"), 20)),
        ])
        {
            world.Upstream.Respond(interim + RawAnswer.Head(200, "Content-Length: 2", "Connection: close") + "{}");
            foreach (var way in HostileWays.All)
            {
                var response = await world.GetAsync(way, "/x");

                response.Status.Should().Be(200, $"{way}: {interim}");
                response.BodyText.Should().Be("{}", way.ToString());
                response.End.Should().Be(ResponseEnd.Complete, way.ToString());
                response.Interim.SelectMany(static each => each.Headers("Set-Cookie")).Should().BeEmpty(way.ToString());
            }
        }
    }

    [Fact]
    public async Task T107_Trailers_are_delivered_or_not_announced()
    {
        await using var world = await HostileWorld.StartAsync();
        world.Upstream.Respond(RawAnswer.Head(200, "Transfer-Encoding: chunked", "Trailer: X-Sum, Set-Cookie") + "2\r\n{}\r\n0\r\nX-Sum: 42\r\nSet-Cookie: fairlead-session=evil\r\nAccess-Control-Allow-Origin: *\r\n\r\n");
        foreach (var way in HostileWays.All)
        {
            var response = await world.GetAsync(way, "/x");

            response.Status.Should().Be(200, way.ToString());
            response.BodyText.Should().Be("{}", way.ToString().Replace("{", "", StringComparison.Ordinal));
            response.End.Should().Be(ResponseEnd.Complete, way.ToString());
            (response.Header("Trailer") is null || response.Trailers.Only("X-Sum") is "42").Should().BeTrue(way.ToString());
            response.Trailers.Select(static line => line.Name).Should().NotContain(static name => name.Equals("Set-Cookie", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase), way.ToString());
        }
    }

    /// <summary>Bytes that nobody asked for, after an answer that was whole: they answer nobody's question.</summary>
    [Fact]
    public async Task T107_An_answer_too_many_reaches_nobody()
    {
        await using var world = await HostileWorld.StartAsync();
        world.Upstream.Respond(static seen => RawAnswer.Head(200, $"Content-Length: {seen.Target.Length}") + seen.Target + RawAnswer.Head(200, "Content-Length: 4") + "evil");
        foreach (var way in HostileWays.All)
        {
            for (var i = 0; i < 5; i++)
            {
                var response = await world.GetAsync(way, $"/x{i}");
                response.Status.Should().Be(200, way.ToString());
                response.BodyText.Should().Be($"/x{i}", way.ToString());
            }
        }
    }

    /// <summary>A world in which the cluster <c>tls</c>, and the Service of that name, are at that upstream's port, over TLS.</summary>
    private static async Task<HostileWorld> StartWithTlsAsync(RawUpstream upstream, Func<GatewayOptions, GatewayOptions>? change = null)
    {
        var world = await HostileWorld.StartAsync(options => (change is null ? options : change(options)) with
        {
            ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("tls", [TestCluster.Held("tls", $"https://127.0.0.1:{upstream.Port}")])],
        });
        ServiceCluster.AddService(world.Cluster, "tls", upstream.Port, """[{"name":"https","port":443,"appProtocol":"https"}]""");
        return world;
    }

    private static RawRequest ToTls(HostileWorld world, HostileWay way) => world.Identified(way.Login, way.Door switch
    {
        DoorName.Backstage => RawRequest.Get("/api/kubernetes/proxy/x").With("Backstage-Kubernetes-Cluster", "tls"),
        DoorName.Cluster => RawRequest.Get("/clusters/tls/x"),
        _ => RawRequest.Get("/clusters/main/serviceproxy/default/tls/x"),
    });
}
