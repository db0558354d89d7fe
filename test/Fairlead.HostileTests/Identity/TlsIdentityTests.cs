using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Identity;

/// <summary>A server believes the certificate of a connection before the token of a request, so that neither may come with the other.</summary>
public sealed class TlsIdentityTests
{
    private const string Namespaces = "/api/v1/namespaces/";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task T82_T83_Every_request_rides_on_connections_of_its_own_identity(bool isHttp2)
    {
        using var folder = new TempFolder();
        await using var http11 = new RawUpstream(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server().Certificate, RequestClientCertificate = true });
        await using var http2 = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate, requestClientCertificate: true);
        var url = isHttp2 ? http2.Url : http11.Url;
        var (certificate, key) = TestCertificates.Shared.Client("first").WriteTo(folder, "client");
        await using var world = await HostileWorld.StartAsync(options => options with
        {
            ClusterLocators =
            [
                .. options.ClusterLocators,
                new ClusterLocator.Config("tls", [TestCluster.Certified("certified", url, new PemSource.File(certificate), new PemSource.File(key)), TestCluster.Held("held", url)]),
            ],
        });
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(HostileWays.All.Where(static way => way.Door is not DoorName.Service).SelectMany(way => Requests(world, way)).Select(async one =>
                (await world.ExchangeAsync(one.Way, one.Request)).Status.Should().Be(200, one.Way.ToString())));
        }

        ShouldBeWhoTheySay("first");

        // Another certificate: what comes after it shows that one, and the others are who they were.
        TestCertificates.Shared.Client("second").WriteTo(folder, "client");
        var probe = new HostileWay(DoorName.Cluster, WireProtocol.Http11, LoginName.Bearer);
        await Eventually.BeTrueAsync(
            async () =>
            {
                await world.ExchangeAsync(probe, world.Identified(LoginName.Bearer, RawRequest.Get("/clusters/certified" + Namespaces + "exchange")));
                return Seen().Last(static one => one.Target is Namespaces + "exchange").Subject!.Contains("CN=second", StringComparison.Ordinal);
            },
            "a request shows the second certificate");
        var before = Seen().Count;
        await Task.WhenAll(HostileWays.All.Where(static way => way.Door is not DoorName.Service).SelectMany(way => Requests(world, way)).Select(async one =>
            (await world.ExchangeAsync(one.Way, one.Request)).Status.Should().Be(200, one.Way.ToString())));

        ShouldBeWhoTheySay("second", before);
        (isHttp2 ? http2.ConnectionCount : http11.ConnectionCount).Should().BeLessThan(Seen().Count / 2, "connections are kept and used again");

        IReadOnlyList<(string Target, string? Subject, string? Authorization)> Seen() => isHttp2
            ? [.. http2.Requests.Select(static one => (one.Target, one.ClientCertificate?.Subject, one.Header("Authorization")))]
            : [.. http11.Requests.Select(static one => (one.Target, one.Connection.PeerCertificate?.Subject, one.Header("Authorization")))];

        void ShouldBeWhoTheySay(string certified, int from = 0)
        {
            var seen = Seen().Skip(from).Where(static one => !one.Target.EndsWith("exchange", StringComparison.Ordinal) && one.Target.StartsWith(Namespaces, StringComparison.Ordinal)).ToArray();
            seen.Select(static one => one.Target).Distinct(StringComparer.Ordinal).Should().BeEquivalentTo(Namespaces + "certificate", Namespaces + "token", Namespaces + "own");
            foreach (var (target, subject, authorization) in seen)
            {
                authorization.Should().Be(target[Namespaces.Length..] switch { "certificate" => null, "token" => "Bearer " + HostileWorld.HeldToken, _ => "Bearer own" }, target);
                (subject is not null).Should().Be(authorization is null, target);
                if (subject is not null)
                {
                    subject.Should().Contain("CN=" + certified);
                }
            }
        }
    }

    [Fact]
    public async Task T82_A_callers_token_opens_no_upgrade_on_a_connection_with_the_certificate()
    {
        await using var upstream = new RawUpstream(new RawUpstreamOptions { Certificate = TestCertificates.Shared.Server().Certificate, RequestClientCertificate = true });
        upstream.OnConnection(static async connection =>
        {
            if (await connection.ReadForwardedAsync() is { } request)
            {
                await connection.WriteAsync(request.Header("Upgrade") is "SPDY/3.1" ? SpdyHandshake.Accept() : WebSocketHandshake.Accept(request));
                await connection.PeerClosed;
            }
        });
        var client = TestCertificates.Shared.Client("gateway");
        await using var world = await HostileWorld.StartAsync(options => options with
        {
            ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("tls", [TestCluster.Certified("certified", upstream.Url, new PemSource.Inline(new(client.Pem)), new PemSource.Inline(new(client.KeyPem)))])],
        });
        var own = "base64url.bearer.authorization.k8s.io." + System.Buffers.Text.Base64Url.EncodeToString("own"u8);
        foreach (var way in HostileWays.All.Where(static way => way.Door is not DoorName.Service))
        {
            foreach (var isOwn in new[] { true, false })
            {
                foreach (var isSpdy in way.IsHttp2 ? new[] { false } : [false, true])
                {
                    const string Exec = Namespaces + "n/pods/x/exec?command=sh";
                    var handshake = isSpdy ? SpdyHandshake.Request(Exec) : RawRequest.WebSocket(Exec, "v5.channel.k8s.io");
                    handshake = handshake with { Target = (way.Door is DoorName.Cluster ? "/clusters/certified" : "/api/kubernetes/proxy") + Exec };
                    handshake = way.Door is DoorName.Backstage ? world.Identified(way.Login, handshake).With("Backstage-Kubernetes-Cluster", "certified") : isOwn ? handshake : world.Identified(way.Login, handshake);
                    handshake = !isOwn ? handshake
                        : way.Door is DoorName.Backstage ? handshake.With("Backstage-Kubernetes-Authorization", "Bearer own")
                        : way.Login is LoginName.Bearer || isSpdy ? handshake.WithBearer("own")
                        : handshake with { Headers = [.. handshake.Headers.Select(line => line.Name is "Sec-WebSocket-Protocol" ? line with { Value = own + ", " + line.Value } : line)] };
                    var before = upstream.Requests.Count;
                    await using var caller = await world.ConnectAsync(way);

                    var response = isSpdy ? await caller.SendAsync(handshake) : await caller.UpgradeAsync(handshake);

                    response.Status.Should().Be(way.IsHttp2 ? 200 : 101, "{0}, own {1}, SPDY {2}: {3}", way, isOwn, isSpdy, response);
                    var seen = upstream.Requests.Skip(before).ToArray();
                    seen.Should().NotBeEmpty().And.OnlyContain(request => request.Connection.PeerCertificate == null == isOwn && (request.Header("Authorization") ?? "") == (isOwn ? "Bearer own" : ""), way.ToString());
                    seen.Should().NotContain(static request => request.Headers("Sec-WebSocket-Protocol").Any(static line => line.Contains("bearer", StringComparison.Ordinal)));
                }
            }
        }
    }

    private static IEnumerable<(HostileWay Way, RawRequest Request)> Requests(HostileWorld world, HostileWay way)
    {
        yield return (way, To("certified", "certificate"));
        yield return (way, To("held", "token"));
        foreach (var cluster in new[] { "certified", "held" })
        {
            if (way.Door is DoorName.Backstage)
            {
                yield return (way, To(cluster, "own").With("Backstage-Kubernetes-Authorization", "Bearer own"));
            }
            else if (way.Login is LoginName.Bearer)
            {
                yield return (way, RawRequest.Get($"/clusters/{cluster}{Namespaces}own").WithBearer("own"));
            }
            else
            {
                // A token in Authorization decides, whatever cookie lies beside it (T85).
                yield return (way, world.Browser.WithCookies(RawRequest.Get($"/clusters/{cluster}{Namespaces}own")).WithBearer("own"));
            }
        }

        RawRequest To(string cluster, string name) => world.Identified(way.Login, way.Door is DoorName.Cluster
            ? RawRequest.Get($"/clusters/{cluster}{Namespaces}{name}")
            : RawRequest.Get("/api/kubernetes/proxy" + Namespaces + name).With("Backstage-Kubernetes-Cluster", cluster));
    }
}
