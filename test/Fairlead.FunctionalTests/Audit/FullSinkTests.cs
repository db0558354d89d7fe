using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Audit;

/// <summary>What requests notice of a sink that fails.</summary>
public sealed class FullSinkTests
{
    private const string Pods = "/api/v1/namespaces/team/pods";
    private const int Queue = 16;

    public static TheoryData<WireProtocol> Protocols { get; } = [.. WireClient.Protocols];

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task B105_A_sink_that_fails_after_the_answer_has_begun_does_not_harm_it(WireProtocol protocol)
    {
        await using var world = await AuditWorld.StartAsync();
        var broken = new TaskCompletionSource();
        world.Upstream.OnConnection(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await connection.WriteAsync(RawAnswer.ChunkedHead(200));
                await connection.WriteAsync(RawAnswer.Chunk("first"));
                await broken.Task;
                await connection.WriteAsync(RawAnswer.Chunk("second"));
                await connection.WriteAsync(RawAnswer.LastChunk);
            }
        });
        await using var client = await WireClient.ConnectAsync(protocol, world.Port(protocol));
        var response = await client.SendAsync(AuditWorld.Request(EitherDoor.Backstage, "DELETE", Pods + "/web"));
        await response.ReadChunkAsync();

        Break(world);
        broken.SetResult();

        (await response.ReadToEndAsync()).BodyText.Should().Be("firstsecond");
        response.End.Should().Be(Testing.Wire.ResponseEnd.Complete);
        await Eventually.BeTrueAsync(() => world.Gateway.Log.Count(501) > 0, "the sink has failed");
        File.Delete(world.AuditFile);
        (await AuditEvents.ReadAsync(world.AuditFile, 1)).Single().Annotation("outcome").Should().Be("Complete", "it is written when it can be");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task B105_T114_A_full_sink_refuses_a_DELETE_before_anything_is_sent_and_lets_reads_through(WireProtocol protocol)
    {
        await using var world = await FullAsync(static audit => audit);
        var before = world.Upstream.Requests.Count;

        foreach (var door in Enum.GetValues<EitherDoor>())
        {
            var refused = await world.SendAsync(protocol, AuditWorld.Request(door, "DELETE", Pods + "/web"));
            door.ShouldRefuse(refused, 503, "ServiceUnavailableError", "ServiceUnavailable", "audit");
            refused.Header("Retry-After").Should().NotBeNull();
            (await world.SendAsync(protocol, AuditWorld.Request(door, "GET", Pods + "?watch=1"))).Status.Should().Be(503);
            (await world.SendAsync(protocol, AuditWorld.Request(door, "GET", Pods))).Status.Should().Be(200);
        }

        world.Upstream.Requests.Skip(before).Should().OnlyContain(static request => request.Method == "GET" && !request.Target.Contains("watch", StringComparison.Ordinal));
        File.Delete(world.AuditFile);
        await Eventually.BeTrueAsync(async () => (await world.SendAsync(protocol, AuditWorld.Request(EitherDoor.Cluster, "DELETE", Pods + "/web"))).Status == 200, "writes are taken again");
    }

    [Fact]
    public async Task A_full_sink_that_forgets_refuses_nothing()
    {
        await using var world = await FullAsync(static audit => audit with { ForgetsWhenFull = true });

        (await world.SendAsync(WireProtocol.Http11, AuditWorld.Request(EitherDoor.Cluster, "DELETE", Pods + "/web"))).Status.Should().Be(200);

        world.Gateway.Log.Count(502).Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task B105_Twelve_refused_requests_on_one_connection_leave_no_timer_behind()
    {
        var clock = new CountingClock();
        await using var world = await AuditWorld.StartAsync(time: clock);
        await using var client = await RawClient.ConnectAsync(world.Gateway.Port);
        await client.WriteAsync(AuditWorld.Request(EitherDoor.Backstage, "GET", Pods, "zzz").ToHttp11());
        (await client.ReadResponseAsync()).Status.Should().Be(404);
        await AuditEvents.ReadAsync(world.AuditFile, 1);
        var before = clock.Timers;

        for (var i = 0; i < 12; i++)
        {
            await client.WriteAsync(AuditWorld.Request(EitherDoor.Backstage, "GET", Pods, i % 2 == 0 ? "zzz" : "kind", i % 2 == 0 ? TestGateway.Token : null).ToHttp11());
            (await client.ReadResponseAsync()).Status.Should().Be(i % 2 == 0 ? 404 : 401);
        }

        await AuditEvents.ReadAsync(world.AuditFile, 13);
        await Eventually.BeTrueAsync(() => clock.Timers <= before, "what waited for the requests is gone");
    }

    private static async Task<AuditWorld> FullAsync(Func<AuditOptions, AuditOptions> change)
    {
        var world = await AuditWorld.StartAsync(audit => change(audit with { Queue = Queue }));
        world.Upstream.Respond(RawAnswer.Json(200, "{}"));
        Break(world);
        for (var i = 0; i < Queue; i++)
        {
            (await world.SendAsync(WireProtocol.Http11, AuditWorld.Request(EitherDoor.Cluster, "GET", Pods))).Status.Should().Be(200);
        }

        // The record is written after its answer.
        await Eventually.BeTrueAsync(
            async () =>
            {
                var watch = await world.SendAsync(WireProtocol.Http11, AuditWorld.Request(EitherDoor.Cluster, "GET", Pods + "?watch=1"));
                return watch.Status == 503 || world.Gateway.Log.Count(502) > 0;
            },
            "the queue is full");
        return world;
    }

    private static void Break(AuditWorld world)
    {
        File.Delete(world.AuditFile);
        File.CreateSymbolicLink(world.AuditFile, "/dev/full");
    }

    /// <summary>The system's clock, which counts the timers that are not disposed of.</summary>
    private sealed class CountingClock : TimeProvider
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _timers);
            return new Counted(base.CreateTimer(callback, state, dueTime, period), () => Interlocked.Decrement(ref _timers));
        }

        private sealed class Counted(ITimer timer, Action disposed) : ITimer
        {
            private int _isDisposed;

            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

            public void Dispose()
            {
                Once();
                timer.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Once();
                return timer.DisposeAsync();
            }

            private void Once()
            {
                if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                {
                    disposed();
                }
            }
        }
    }
}
