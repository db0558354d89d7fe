using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Identity;

/// <summary>What an upstream says in the gateway's name does not leave the gateway, whatever kind of document it is said with.</summary>
public sealed class HostileAnswerTests
{
    private static readonly string[] _held =
    [
        "Set-Cookie: fairlead-session=evil; Path=/", "Set-Cookie: __Host-fairlead-session=evil; Path=/; Secure", $"Set-Cookie: headlamp-auth-main.0=evil; Domain={HostileWorld.Host}", "Set-Cookie2: a=evil",
        "Clear-Site-Data: \"*\"", "Service-Worker-Allowed: /", "Access-Control-Allow-Origin: *", "Access-Control-Allow-Origin: https://evil.example", "Access-Control-Allow-Credentials: true",
        "Access-Control-Allow-Headers: *", "Access-Control-Expose-Headers: *", "Access-Control-Max-Age: 9", "Strict-Transport-Security: max-age=0", "Alt-Svc: h2=\"evil.example:1\"", "Report-To: {\"evil\":1}",
        "Reporting-Endpoints: a=\"https://evil.example\"", "NEL: {\"evil\":1}", "Refresh: 0; url=https://evil.example", "Proxy-Status: fairlead; error=evil",
    ];

    [Fact]
    public async Task T70_Isolation_is_there_and_cookies_workers_and_CORS_are_the_gateways_alone()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            foreach (var type in new[] { "text/html", "image/svg+xml", "application/javascript", "application/xhtml+xml", "text/xml", "application/pdf" })
            {
                foreach (var status in new[] { 200, 404, 500 })
                {
                    world.Upstream.Respond(RawAnswer.Text(
                        status, "<script>fetch('/')</script>", type,
                        [.. _held, "Content-Security-Policy: sandbox allow-scripts allow-same-origin", "X-Content-Type-Options: none", "Connection: close"]) with { Then = AfterAnswer.Close });

                    var response = await world.SendAsync(way, RawRequest.Get("/api/v1/namespaces/n/services/web/proxy/page").With("Origin", "https://" + HostileWorld.Host));

                    response.Status.Should().Be(status, "{0}, {1}: {2}", way, type, response);
                    _held.Select(static line => line.Split(':')[0]).Where(response.HeaderLines.Contains).Should().BeEmpty("{0}, {1}", way, type);
                    response.HeaderLines.ToString().Should().NotContain("evil", "{0}, {1}", way, type);
                    response.Headers("X-Content-Type-Options").Should().Equal(["nosniff"], "{0}, {1}", way, type);
                    // Of several policies all are in force: one that is the gateway's own locks up whatever another would let go.
                    response.Headers("Content-Security-Policy").Should().Contain("sandbox", "{0}, {1}", way, type);
                    if (way.Door is DoorName.Service)
                    {
                        response.Headers("Content-Security-Policy").Should().Equal(["sandbox"], "{0}, {1}", way, type);
                        response.Headers("Cross-Origin-Resource-Policy").Should().Equal(["same-origin"], "{0}, {1}", way, type);
                    }
                }
            }
        }

        // The browser is who it was.
        (await world.GetAsync(new HostileWay(DoorName.Cluster, WireProtocol.Http11, LoginName.Session), "/api/v1/namespaces")).Status.Should().Be(500, "that is the upstream's own answer, and the session lives");
    }
}
