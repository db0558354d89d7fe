using System.Globalization;
using AwesomeAssertions;
using Fairlead.FunctionalTests.Sessions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.HostileTests.Replicas;

/// <summary>Two real gateways share a real Redis, and any of the three goes away.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task A_login_and_a_ticket_that_one_replica_has_begun_are_good_on_the_other_and_both_publish_the_same_keys()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var world = await ReplicaWorld.StartAsync(Shared(redis));
        var tab = ReplicaWorld.Tab(world.One.Port);

        await world.SignInAsync(tab, world.One.Port, world.Two.Port);

        (await ReplicaWorld.AskAsync(tab, world.One.Port)).Should().Be(200);
        (await ReplicaWorld.AskAsync(tab, world.Two.Port)).Should().Be(200);
        tab.Port = world.One.Port;
        var issued = await tab.FetchAsync("POST", "/auth/ticket", $$"""{"cluster":"kind","path":"{{ReplicaWorld.Exec}}"}""");
        issued.Status.Should().Be(200, issued.BodyText);
        var handshake = RawRequest.WebSocket("/api/kubernetes/proxy" + ReplicaWorld.Exec, $"ticket.fairlead.dev.{issued.Json.RootElement.GetProperty("ticket").GetString()}", "v5.channel.k8s.io")
            .With("Backstage-Kubernetes-Cluster", "kind").With("Host", ReplicaWorld.Host).With("Origin", "https://" + ReplicaWorld.Host);
        await using var socket = await RawClient.ConnectAsync(world.Two.Port);
        (await socket.SendAsync(handshake)).Status.Should().Be(101);
        (await RawClient.ExchangeAsync(world.One.Port, handshake)).Status.Should().Be(401, "it was used, wherever that was");
        var keys = await RawClient.ExchangeAsync(world.One.Port, RawRequest.Get("/.well-known/jwks.json"));
        keys.Status.Should().Be(200);
        keys.BodyText.Should().Contain("\"kid\"").And.Be((await RawClient.ExchangeAsync(world.Two.Port, RawRequest.Get("/.well-known/jwks.json"))).BodyText);

        var stolen = ReplicaWorld.Tab(world.One.Port);
        foreach (var ((name, path), value) in tab.Cookies)
        {
            stolen.Plant(name, value, path);
        }

        (await ReplicaWorld.AskAsync(stolen, world.One.Port)).Should().Be(200);
        tab.Port = world.Two.Port;
        (await tab.FetchAsync("POST", "/auth/logout")).Status.Should().Be(200);
        (await ReplicaWorld.AskAsync(stolen, world.One.Port)).Should().Be(401, "who signs out at one replica has left all");
    }

    [Fact]
    public async Task A_replica_that_is_killed_under_load_takes_only_what_was_on_its_connections_with_it()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var world = await ReplicaWorld.StartAsync(Shared(redis));
        await using var balancer = await LoadBalancer.StartAsync(isPatient: true, world.One, world.Two);
        await balancer.UntilUpAsync(2);
        var tab = ReplicaWorld.Tab(balancer.Port);
        await world.SignInAsync(tab, world.One.Port, world.One.Port);
        await using var onTheOther = await RawClient.ConnectAsync(world.Two.Port);
        var terminal = await ReplicaWorld.TerminalAsync(onTheOther);
        await using var load = new CountedLoad(balancer.Port);
        await load.MoreAsync(100);

        await world.One.KillAsync();

        await load.MoreAsync(200);
        (await ReplicaWorld.AskAsync(tab, balancer.Port)).Should().Be(200, "the session is not the replica's");
        await ReplicaWorld.ShouldEchoAsync(terminal);
        await world.One.StartAsync();
        await balancer.UntilUpAsync(2);
        await load.MoreAsync(100);
        await Eventually.BeTrueAsync(async () => await ReplicaWorld.AskAsync(tab, world.One.Port) == 200, "the new process has its connection to the store");
        await load.StopAsync();
        load.Answers.Count(static answer => answer.Value is not "OK").Should().BeLessThanOrEqualTo(load.Clients, "each client had one request under way at most");
        world.Upstream.Requests.Where(static request => request.Method is "POST").Select(static request => request.Target).Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_Redis_is_away_sessions_are_answered_503_everybody_else_goes_on_and_so_do_sessions_afterwards(bool keeps)
    {
        await using var redis = await RedisServer.StartAsync(keeps: keeps);
        await using var world = await ReplicaWorld.StartAsync(Shared(redis));
        var tab = ReplicaWorld.Tab(world.One.Port);
        await world.SignInAsync(tab, world.One.Port, world.One.Port);
        (await ReplicaWorld.AskAsync(tab, world.Two.Port)).Should().Be(200);
        await using var client = await RawClient.ConnectAsync(world.One.Port);
        var terminal = await ReplicaWorld.TerminalAsync(client);

        await redis.StopAsync();

        foreach (var replica in (Replica[])[world.One, world.Two])
        {
            tab.Port = replica.Port;
            var refused = await tab.FetchAsync("GET", ReplicaWorld.Pods);
            refused.Status.Should().Be(503, refused.BodyText);
            refused.Header("Retry-After").Should().NotBeNull();
            (await ReplicaWorld.AskAsync(replica.Port)).Should().Be(200, "a bearer token needs no store");
            (await replica.IsReadyAsync()).Should().BeTrue("those without a session are served");
        }

        tab.SessionKey.Should().NotBeNull("nobody was signed out");
        await redis.StartAgainAsync();

        foreach (var replica in (Replica[])[world.One, world.Two])
        {
            await Eventually.BeTrueAsync(async () => await ReplicaWorld.AskAsync(tab, replica.Port) == (keeps ? 200 : 401), "the answer of the store that is back");
        }

        await ReplicaWorld.ShouldEchoAsync(terminal);
        if (!keeps)
        {
            await world.SignInAsync(ReplicaWorld.Tab(world.One.Port), world.Two.Port, world.One.Port);
        }
    }

    [Fact]
    public async Task A_Redis_that_answers_nothing_for_a_while_costs_nobody_the_session()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var world = await ReplicaWorld.StartAsync(Shared(redis));
        var tab = ReplicaWorld.Tab(world.One.Port);
        await world.SignInAsync(tab, world.One.Port, world.One.Port);
        (await ReplicaWorld.AskAsync(tab, world.Two.Port)).Should().Be(200);

        redis.Signal(SignalNumber.Stop);
        try
        {
            (await ReplicaWorld.AskAsync(tab, world.One.Port)).Should().Be(503);
            (await ReplicaWorld.AskAsync(tab, world.Two.Port)).Should().Be(503);
            (await ReplicaWorld.AskAsync(world.One.Port)).Should().Be(200);
        }
        finally
        {
            redis.Signal(SignalNumber.Continue);
        }

        await Eventually.BeTrueAsync(async () => await ReplicaWorld.AskAsync(tab, world.One.Port) == 200, "the session to go on");
        await Eventually.BeTrueAsync(async () => await ReplicaWorld.AskAsync(tab, world.Two.Port) == 200, "the session to go on");
    }

    private static string Shared(RedisServer redis) => string.Create(
        CultureInfo.InvariantCulture, $$"""sessions: { redis: { url: 'redis://127.0.0.1:{{redis.Port}}' }, secret: the-same-secret-of-both-of-the-replicas }""");
}
