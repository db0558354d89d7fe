using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upstreams;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Fairlead.HostileTests.Streams;

/// <summary>Many streams at once: all are served, and none of them costs what it carries.</summary>
[Collection(MemoryTests.Name)]
public sealed class ManyStreamsTests
{
    private const string Watch = "/api/v1/namespaces/n/pods?watch=1";
    private const string Log = "/api/v1/namespaces/n/pods/x/log?follow=true";
    private const int Piece = 64 * 1024;

    [Theory]
    [MemberData(nameof(HostileWays.Doors), MemberType = typeof(HostileWays))]
    public async Task T98_250_watches_of_one_browser_on_one_connection_are_all_open(DoorName door)
    {
        var gate = new Gate();
        await using var cluster = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        cluster.Respond(async context =>
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await gate.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("event\n", context.RequestAborted);
        });
        await using var world = await HostileWorld.StartAsync(options => options with { ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("more", [TestCluster.Held("busy", cluster.Url)])] });
        world.Upstream.OnConnection(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(RawAnswer.ChunkedHead(200));
            await Task.WhenAny(gate.WaitAsync(), connection.PeerClosed);
            await connection.WriteAsync(RawAnswer.Chunk("event\n"));
            await connection.PeerClosed;
        });
        await using var browser = await RawHttp2Client.ConnectAsync(world.Gateway.TlsPort, new RawTls());
        var request = door switch
        {
            DoorName.Cluster => RawRequest.Get("/clusters/busy" + Watch),
            DoorName.Backstage => RawRequest.Get("/api/kubernetes/proxy" + Watch).With("Backstage-Kubernetes-Cluster", "busy"),
            _ => RawRequest.Get(HostileWorld.Prefix(door) + "/events"),
        };

        var opened = new List<RawHttp2Exchange>();
        for (var i = 0; i < 250; i++)
        {
            opened.Add(await browser.OpenAsync(world.Identified(LoginName.Session, request)));
        }

        var responses = await Task.WhenAll(opened.Select(static one => one.ReadHeadAsync()));
        responses.Should().OnlyContain(static response => response.Status == 200);
        if (door is not DoorName.Service)
        {
            cluster.OpenRequests.Should().Be(250);
            cluster.ConnectionCount.Should().BeGreaterThanOrEqualTo(3, "each takes 100 streams");
        }

        // Somebody else is served meanwhile.
        (await world.Gateway.SendBareAsync(RawRequest.Get("/api/kubernetes/clusters").WithBearer(TestGateway.Token))).Status.Should().Be(200);
        gate.Open();
        (await Task.WhenAll(responses.Select(static response => response.ReadLineAsync()))).Should().OnlyContain(static line => line == "event");
    }

    [Theory]
    [InlineData(WireProtocol.Http11, true)]
    [InlineData(WireProtocol.Http11, false)]
    [InlineData(WireProtocol.Http11Tls, false)]
    [InlineData(WireProtocol.Http2Tls, true)]
    [InlineData(WireProtocol.Http2Tls, false)]
    public async Task T98_100_clients_that_stop_reading_hold_up_nobody_and_gather_nothing(WireProtocol protocol, bool isHttp2Upstream)
    {
        var block = new byte[Piece];
        await using var http2 = await Http2Upstream.StartAsync(TestCertificates.Shared.Server().Certificate);
        var written = new WrittenBytes();
        http2.Respond(async context =>
        {
            while (context.Request.Query.ContainsKey("follow"))
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
                written.Add(Piece);
            }
        });
        await using var http11 = new RawUpstream();
        http11.OnConnection(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (!request.Target.Contains("follow", StringComparison.Ordinal))
                {
                    await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
                    continue;
                }

                await connection.WriteAsync(RawAnswer.Head(200, "Content-Type: text/plain", "Content-Length: 100000000000"));
                while (connection.IsOpen)
                {
                    await connection.WriteAsync(block);
                    written.Add(Piece);
                }
            }
        });
        await using var world = await HostileWorld.StartAsync(options => options with
        {
            ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("more", [TestCluster.Held("busy", isHttp2Upstream ? http2.Url : http11.Url)])],
        });
        ServiceCluster.AddService(world.Cluster, "busy", http11.Port);
        var ways = HostileWays.All.Where(way => way.Protocol == protocol && (way.Door is not DoorName.Service || !isHttp2Upstream)).ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clients = new List<WireClient>();
        try
        {
            for (var i = 0; i < 100; i++)
            {
                var way = ways[i % ways.Length];
                var client = await world.ConnectAsync(way);
                clients.Add(client);
                (await client.SendAsync(world.Identified(way.Login, To(way, Log)))).Status.Should().Be(200, way.ToString());
            }

            await written.StandsStillAsync(atLeast: 100 * Piece);

            // A hundred times the windows and buffers of a stream, in two processes that are one here; what was written beyond that would be kept by somebody.
            (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(100 * 1024 * 1024);
            foreach (var way in HostileWays.Bearer.Where(way => way.Door is not DoorName.Service || !isHttp2Upstream))
            {
                (await world.ExchangeAsync(way, world.Identified(way.Login, To(way, "/api/v1/namespaces")))).Status.Should().Be(200, way.ToString());
            }
        }
        finally
        {
            foreach (var client in clients)
            {
                client.Reset();
            }
        }

        await http2.WaitForNoRequestAsync();
        await Eventually.BeTrueAsync(() => http11.Requests.Where(static request => request.Target.Contains("follow", StringComparison.Ordinal)).All(static request => !request.Connection.IsOpen), "the streams' connections to close");
    }

    private static RawRequest To(HostileWay way, string path) => way.Door switch
    {
        DoorName.Cluster => RawRequest.Get("/clusters/busy" + path),
        DoorName.Backstage => RawRequest.Get("/api/kubernetes/proxy" + path).With("Backstage-Kubernetes-Cluster", "busy"),
        _ => RawRequest.Get("/clusters/main/serviceproxy/default/busy" + path),
    };
}
