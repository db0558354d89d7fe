using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Limits;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Limits;

/// <summary>Counts of what is open: of one caller, to one cluster or Service, in all (contracts F41, F39; row T113).</summary>
public sealed class OpenLimitTests
{
    private static readonly ScopedLimit _two = new(PerCaller: 2, PerCluster: null, PerService: null, All: null);

    [Fact]
    public async Task B76_H94_T113_Requests_over_a_callers_limit_are_429_with_Retry_After_and_others_pass()
    {
        foreach (var way in HostileWays.All.Where(static way => way.Door is not DoorName.Service))
        {
            await ShouldRefuseTheThirdAsync(
                way, static limits => limits with { Requests = _two }, RawRequest.Get("/api/v1/namespaces/n/configmaps/held"), "limits.requests.perCaller");
        }
    }

    [Fact]
    public async Task B76_T113_Watches_over_a_callers_limit_are_429_with_Retry_After_and_others_pass()
    {
        foreach (var way in HostileWays.All.Where(static way => way.Door is not DoorName.Service))
        {
            await ShouldRefuseTheThirdAsync(
                way, static limits => limits with { Streams = _two }, RawRequest.Get("/api/v1/namespaces/n/pods?watch=1&held"), "limits.streams.perCaller");
        }
    }

    [Fact]
    public async Task H94_T113_Requests_to_Services_over_a_callers_limit_are_429_with_Retry_After_and_others_pass()
    {
        foreach (var way in HostileWays.All.Where(static way => way.Door is DoorName.Service))
        {
            await ShouldRefuseTheThirdAsync(
                way, static limits => limits with { Streams = _two }, RawRequest.Get("/held"), "limits.streams.perCaller");
        }
    }

    [Fact]
    public async Task B76_H94_T113_Upgrades_over_a_callers_limit_are_429_with_Retry_After_before_anything_is_sent()
    {
        await using var world = await StartAsync(static limits => limits with { UpgradedConnections = _two });
        world.Upstream.OnConnection(static async connection =>
        {
            if (await connection.ReadForwardedAsync() is { } handshake)
            {
                await connection.WriteAsync(WebSocketHandshake.Accept(handshake, "v5.channel.k8s.io"));
                await connection.PeerClosed;
            }
        });
        foreach (var way in HostileWays.All)
        {
            var handshake = world.Request(way, RawRequest.WebSocket("/api/v1/namespaces/n/pods/p/exec?command=sh", "v5.channel.k8s.io"));
            if (way.Login is LoginName.Session)
            {
                handshake = handshake.With("Origin", "https://" + HostileWorld.Host);
            }

            await using (var first = await world.ConnectAsync(way))
            await using (var second = await world.ConnectAsync(way))
            await using (var third = await world.ConnectAsync(way))
            {
                ((await first.UpgradeAsync(handshake)).Status is 101 or 200).Should().BeTrue(way.ToString());
                ((await second.UpgradeAsync(handshake)).Status is 101 or 200).Should().BeTrue(way.ToString());
                var mark = world.Mark();

                var refused = await third.UpgradeAsync(handshake);

                refused.Status.Should().Be(429, way.ToString());
                refused.Header("Retry-After").Should().Be("10", way.ToString());
                world.SentSince(mark).Should().BeEmpty(way.ToString());
            }

            await world.Upstream.WaitForNoConnectionAsync();
        }
    }

    [Theory]
    [MemberData(nameof(HostileWays.Doors), MemberType = typeof(HostileWays))]
    public async Task T113_A_cluster_or_Service_that_hangs_takes_no_place_from_others(DoorName door)
    {
        var limit = new ScopedLimit(PerCaller: null, PerCluster: 3, PerService: 2, All: null);
        await using var world = await StartAsync(limits => limits with { Requests = limit, Streams = limit });
        var way = new HostileWay(door, WireProtocol.Http11, LoginName.Bearer);
        world.Upstream.OnConnection(static async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.PeerClosed;
        });
        List<RawClient> clients = [];
        var places = door is DoorName.Service ? 2 : 3;
        for (var request = 0; request < places; request++)
        {
            clients.Add(await RawClient.ConnectAsync(world.Gateway.Port));
            await clients[^1].WriteAsync(world.Request(way, RawRequest.Get("/api/v1/namespaces/n/configmaps/held")).ToHttp11());
        }

        await world.Upstream.WaitForRequestAsync(places);
        var mark = world.Mark();
        var refused = await world.GetAsync(way, "/api/v1/namespaces/n/configmaps/one-more");
        world.ShouldBeRefused(way, refused, 429, mark);
        refused.BodyText.Should().Contain(door is DoorName.Service ? "perService" : "perCluster");

