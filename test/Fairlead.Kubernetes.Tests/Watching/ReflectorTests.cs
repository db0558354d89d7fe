using System.Net;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using AwesomeAssertions;
using Fairlead.Kubernetes.Resources;
using Fairlead.Kubernetes.Watching;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Watching;

public sealed partial class ReflectorTests : IAsyncDisposable
{
    private readonly ScriptedApi _api = new();
    private readonly HeldTime _time = new();
    private readonly Recorder _sink = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Reflector<Service> _reflector;
    private readonly Task _running;

    public ReflectorTests()
    {
        _reflector = new Reflector<Service>(_api.GetAsync, "/api/v1/services", ApiJson.Default.Service, ApiJson.Default.ApiListService, _sink, _time);
        _running = _reflector.RunAsync(_stopping.Token);
    }

    [Fact]
    public async Task F22_A_list_in_pages_is_told_at_once()
    {
        var first = await _api.NextAsync();
        first.Target.Should().Be("/api/v1/services?limit=500");
        _reflector.State.Should().Be(ReflectorState.Starting);
        _reflector.FirstOutcome.IsCompleted.Should().BeFalse();
        first.ReplyList("7", "a/b+c=", "one", "two");

        var second = await _api.NextAsync();
        second.Target.Should().Be("/api/v1/services?limit=500&continue=a%2Fb%2Bc%3D");
        _sink.IsEmpty.Should().BeTrue("half a list is none");
        second.ReplyList("7", "d", "three");

        (await _api.NextAsync()).ReplyList("7", "", "four");

        (await _sink.NextAsync()).Should().Be("replace one two three four");
        (await NextWatchAsync()).Version.Should().Be("7");
        await _reflector.FirstOutcome.WaitAsync(Guard.Limit);
        (_reflector.State, _reflector.Problem).Should().Be((ReflectorState.Live, null));
    }

    [Fact]
    public async Task F22_An_empty_list_is_a_list()
    {
        (await _api.NextAsync()).Reply("""{"metadata":{"resourceVersion":"1"},"items":null}""");

        (await _sink.NextAsync()).Should().Be("replace");
        (await NextWatchAsync()).Version.Should().Be("1");
    }

    [Fact]
    public async Task A_watch_asks_for_bookmarks_and_for_an_end()
    {
        (await _api.NextAsync()).ReplyList("7/8", "");

        var match = WatchTarget().Match((await _api.NextAsync()).Target);

        match.Success.Should().BeTrue();
        match.Groups["version"].Value.Should().Be("7%2F8");
        int.Parse(match.Groups["seconds"].Value, System.Globalization.CultureInfo.InvariantCulture).Should().BeInRange(300, 600);
    }

    [Fact]
    public async Task H57_Events_are_told_in_their_order()
    {
        var watch = await ToWatchAsync("7", "web");

        await watch.SendAsync(Event.Of("ADDED", "new", "8"), Event.Of("MODIFIED", "web", "9"));
        await watch.SendAsync(Event.Of("DELETED", "new", "10"));

        (await _sink.NextAsync()).Should().Be("put new 8");
        (await _sink.NextAsync()).Should().Be("put web 9");
        (await _sink.NextAsync()).Should().Be("remove new 10");
    }

    [Fact]
    public async Task An_event_may_come_in_pieces()
    {
        var watch = await ToWatchAsync("7");
        var line = Event.Of("ADDED", "café", "8") + "\n" + Event.Of("ADDED", "x", "9");

        foreach (var piece in line.Chunk(7))
        {
            await watch.SendRawAsync(new string(piece));
        }

        (await _sink.NextAsync()).Should().Be("put café 8");
        _sink.IsEmpty.Should().BeTrue("the second is not whole yet");
        await watch.SendRawAsync("\n\n");
        (await _sink.NextAsync()).Should().Be("put x 9");
    }

