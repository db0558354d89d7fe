using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Differential;

/// <summary>
/// The same generated request, sent directly and through the gateway: what arrives is the same, less what is documented. A legal one always arrives, and of one that is
/// refused nothing does. <c>FAIRLEAD_SEED</c> sets the seed, <c>FAIRLEAD_SOAK=1</c> runs many more.
/// </summary>
public sealed class RequestDifferenceTests(ITestOutputHelper output)
{
    private static readonly int _rounds = Environment.GetEnvironmentVariable("FAIRLEAD_SOAK") is "1" ? 20_000 : 400;

    /// <summary>Each door and protocol, by the caller's token.</summary>
    public static TheoryData<DoorName, WireProtocol> Ways { get; } = [.. HostileWays.Bearer.Select(static way => new TheoryDataRow<DoorName, WireProtocol>(way.Door, way.Protocol))];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task T115_T41_T102_What_arrives_through_the_gateway_is_what_was_sent_or_nothing(DoorName door, WireProtocol protocol)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FAIRLEAD_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 20_260_101;
        output.WriteLine($"seed {seed}, {_rounds} rounds");
        var way = new HostileWay(door, protocol, LoginName.Bearer);
        await using var world = await HostileWorld.StartAsync();
        await using var direct = new Recorder(new RawUpstream(), ownsUpstream: true);
        await using var behind = new Recorder(world.Upstream, ownsUpstream: false);
        var generator = new RequestGenerator(new Random(seed), way);
        var (passed, refused) = (0, 0);
        WireClient? client = null;
        try
        {
            for (var round = 0; round < _rounds; round++)
            {
                var generated = generator.Next();
                var reason = $"round {round} of seed {seed} at {way}: {generated}".Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
                client ??= await world.ConnectAsync(way);
                var response = await (await client.SendAsync(world.Request(way, generated.Request))).ReadToEndAsync();
                var arrived = behind.Take();
                if (response.Status == 0 || response.Headers("Connection") is ["close"] || protocol is WireProtocol.Http2Tls && response.StreamError is not null)
                {
                    await client.DisposeAsync();
                    client = null;
                }

                if (arrived.Count == 0)
                {
                    refused++;
                    generated.IsLegal.Should().BeFalse("{0} was refused with {1} {2}", reason, response.Status, response.BodyText);
                    response.Status.Should().BeOneOf([0, 400, 401, 403, 404, 405, 414, 421, 426, 431, 501], reason);
                    continue;
                }

                passed++;
                response.Status.Should().Be(200, reason);
                await RawClient.ExchangeAsync(direct.Port, generated.Request);
                ShouldBeTheSame(arrived.Should().ContainSingle(reason).Subject, direct.Take().Should().ContainSingle(reason).Subject, way, world, reason);
            }
        }
        finally
        {
            await (client?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        output.WriteLine($"{passed} passed, {refused} were refused");
        passed.Should().BeGreaterThan(_rounds / 3);
        refused.Should().BeGreaterThan(_rounds / 10);
    }

    private static void ShouldBeTheSame(RecordedRequest arrived, RecordedRequest direct, HostileWay way, HostileWorld world, string reason)
    {
        reason += $"\n\narrived as\n{arrived.RequestLine}\n{arrived.HeaderLines}\n".Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
        arrived.Method.Should().Be(direct.Method.ToUpperInvariant(), reason);
        arrived.Target.Should().Be(direct.Target, reason);
        arrived.Body.Should().Equal(direct.Body, reason);
        DocumentedDifferences.Arrived(arrived).Should().Equal(DocumentedDifferences.Expected(direct, way, HostOf(way, world)), reason);
    }

    private static string HostOf(HostileWay way, HostileWorld world) =>
        way.Door is DoorName.Service ? "web.default.svc.cluster.local" : $"127.0.0.1:{world.Upstream.Port}";

    /// <summary>Keeps what has arrived whole, until it is taken.</summary>
    private sealed class Recorder : IAsyncDisposable
    {
        private readonly RawUpstream _upstream;
        private readonly bool _ownsUpstream;
        private readonly Lock _lock = new();
        private List<RecordedRequest> _arrived = [];

        public Recorder(RawUpstream upstream, bool ownsUpstream)
        {
            (_upstream, _ownsUpstream) = (upstream, ownsUpstream);
            upstream.Respond(request =>
            {
                lock (_lock)
                {
                    _arrived.Add(request);
                }

                return RawAnswer.Json(200, "{}");
            });
        }

        public int Port => _upstream.Port;

        public List<RecordedRequest> Take()
        {
            lock (_lock)
            {
                var arrived = _arrived;
                _arrived = [];
                return arrived;
            }
        }

        public ValueTask DisposeAsync() => _ownsUpstream ? _upstream.DisposeAsync() : ValueTask.CompletedTask;
    }
}