        // The other two doors lead elsewhere, but for those that lead to the same cluster.
        var other = way with { Door = door is DoorName.Service ? DoorName.Cluster : DoorName.Service };
        world.Upstream.Respond(static _ => RawAnswer.Json(200, "{}"));
        (await world.GetAsync(other, "/api/v1/namespaces/n/configmaps/x")).Status.Should().Be(200);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task T113_What_has_ended_in_whatever_way_gives_its_place_back()
    {
        await using var world = await StartAsync(static limits => limits with { Requests = _two, Streams = _two });
        foreach (var way in HostileWays.All)
        {
            foreach (var answer in (RawAnswer[])
                [RawAnswer.Json(200, "{}"), RawAnswer.Json(500, "{}"), RawAnswer.Nothing(), RawAnswer.Nothing(AfterAnswer.Reset), RawAnswer.Truncated(10, "x"), "this is no HTTP\r\n\r\n"])
            {
                world.Upstream.Respond(request => request.Target.EndsWith("/good", StringComparison.Ordinal) ? RawAnswer.Json(200, "{}") : answer);
                for (var request = 0; request < 4; request++)
                {
                    (await world.GetAsync(way, "/api/v1/namespaces/n/configmaps/bad")).Status.Should().NotBe(429, way.ToString());
                }

                (await world.GetAsync(way, "/api/v1/namespaces/n/configmaps/good")).Status.Should().Be(200, way.ToString());
            }
        }
    }

    [Fact]
    public async Task T113_The_refusal_says_in_the_body_when_to_come_again_as_Kubernetes_clients_read_it()
    {
        await using var world = await StartAsync(static limits => limits with { Requests = new ScopedLimit(1, null, null, null) });
        var way = new HostileWay(DoorName.Cluster, WireProtocol.Http11, LoginName.Bearer);
        world.Upstream.OnConnection(static async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.PeerClosed;
        });
        await using var holder = await RawClient.ConnectAsync(world.Gateway.Port);
        await holder.WriteAsync(world.Request(way, RawRequest.Get("/api/v1/pods")).ToHttp11());
        await world.Upstream.WaitForRequestAsync();

        var refused = await world.GetAsync(way, "/api/v1/pods");

        refused.Status.Should().Be(429);
        refused.Header("Retry-After").Should().Be("1");
        using var json = refused.Json;
        json.RootElement.GetProperty("details").GetProperty("retryAfterSeconds").GetInt32().Should().Be(1);
        json.RootElement.GetProperty("details").GetProperty("causes")[0].GetProperty("reason").GetString().Should().Be("TooManyOpen");
    }

    [Fact]
    public async Task T113_Requests_that_wait_to_hear_who_calls_are_bounded_for_each_address_while_a_cluster_hangs()
    {
        await using var upstream = RawUpstream.NeverAnswering();
        var options = TestGateway.Options(TestCluster.Held("hangs", upstream.Url));
        options = options with { Auth = options.Auth! with { TokenReview = true }, Limits = new LimitOptions { Requests = new ScopedLimit(PerCaller: null, PerCluster: 2, PerService: null, All: 100) } };
        await using var gateway = await TestGateway.StartAsync(options);
        var clients = new List<RawClient>();
        var answers = new List<Task<RawResponse>>();
        try
        {
            await Eventually.BeTrueAsync(
                async () =>
                {
                    var client = await RawClient.ConnectAsync(gateway.Port);
                    clients.Add(client);
                    answers.Add(client.SendAsync(Unknown($"token-{clients.Count}")));
                    return answers.Exists(static answer => answer is { IsCompletedSuccessfully: true, Result.Status: 429 });
                },
                "two wait already");
            answers.Count(static answer => !answer.IsCompleted).Should().BeGreaterThanOrEqualTo(2, "who waits, waits on");
        }
        finally
        {
            clients.ForEach(static client => client.Reset());
        }

        await Task.WhenAll(answers.Select(static task => task.ContinueWith(static ended => ended.Exception, TaskScheduler.Default)));
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        static RawRequest Unknown(string token) => RawRequest.Get("/clusters/hangs/api/v1/pods").WithBearer(token);
    }

    private static Task<HostileWorld> StartAsync(Func<LimitOptions, LimitOptions> change) =>
        HostileWorld.StartAsync(options => options with { Limits = change(options.Limits) });

    private static async Task ShouldRefuseTheThirdAsync(HostileWay way, Func<LimitOptions, LimitOptions> change, RawRequest request, string key)
    {
        await using var world = await StartAsync(change);
        world.Upstream.OnConnection(static async connection =>
        {
            while (await connection.ReadRequestAsync() is { } seen)
            {
                if (seen.Target.Contains("held", StringComparison.Ordinal))
                {
                    await connection.PeerClosed;
                    return;
                }

                await connection.AnswerAsync(RawAnswer.Json(200, "{}"));
            }
        });
        await using var first = await world.ConnectAsync(way);
        await using var second = await world.ConnectAsync(way);
        var held = world.Request(way, request);
        Task[] open = [first.SendAsync(held), second.SendAsync(held)];
        await world.Upstream.WaitForRequestAsync(2);
        var mark = world.Mark();

        var refused = await world.SendAsync(way, request);

        world.ShouldBeRefused(way, refused, 429, mark);
        refused.Header("Retry-After").Should().NotBeNullOrEmpty(way.ToString());
        refused.BodyText.Should().Contain(key, way.ToString());
        var somebodyElse = way with { Login = way.Login is LoginName.Bearer ? LoginName.Session : LoginName.Bearer };
        (await world.GetAsync(somebodyElse, "/api/v1/namespaces/n/configmaps/free")).Status.Should().Be(200, way.ToString());
        first.Reset();
        second.Reset();
        await Task.WhenAll(open.Select(static task => task.ContinueWith(static ended => ended.Exception, TaskScheduler.Default)));
    }
}
