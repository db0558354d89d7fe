using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Framing;

/// <summary>Connections upstream are shared among callers, so nothing that says who somebody is may be bound to one: only the gateway's own TLS identity is, and it has a pool of its own.</summary>
public sealed class ConnectionIdentityTests
{
    [Fact]
    public async Task T63_A_challenge_that_would_bind_a_caller_to_a_connection_is_not_passed_on()
    {
        await using var world = await HostileWorld.StartAsync();
        world.Upstream.Respond(RawAnswer.Json(
            401,
            """{"kind":"Status"}""",
            "WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM TlRMTVNTUAACAAAA", "WWW-Authenticate: Bearer realm=\"kept\"", "WWW-Authenticate: Bearer realm=\"a\", negotiate", "Persistent-Auth: true", "Authentication-Info: kept=1"));
        foreach (var way in HostileWays.All)
        {
            var response = await world.GetAsync(way, "/x");

            response.Status.Should().Be(401, way.ToString());
            response.Headers("WWW-Authenticate").Should().Equal(["Bearer realm=\"kept\""], way.ToString());
            response.Header("Persistent-Auth").Should().BeNull(way.ToString());
        }
    }

    [Fact]
    public async Task T63_A_credential_that_would_bind_a_caller_to_a_connection_is_refused()
    {
        await using var world = await HostileWorld.StartAsync();
        var audit = new HostileAudit(world);
        foreach (var way in HostileWays.All)
        {
            foreach (var credential in (string[])["Negotiate YII=", "NTLM TlRMTVNTUAABAAAA", "negotiate YII=", "ntlm TlRMTVNTUAABAAAA", "Negotiate", "NTLM"])
            {
                var mark = world.Mark();
                var request = HostileWorld.Anonymous(way.Door, RawRequest.Get("/x"));

                var response = await world.ExchangeAsync(way, request.With("Authorization", credential));

                world.ShouldBeRefused(way, response, way.Door is DoorName.Service && credential.Contains(' ', StringComparison.Ordinal) ? 400 : 401, mark, credential);
                audit.Expect(request.Target, response.Status);
                if (way.Door is not DoorName.Service)
                {
                    response = await world.ExchangeAsync(way, world.Request(way, RawRequest.Get("/x")).With("Backstage-Kubernetes-Authorization", credential));
                    world.ShouldBeRefused(way, response, 400, mark, "Backstage-Kubernetes-Authorization: " + credential);
                    audit.Expect(request.Target, 400);
                }
            }
        }

        await audit.ShouldBeCompleteAsync();
    }

    /// <summary>
    /// An upstream that takes the first <c>Authorization</c> of a connection for everything on it would mix up callers: it is told the identity with every request, so one that reads
    /// requests is right every time, on however few connections.
    /// </summary>
    [Fact]
    public async Task T63_Each_request_says_who_it_is_on_connections_that_are_shared()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All.Where(static way => way.Door is DoorName.Cluster))
        {
            var mark = world.Mark();
            foreach (var (name, request) in ((string, RawRequest)[])
            [
                ("Bearer token-of-a", HostileWorld.Anonymous(way.Door, RawRequest.Get("/api")).WithBearer("token-of-a")),
                ("Bearer token-of-b", HostileWorld.Anonymous(way.Door, RawRequest.Get("/api")).WithBearer("token-of-b")),
                ($"Bearer {HostileWorld.HeldToken}", world.Request(way, RawRequest.Get("/api"))),
                ("Bearer token-of-a", HostileWorld.Anonymous(way.Door, RawRequest.Get("/api")).WithBearer("token-of-a")),
            ])
            {
                (await world.ExchangeAsync(way, request)).Status.Should().Be(200, $"{way}: {name}");
                world.SentSince(mark)[^1].Headers("Authorization").Should().Equal([name], $"{way}: {name}");
            }

            // The point of it: all four came on one connection.
            world.SentSince(mark).Select(static seen => seen.Connection).Distinct().Should().ContainSingle(way.ToString());
        }
    }

    /// <summary>The gateway's certificate, a caller's token and the gateway's token in turn, to one address: no connection with the certificate carries anybody's token.</summary>
    [Fact]
    public async Task T63_A_connection_with_the_gateways_certificate_carries_no_caller()
    {
        using var folder = new TempFolder();
        await using var behind = new RawUpstream(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server().Certificate, RequestClientCertificate = true });
        var (certificate, key) = TestCertificates.Shared.Client("gateway").WriteTo(folder, "client");
        await using var world = await HostileWorld.StartAsync(options => options with
        {
            ClusterLocators =
            [
                .. options.ClusterLocators,
                new Configuration.ClusterLocator.Config("certified", [TestCluster.Certified("certified", behind.Url, new Kubernetes.Connections.PemSource.File(certificate), new Kubernetes.Connections.PemSource.File(key))]),
            ],
        });
        foreach (var way in HostileWays.All.Where(static way => way.Door is DoorName.Cluster))
        {
            for (var round = 0; round < 2; round++)
            {
                var target = RawRequest.Get("/clusters/certified/api");
                (await world.ExchangeAsync(way, world.Identified(way.Login, target))).Status.Should().Be(200, way.ToString());
                (await world.ExchangeAsync(way, target.WithBearer("token-of-a"))).Status.Should().Be(200, way.ToString());
                (await world.ExchangeAsync(way, target.WithBearer("token-of-b"))).Status.Should().Be(200, way.ToString());
            }
        }

        foreach (var connection in behind.Connections)
        {
            var tokens = connection.Requests.SelectMany(static seen => seen.Headers("Authorization")).ToList();
            if (connection.PeerCertificate is null)
            {
                tokens.Should().HaveCount(connection.Requests.Count).And.OnlyContain(static token => token.StartsWith("Bearer token-of-", StringComparison.Ordinal));
            }
            else
            {
                tokens.Should().BeEmpty();
            }
        }

        behind.Connections.Select(static connection => connection.PeerCertificate is null).Distinct().Should().HaveCount(2);
    }
}
