using System.Text;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Identity;

/// <summary>An upstream that sends clients elsewhere: it got no more than it was to get, and elsewhere gets nothing.</summary>
public sealed class RedirectingServiceTests
{
    private static readonly string[] _held =
    [
        "Proxy-Authorization", "X-CSRF-Token", "X-XSRF-Token", "Forwarded", "X-Forwarded-For", "X-Forwarded-User", "X-Forwarded-Access-Token", "X-Real-IP", "X-Auth-Request-Access-Token",
        "X-Remote-User", "X-BACKSTAGE-TOKEN", "X-HEADLAMP_BACKEND-TOKEN", "KUBECONFIG", "Backstage-Kubernetes-Authorization-oidc-x", "Cookie2", "X-Kubernetes-Cluster",
    ];

    [Fact]
    public async Task T10_A_redirect_elsewhere_is_neither_followed_nor_answered_with_credentials()
    {
        await using var other = new RawUpstream();
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            foreach (var status in new[] { 301, 302, 303, 307, 308 })
            {
                foreach (var location in new[] { $"http://127.0.0.1:{other.Port}/steal?a=b", $"//127.0.0.1:{other.Port}/steal" })
                {
                    world.Upstream.Respond(RawAnswer.Text(status, "elsewhere", "text/plain", "Location: " + location, "Connection: close") with { Then = AfterAnswer.Close });
                    foreach (var request in new[] { RawRequest.Get("/api/v1/namespaces/n/services/web/proxy/x"), new RawRequest("POST", "/api/v1/namespaces/n/services/web/proxy/x").WithBody("body") })
                    {
                        // Headlamp's header means something at the service door only.
                        var names = way.Door is DoorName.Service ? _held : [.. _held.Where(static name => name is not ("X-BACKSTAGE-TOKEN" or "X-HEADLAMP_BACKEND-TOKEN" or "KUBECONFIG"))];
                        var mark = world.Mark();

                        var response = await world.SendAsync(way, names.Aggregate(request, static (current, name) => current.With(name, HeaderBlocks.Mark)));

                        response.Status.Should().Be(status, "{0}: {1}", way, response);
                        response.Headers("Location").Should().Equal([location], way.ToString());
                        foreach (var secret in new[] { HeaderBlocks.Mark, TestGateway.Token, world.Browser.SessionKey!, "Bearer " + HostileWorld.HeldToken })
                        {
                            response.ToString().Should().NotContain(secret, way.ToString());
                        }

                        string[] own = request.Body is null ? [] : ["Content-Type: application/json", "Content-Length: 4"];
                        HeaderBlocks.ShouldBe(world.SentSince(mark).Should().ContainSingle(way.ToString()).Subject, HeaderBlocks.Expected(world, way, own), way.ToString());
                    }
                }
            }
        }

        other.ConnectionCount.Should().Be(0);
    }

    [Theory]
    [InlineData(ServiceAuthorization.Forward)]
    [InlineData(ServiceAuthorization.None)]
    [InlineData(ServiceAuthorization.Identity)]
    internal async Task T10_Of_the_callers_credentials_the_Service_gets_what_is_configured(ServiceAuthorization mode)
    {
        await using var other = new RawUpstream();
        await using var world = await HostileWorld.StartAsync(options => options with { ServiceProxy = options.ServiceProxy with { Authorization = mode } });
        world.Upstream.Respond(RawAnswer.Text(307, "", "text/plain", $"Location: http://127.0.0.1:{other.Port}/", "Connection: close") with { Then = AfterAnswer.Close });
        foreach (var protocol in WireClient.Protocols)
        {
            // Somebody whom the gateway knows, in two ways, and somebody whom the cluster knows.
            var asked = HostileWorld.Anonymous(DoorName.Service, RawRequest.Get("/x"));
            foreach (var (request, token) in new[] { (world.Identified(LoginName.Bearer, asked), null), (world.Identified(LoginName.Session, asked), null), (asked.WithBearer(ServiceCluster.UserToken), ServiceCluster.UserToken) })
            {
                var mark = world.Mark();

                var response = await WireClient.ExchangeAsync(protocol, world.Port(protocol), request);

                response.Status.Should().Be(307, "{0}, {1}: {2}", mode, protocol, response);
                var seen = world.SentSince(mark).Should().ContainSingle().Subject;
                var head = Encoding.Latin1.GetString(seen.HeadBytes);
                head.Should().NotContain(TestGateway.Token).And.NotContain(world.Browser.SessionKey!).And.NotContain(ServiceCluster.GatewayToken).And.NotContain("Cookie");
                var sent = seen.Headers("Authorization");
                if (mode is ServiceAuthorization.Identity)
                {
                    sent.Should().ContainSingle().Which.Should().StartWith("Bearer ey").And.NotBe("Bearer " + token);
                    response.ToString().Should().NotContain(sent[0]["Bearer ".Length..]);
                }
                else
                {
                    sent.Should().Equal(mode is ServiceAuthorization.Forward && token is not null ? ["Bearer " + token] : []);
                }
            }
        }

        other.ConnectionCount.Should().Be(0);
    }
}