    [Fact]
    public async Task A_watch_that_ends_goes_on_from_the_last_version()
    {
        var watch = await ToWatchAsync("7");
        await watch.SendAsync(Event.Of("ADDED", "new", "8"));
        await _sink.NextAsync();
        _time.Advance(TimeSpan.FromMinutes(5));
        watch.End();

        (await NextWatchAsync()).Version.Should().Be("8");
        _sink.IsEmpty.Should().BeTrue("nothing is listed again");
        _reflector.State.Should().Be(ReflectorState.Live);
    }

    [Fact]
    public async Task A_watch_that_ends_before_any_event_goes_on_from_the_lists_version()
    {
        var watch = await ToWatchAsync("7");
        _time.Advance(TimeSpan.FromMinutes(5));
        watch.End();

        (await NextWatchAsync()).Version.Should().Be("7");
    }

    [Fact]
    public async Task A_watch_that_ends_in_half_an_event_leaves_it_out()
    {
        var watch = await ToWatchAsync("7");
        await watch.SendRawAsync(Event.Of("ADDED", "new", "8") + "\n" + Event.Of("ADDED", "half", "9")[..40]);
        await _sink.NextAsync();
        _time.Advance(TimeSpan.FromMinutes(5));
        watch.End();

        (await NextWatchAsync()).Version.Should().Be("8");
        _sink.IsEmpty.Should().BeTrue();
    }

