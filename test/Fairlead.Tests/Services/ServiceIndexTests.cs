using System.Collections.Concurrent;
using System.Threading.Channels;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Forwarding;
using Fairlead.Services;
using Fairlead.Testing;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Services;

public sealed class ServiceIndexTests : IAsyncDisposable
{
    private const string Services = "/api/v1/services";
    private const string Slices = "/apis/discovery.k8s.io/v1/endpointslices";

    private readonly RawUpstream _server = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ClusterUpstream _upstream;
    private readonly ServiceIndex _index;
    private readonly ConcurrentDictionary<string, RawAnswer> _lists = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Channel<string>> _events = new(StringComparer.Ordinal);

    public ServiceIndexTests()
    {
        var definition = TestCluster.Held("kind", _server.Url);
        _upstream = new ClusterUpstream(definition, new GatewayOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        _index = new ServiceIndex(new ClusterApi(_upstream, CredentialSource.For(definition.Credential), TimeSpan.FromSeconds(20)), definition.QualifiedName, _time, NullLogger<ServiceIndex>.Instance);
        _server.OnConnection(AnswerAsync);
        List(Services, Service("web", "1"), Service("other", "1"));
        List(Slices, Slice("web-1", "web", "1", "10.1.0.1"));
    }

    [Fact]
    public async Task F22_The_first_look_up_waits_for_the_list()
    {
        var found = await FindAsync("web");

        found.IsKnown.Should().BeTrue();
        found.View!.Service.Metadata.Name.Should().Be("web");
        found.View.Slices.Should().BeNull("nobody asked for endpoints");
        (await FindAsync("missing")).Should().Be(new IndexLookup(true, null));
        (await _index.FindAsync("elsewhere", "web", withEndpoints: false, CancellationToken.None)).Should().Be(new IndexLookup(true, null));
    }

    [Fact]
    public async Task Decision22_Nothing_is_asked_before_the_first_use_and_no_endpoints_without_need()
    {
        _server.Requests.Should().BeEmpty();
        await FindAsync("web");
        await WatchAsync(Services);

        _server.Requests.Should().NotContain(static request => request.Target.StartsWith(Slices, StringComparison.Ordinal));
        (await FindAsync("web", withEndpoints: true)).View!.ReadyEndpoints("http").Should().ContainSingle();
        _server.Requests.Should().Contain(static request => request.Target.StartsWith(Slices, StringComparison.Ordinal));
    }

    [Fact]
    public async Task H57_Warm_memory_asks_nobody()
    {
        await FindAsync("web", withEndpoints: true);
        await WatchAsync(Services);
        await WatchAsync(Slices);
        var before = _server.Requests.Count;

        for (var i = 0; i < 100; i++)
        {
            (await FindAsync(i % 2 == 0 ? "web" : "missing", withEndpoints: true)).IsKnown.Should().BeTrue();
        }

        _server.Requests.Should().HaveCount(before);
        before.Should().Be(4);
    }

    [Fact]
    public async Task F22_All_calls_travel_on_the_gateways_account()
    {
        await FindAsync("web", withEndpoints: true);
        await WatchAsync(Services);

        _server.Requests.Should().AllSatisfy(static request => request.Header("Authorization").Should().Be("Bearer SA"));
    }

    [Fact]
    public async Task The_same_state_is_the_same_view()
    {
        var first = (await FindAsync("web", withEndpoints: true)).View;

        (await FindAsync("web", withEndpoints: true)).View.Should().BeSameAs(first);
        (await FindAsync("web")).View.Should().BeSameAs(first);
    }

    [Fact]
    public async Task H57_A_Service_that_is_created_is_found_and_one_that_is_deleted_is_gone()
    {
        (await FindAsync("new")).View.Should().BeNull();
        var events = await WatchAsync(Services);

        await events.WriteAsync(Event("ADDED", Service("new", "2")));
        await Eventually.BeTrueAsync(async () => (await FindAsync("new")).View is not null, "the new Service is found");
        await events.WriteAsync(Event("DELETED", Service("new", "3")));
        await Eventually.BeTrueAsync(async () => (await FindAsync("new")).View is null, "the deleted Service is gone");

        (await FindAsync("web")).View.Should().NotBeNull();
    }

    [Fact]
    public async Task A_change_makes_a_new_view_of_that_Service_alone()
    {
        var (web, other) = ((await FindAsync("web")).View, (await FindAsync("other")).View);
        var events = await WatchAsync(Services);

        await events.WriteAsync(Event("MODIFIED", Service("web", "2")));
        await Eventually.BeTrueAsync(async () => (await FindAsync("web")).View is { } now && now.Service.Metadata.ResourceVersion is "2", "the change is seen");

        (await FindAsync("web")).View.Should().NotBeSameAs(web);
        (await FindAsync("other")).View.Should().BeSameAs(other);
    }

    [Fact]
    public async Task Endpoints_follow_their_slices()
    {
        (await AddressesAsync("web")).Should().Equal("10.1.0.1:8080");
        (await AddressesAsync("other")).Should().BeEmpty();
        var events = await WatchAsync(Slices);

        await events.WriteAsync(Event("ADDED", Slice("web-2", "web", "2", "10.1.0.2")));
        await BecomesAsync("web", "10.1.0.1:8080", "10.1.0.2:8080");
        await events.WriteAsync(Event("MODIFIED", Slice("web-1", "web", "3", "10.1.0.3")));
        await BecomesAsync("web", "10.1.0.2:8080", "10.1.0.3:8080");
        await events.WriteAsync(Event("MODIFIED", Slice("web-2", "other", "4", "10.1.0.2")));
        await BecomesAsync("web", "10.1.0.3:8080");
        await BecomesAsync("other", "10.1.0.2:8080");
        await events.WriteAsync(Event("DELETED", Slice("web-1", "web", "5", "10.1.0.3")));
        await BecomesAsync("web");
    }

    [Fact]
    public async Task A_new_list_takes_away_what_it_does_not_hold()
    {
        await FindAsync("web", withEndpoints: true);
        var services = await WatchAsync(Services);
        var slices = await WatchAsync(Slices);
        List(Services, Service("web", "9"), Service("third", "9"));
        List(Slices, Slice("third-1", "third", "9", "10.1.0.9"));

        await services.WriteAsync(Expired);
        await slices.WriteAsync(Expired);
        await ElapseUntilAsync(async () => (await FindAsync("other", withEndpoints: true)) is { IsKnown: true, View: null }
            && (await FindAsync("third", withEndpoints: true)).View?.Slices is { Count: 1 }
            && (await FindAsync("web", withEndpoints: true)).View?.Slices is { Count: 0 }, "the second list is in force");
    }

    [Theory]
    [InlineData(403)]
    [InlineData(401)]
    [InlineData(500)]
    public async Task F22_Where_memory_cannot_be_filled_it_says_so_at_once(int status)
    {
        _lists[Services] = RawAnswer.Json(status, "{}");

        (await FindAsync("web")).Should().Be(IndexLookup.Unknown);
        (await FindAsync("web", withEndpoints: true)).IsKnown.Should().BeFalse();
    }

    [Fact]
    public async Task F22_Services_may_be_known_where_endpoints_are_not()
    {
        _lists[Slices] = RawAnswer.Json(403, "{}");

        (await FindAsync("web", withEndpoints: true)).IsKnown.Should().BeFalse();
        (await FindAsync("web")).View.Should().NotBeNull();
    }

    [Fact]
    public async Task What_is_in_memory_is_not_believed_after_the_connection_is_lost()
    {
        await FindAsync("web");
        await WatchAsync(Services);
        _lists[Services] = RawAnswer.Json(503, "{}");
        foreach (var connection in _server.Connections)
        {
            connection.Reset();
        }

        await Eventually.BeTrueAsync(async () => !(await FindAsync("web")).IsKnown, "the loss is noticed");

        List(Services, Service("web", "9"));
        await ElapseUntilAsync(async () => (await FindAsync("web")).View is not null, "memory is filled again");
    }

    [Fact]
    public async Task Decision22_Watches_end_when_nobody_has_asked_for_a_while()
    {
        await FindAsync("web", withEndpoints: true);
        await WatchAsync(Services);
        await WatchAsync(Slices);
        _time.Advance(TimeSpan.FromMinutes(9));
        await FindAsync("web");
        _time.Advance(TimeSpan.FromMinutes(1));
        _server.OpenConnections.Should().Be(2, "it was used a minute ago");

        _time.Advance(TimeSpan.FromMinutes(10));
        await _server.WaitForNoConnectionAsync();

        List(Services, Service("late", "9"));
        (await FindAsync("late")).View.Should().NotBeNull("the next use begins anew");
        (await FindAsync("web")).Should().Be(new IndexLookup(true, null));
    }

    [Fact]
    public async Task Disposed_it_knows_nothing_and_asks_nobody()
    {
        await FindAsync("web");
        await WatchAsync(Services);
        _index.Dispose();
        await _server.WaitForNoConnectionAsync();
        var before = _server.Requests.Count;

        (await FindAsync("web")).Should().Be(IndexLookup.Unknown);
        _server.Requests.Should().HaveCount(before);
    }

    [Fact]
    public async Task One_who_leaves_during_the_first_list_leaves_it_to_the_others()
    {
        _lists[Services] = RawAnswer.Json(200, "") with { Bytes = default };
        using var leaving = new CancellationTokenSource();
        var left = _index.FindAsync("default", "web", withEndpoints: false, leaving.Token).AsTask();
        await _server.WaitForRequestAsync();

        await leaving.CancelAsync();

        await ((Func<Task>)(() => left.WaitAsync(Guard.Limit))).Should().ThrowAsync<OperationCanceledException>();
        _server.OpenConnections.Should().Be(1, "the list itself goes on");
    }

    public async ValueTask DisposeAsync()
    {
        _index.Dispose();
        _upstream.Dispose();
        await _server.DisposeAsync();
    }

    private const string Expired = """{"type":"ERROR","object":{"kind":"Status","metadata":{},"code":410}}""";

    private static string Service(string name, string version) =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"default","uid":"u","resourceVersion":"{{{version}}}"},"spec":{"clusterIP":"10.0.0.1","ports":[{"name":"http","port":80}]}}""";

    private static string Slice(string name, string service, string version, string address) =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"default","resourceVersion":"{{{version}}}","labels":{"kubernetes.io/service-name":"{{{service}}}"}},"addressType":"IPv4","ports":[{"name":"http","port":8080}],"endpoints":[{"addresses":["{{{address}}}"],"conditions":{"ready":true}}]}""";

    private static string Event(string type, string value) => $$"""{"type":"{{type}}","object":{{value}} }""";

    private void List(string collection, params string[] items) =>
        _lists[collection] = RawAnswer.Json(200, $$$"""{"metadata":{"resourceVersion":"1"},"items":[{{{string.Join(',', items)}}}]}""");

    private Task<IndexLookup> FindAsync(string name, bool withEndpoints = false) =>
        _index.FindAsync("default", name, withEndpoints, CancellationToken.None).AsTask().WaitAsync(Guard.Limit);

    private async Task<string[]> AddressesAsync(string name) =>
        [.. (await FindAsync(name, withEndpoints: true)).View!.ReadyEndpoints("http").Select(static one => one.ToString()).Order(StringComparer.Ordinal)];

    private Task BecomesAsync(string name, params string[] addresses) =>
        Eventually.BeTrueAsync(async () => (await AddressesAsync(name)).SequenceEqual(addresses, StringComparer.Ordinal), $"{name} leads to {string.Join(", ", addresses)}");

    /// <summary>Lets pauses pass until the condition holds.</summary>
    private Task ElapseUntilAsync(Func<Task<bool>> condition, string what) => Eventually.BeTrueAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return condition();
        },
        what);

    /// <summary>Waits until that collection is watched; what is written there is sent as events.</summary>
    private async Task<ChannelWriter<string>> WatchAsync(string collection)
    {
        await Eventually.BeTrueAsync(() => _events.ContainsKey(collection), $"{collection} is watched");
        return _events[collection].Writer;
    }

    private async Task AnswerAsync(RawUpstreamConnection connection)
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            var collection = request.Target.Split('?')[0];
            if (!request.Target.Contains("watch=true", StringComparison.Ordinal))
            {
                var list = _lists[collection];
                if (list.Bytes.IsEmpty)
                {
                    await connection.PeerClosed;
                    return;
                }

                await connection.AnswerAsync(list);
                continue;
            }

            await connection.WriteAsync(RawAnswer.ChunkedHead(200));
            var events = _events[collection] = Channel.CreateUnbounded<string>();
            while (await Task.WhenAny(connection.PeerClosed, events.Reader.WaitToReadAsync().AsTask()) != connection.PeerClosed)
            {
                await connection.WriteAsync(RawAnswer.Chunk(await events.Reader.ReadAsync() + "\n"));
            }

            return;
        }
    }
}