    [Fact]
    public async Task A_server_that_ends_every_watch_at_once_is_not_asked_without_a_pause()
    {
        (await ToWatchAsync("7")).End();
        var pause = await _time.NextWaitAsync();

        pause.DueTime.Should().BeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(500)).And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(1));
        _api.HasRequest.Should().BeFalse();
        pause.End();

        (await NextWatchAsync()).Version.Should().Be("7");
    }

    [Fact]
    public async Task A_bookmark_moves_the_version_and_tells_nothing()
    {
        var watch = await ToWatchAsync("7");
        await watch.SendAsync(Event.Of("ADDED", "new", "8"), Event.Bookmark("20"));
        (await _sink.NextAsync()).Should().Be("put new 8");
        _time.Advance(TimeSpan.FromMinutes(5));
        watch.End();

        (await NextWatchAsync()).Version.Should().Be("20");
        _sink.IsEmpty.Should().BeTrue();
    }

    [Fact]
    public async Task A_version_that_is_gone_when_the_watch_begins_lists_again()
    {
        (await _api.NextAsync()).ReplyList("7", "", "web");
        await _sink.NextAsync();
        (await _api.NextAsync()).Reply("""{"kind":"Status","code":410}""", HttpStatusCode.Gone);
        await _time.PassAsync();

        await ListedAgainAsync();
    }

    [Theory]
    [InlineData(410)]
    [InlineData(500)]
    public async Task A_version_that_is_gone_during_the_watch_lists_again(int code)
    {
        var watch = await ToWatchAsync("7", "web");
        await watch.SendAsync(Event.Of("ADDED", "new", "8"), Event.Error(code), Event.Of("ADDED", "late", "9"));
        (await _sink.NextAsync()).Should().Be("put new 8");
        await _time.PassAsync();

        await ListedAgainAsync();
    }

    [Fact]
    public async Task A_list_that_expires_between_two_pages_begins_anew()
    {
        (await _api.NextAsync()).ReplyList("7", "next", "one");
        (await _api.NextAsync()).Reply("""{"kind":"Status","code":410}""", HttpStatusCode.Gone);
        await _time.PassAsync();

        (await _api.NextAsync()).Target.Should().Be("/api/v1/services?limit=500");
        _sink.IsEmpty.Should().BeTrue("half a list is none");
    }

    [Fact]
    public async Task A_lost_connection_lists_again_after_a_pause()
    {
        var watch = await ToWatchAsync("7", "web");
        watch.Break();

        var pause = await _time.NextWaitAsync();
        _reflector.State.Should().Be(ReflectorState.Failing);
        _reflector.Problem.Should().NotBeNull();
        _api.HasRequest.Should().BeFalse();
        pause.End();

        await ListedAgainAsync();
        _reflector.Problem.Should().BeNull();
    }

    [Theory]
    [InlineData("""{"type":"ADDED","object":{"metadata":null}}""")]
    [InlineData("""{"type":"ADDED","object":null}""")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"object":{"metadata":{}}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"x"},"spec":{"ports":"none"}}}""")]
    [InlineData("nonsense")]
    public async Task An_event_that_cannot_be_read_lists_again_after_a_pause(string line)
    {
        var watch = await ToWatchAsync("7", "web");
        await watch.SendAsync(line);
        await _time.PassAsync();

        await ListedAgainAsync();
    }

    [Fact]
    public async Task An_event_without_an_end_is_not_collected_for_ever()
    {
        var watch = await ToWatchAsync("7", "web");
        await watch.SendRawAsync(new string('x', (8 * 1024 * 1024) + 1));
        await _time.PassAsync();

        await ListedAgainAsync();
    }

    [Fact]
    public async Task Pauses_grow_from_half_a_second_to_half_a_minute()
    {
        var expected = new[] { 0.5, 1, 2, 4, 8, 16, 30, 30 };
        foreach (var seconds in expected)
        {
            (await _api.NextAsync()).Fail(new HttpRequestException("nobody listens"));
            (await _time.PassAsync()).TotalSeconds.Should().BeInRange(seconds / 2, seconds);
        }

        _reflector.State.Should().Be(ReflectorState.Failing);
        _reflector.Problem.Should().Be("nobody listens");
        _reflector.FirstOutcome.IsCompleted.Should().BeTrue("who waits for the first list learns that there is none");
    }

    [Fact]
    public async Task A_list_that_comes_after_all_ends_the_growth()
    {
        for (var i = 0; i < 4; i++)
        {
            (await _api.NextAsync()).Fail(new HttpRequestException("nobody listens"));
            await _time.PassAsync();
        }

        var watch = await ToWatchAsync("7");
        // A watch that was good for a while.
        _time.Advance(TimeSpan.FromMinutes(5));
        watch.Break();

        (await _time.PassAsync()).TotalSeconds.Should().BeInRange(0.25, 0.5);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.Unauthorized)]
    public async Task F22_Who_may_not_list_is_told_so_and_asks_on(HttpStatusCode status)
    {
        (await _api.NextAsync()).Reply("""{"kind":"Status"}""", status);
        await _reflector.FirstOutcome.WaitAsync(Guard.Limit);

        (_reflector.State, _reflector.Problem).Should().Be((ReflectorState.Forbidden, $"the API server answered {(int)status}"));
        await _time.PassAsync();
        await ToWatchAsync("7");
        _reflector.State.Should().Be(ReflectorState.Live);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task Any_other_answer_is_a_failure(HttpStatusCode status)
    {
        (await _api.NextAsync()).Reply("{}", status);
        await _reflector.FirstOutcome.WaitAsync(Guard.Limit);

        _reflector.State.Should().Be(ReflectorState.Failing);
        await _time.PassAsync();
        await ToWatchAsync("7");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("<html>")]
    [InlineData("""{"metadata":{"resourceVersion":"1"},"items":[null]}""")]
    [InlineData("""{"metadata":{"resourceVersion":"1"},"items":[{"spec":{}}]}""")]
    public async Task A_list_that_cannot_be_read_is_a_failure(string body)
    {
        (await _api.NextAsync()).Reply(body);
        await _reflector.FirstOutcome.WaitAsync(Guard.Limit);

        _reflector.State.Should().Be(ReflectorState.Failing);
        _sink.IsEmpty.Should().BeTrue();
    }

    [Fact]
    public async Task F22_Who_may_list_and_not_watch_is_told_so()
    {
        (await _api.NextAsync()).ReplyList("7", "", "web");
        (await _api.NextAsync()).Reply("{}", HttpStatusCode.Forbidden);
        await _time.NextWaitAsync();

        _reflector.State.Should().Be(ReflectorState.Forbidden);
    }

    [Fact]
    public async Task D11_F26_Who_may_list_and_not_watch_is_not_listed_to_for_ever_without_a_growing_pause()
    {
        // D11's RBAC, taken literally, grants get and list: every round lists all Services of the cluster.
        var pauses = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            (await _api.NextAsync()).ReplyList("7", "", "web");
            (await _api.NextAsync()).Reply("{}", HttpStatusCode.Forbidden);
            pauses.Add((await _time.PassAsync()).TotalSeconds);
        }

        pauses[4].Should().BeGreaterThanOrEqualTo(2, "the pauses are {0}", string.Join(", ", pauses));
    }

    [Fact]
    public async Task Every_answer_is_given_back()
    {
        (await _api.NextAsync()).ReplyList("7", "next", "web");
        (await _api.NextAsync()).ReplyList("7", "");
        var watch = (await _api.NextAsync()).Watch();
        await watch.SendAsync(Event.Error(410));
        await _time.PassAsync();
        (await _api.NextAsync()).Reply("{}", HttpStatusCode.Forbidden);
        await _time.NextWaitAsync();

        _api.Lent.Should().Be(0);
    }

    [Fact]
    public async Task It_ends_while_it_lists()
    {
        await _api.NextAsync();
        await EndsAsync();
    }

    [Fact]
    public async Task It_ends_while_it_watches()
    {
        await ToWatchAsync("7");
        await EndsAsync();
        _api.Lent.Should().Be(0);
    }

    [Fact]
    public async Task It_ends_while_it_pauses()
    {
        (await _api.NextAsync()).Fail(new HttpRequestException("nobody listens"));
        await _time.NextWaitAsync();
        await EndsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(Guard.Limit);
        _stopping.Dispose();
    }

    private async Task EndsAsync()
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(Guard.Limit);
        _running.IsCompletedSuccessfully.Should().BeTrue();
    }

    /// <summary>Answers the list and begins the watch.</summary>
    private async Task<OpenWatch> ToWatchAsync(string version, params string[] names)
    {
        var list = await _api.NextAsync();
        list.Target.Should().Be("/api/v1/services?limit=500");
        list.ReplyList(version, "", names);
        (await _sink.NextAsync()).Should().StartWith("replace");
        var (found, request) = await NextWatchAsync();
        found.Should().Be(version);
        return request.Watch();
    }

    private async Task<(string Version, PendingGet Request)> NextWatchAsync()
    {
        var request = await _api.NextAsync();
        return (WatchTarget().Match(request.Target).Groups["version"].Value, request);
    }

    private async Task ListedAgainAsync()
    {
        var list = await _api.NextAsync();
        list.Target.Should().Be("/api/v1/services?limit=500");
        list.ReplyList("30", "", "other");
        (await _sink.NextAsync()).Should().Be("replace other");
        (await NextWatchAsync()).Version.Should().Be("30");
        _reflector.State.Should().Be(ReflectorState.Live);
    }

    [GeneratedRegex("^/api/v1/services\\?watch=true&allowWatchBookmarks=true&timeoutSeconds=(?<seconds>[0-9]+)&resourceVersion=(?<version>[^&]*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WatchTarget();

    private sealed class Recorder : IReflection<Service>
    {
        private readonly Channel<string> _told = Channel.CreateUnbounded<string>();

        public bool IsEmpty => !_told.Reader.TryPeek(out _);

        public void Replace(IReadOnlyList<Service> all) => _told.Writer.TryWrite(string.Join(' ', ["replace", .. all.Select(static one => one.Metadata.Name)]));

        public void Put(Service value) => _told.Writer.TryWrite($"put {value.Metadata.Name} {value.Metadata.ResourceVersion}");

        public void Remove(Service value) => _told.Writer.TryWrite($"remove {value.Metadata.Name} {value.Metadata.ResourceVersion}");

        public async Task<string> NextAsync()
        {
            var next = "";
            await Guard.RunAsync("a word of the reflector", async token => next = await _told.Reader.ReadAsync(token), CancellationToken.None);
            return next;
        }
    }
}
