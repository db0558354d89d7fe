using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using AwesomeAssertions;
using Fairlead.Kubernetes.Resources;
using Fairlead.Kubernetes.Watching;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Watching;

/// <summary>A copy that is kept up to date by list and watch.</summary>
public sealed class ReflectorTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_list_in_pages_is_followed_by_a_watch_from_its_version()
    {
        await using var run = new Run();
        run.Answer(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"7","continue":"n+x"},"items":[{"metadata":{"name":"a","namespace":"n"}}]}""");
        run.Answer(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"8"},"items":[{"metadata":{"name":"b","namespace":"n"}}]}""");
        var watch = run.Watch();

        await run.Reflector.FirstOutcome.WaitAsync(_limit);

        run.Reflector.State.Should().Be(ReflectorState.Live);
        run.Names.Should().Equal("a", "b");
        run.Asked[0].Should().Be("/x?limit=500");
        run.Asked[1].Should().Be("/x?limit=500&continue=n%2Bx");
        run.Asked[2].Should().StartWith("/x?watch=true&allowWatchBookmarks=true&timeoutSeconds=").And.EndWith("&resourceVersion=8");
        await watch.CompleteAsync();
    }

    [Fact]
    public async Task Events_change_the_copy_and_bookmarks_move_the_version()
    {
        await using var run = new Run();
        run.Answer(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}}]}""");
        var watch = run.Watch();
        var second = run.Watch();
        await run.Reflector.FirstOutcome.WaitAsync(_limit);

        await SendAsync(watch, """{"type":"ADDED","object":{"metadata":{"name":"b","resourceVersion":"2"}}}""");
        await SendAsync(watch, """{"type":"MODIFIED","object":{"metadata":{"name":"b","resourceVersion":"3"},"spec":{"clusterIP":"10.0.0.1"}}}""");
        await SendAsync(watch, """{"type":"DELETED","object":{"metadata":{"name":"a","resourceVersion":"4"}}}""");
        await SendAsync(watch, """{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}""");
        await watch.CompleteAsync();
        await run.WaitForRequestAsync(3);

        run.Names.Should().Equal("b");
        run.Objects["b"].Spec.ClusterIP.Should().Be("10.0.0.1");
        run.Asked[2].Should().EndWith("&resourceVersion=9", "a watch that ended goes on from the last version");
        run.Reflector.State.Should().Be(ReflectorState.Live);
        await second.CompleteAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_version_that_is_too_old_means_a_new_list(bool asEvent)
    {
        await using var run = new Run();
        run.Answer(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"old"}}]}""");
        if (asEvent)
        {
            var watch = run.Watch();
            await SendAsync(watch, """{"type":"ERROR","object":{"kind":"Status","code":410}}""");
        }
        else
        {
            run.Answer(HttpStatusCode.Gone, "{}");
        }

        run.Answer(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"new"}}]}""");
        var last = run.Watch();

        await run.WaitForRequestAsync(4);

        run.Names.Should().Equal("new");
        await last.CompleteAsync();
    }

    [Fact]
    public async Task A_list_that_nobody_watches_is_not_live()
    {
        await using var run = new Run();
        run.Answer(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"1"},"items":[]}""");
        run.Answer(HttpStatusCode.Forbidden, "{}");

        await run.Reflector.FirstOutcome.WaitAsync(_limit);

        run.Reflector.State.Should().Be(ReflectorState.Forbidden);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, ReflectorState.Forbidden)]
    [InlineData(HttpStatusCode.Unauthorized, ReflectorState.Forbidden)]
    [InlineData(HttpStatusCode.InternalServerError, ReflectorState.Failing)]
    public async Task A_refused_list_is_tried_again_after_a_while(HttpStatusCode status, ReflectorState state)
    {
        await using var run = new Run();
        run.Answer(status, "{}");
        await run.Reflector.FirstOutcome.WaitAsync(_limit);
        run.Reflector.State.Should().Be(state);
        run.Reflector.Problem.Should().Contain(((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture));

        run.Answer(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}}]}""");
        var watch = run.Watch();
        await run.WaitForRequestAsync(3);
        await Run.UntilAsync(() => run.Reflector.State is ReflectorState.Live);

        run.Names.Should().Equal("a");
        await watch.CompleteAsync();
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("""{"items":[]}""")]
    [InlineData("""{"metadata":{"resourceVersion":"1"},"items":[{"spec":{}}]}""")]
    public async Task What_is_no_list_is_an_error_and_not_an_empty_one(string body)
    {
        await using var run = new Run();
        run.Answer(HttpStatusCode.OK, body);

        await run.Reflector.FirstOutcome.WaitAsync(_limit);

        run.Reflector.State.Should().Be(ReflectorState.Failing);
        run.Replaced.Should().Be(0);
    }

    [Fact]
    public async Task A_page_that_is_too_long_is_not_read_to_its_end()
    {
        await using var run = new Run();
        run.Answer(HttpStatusCode.OK, new string(' ', 65 * 1024 * 1024));

        await run.Reflector.FirstOutcome.WaitAsync(_limit);

        run.Reflector.State.Should().Be(ReflectorState.Failing);
        run.Reflector.Problem.Should().Contain("longer than");
    }

    [Fact]
    public async Task Pages_without_end_are_not_followed_for_ever()
    {
        await using var run = new Run();
        for (var i = 0; i < 200; i++)
        {
            run.Answer(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"7","continue":"again"},"items":[]}""");
        }

        await run.Reflector.FirstOutcome.WaitAsync(_limit);

        run.Reflector.Problem.Should().Contain("200 pages");
        run.Replaced.Should().Be(0);
    }

    [Fact]
    public async Task A_broken_watch_takes_the_copy_out_of_use_until_the_next_list()
    {
        await using var run = new Run();
        run.Answer(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}}]}""");
        var watch = run.Watch();
        await run.Reflector.FirstOutcome.WaitAsync(_limit);

        await watch.CompleteAsync(new IOException("cut"));

        await Run.UntilAsync(() => run.Reflector.State is ReflectorState.Failing);
    }

    private static async Task SendAsync(PipeWriter watch, string line) => await watch.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>A reflector and the answers that it gets, in their order; it waits where there is none yet.</summary>
    private sealed class Run : IReflection<Service>, IAsyncDisposable
    {
        private readonly System.Threading.Channels.Channel<Func<HttpResponseMessage>> _answers = System.Threading.Channels.Channel.CreateUnbounded<Func<HttpResponseMessage>>();
        private readonly ConcurrentQueue<string> _asked = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;
        private int _released;

        public Run()
        {
            Reflector = new Reflector<Service>(GetAsync, "/x", ApiJson.Default.Service, ApiJson.Default.ApiListService, this, TimeProvider.System);
            _running = Reflector.RunAsync(_stop.Token);
        }

        public Reflector<Service> Reflector { get; }

        public ConcurrentDictionary<string, Service> Objects { get; } = new(StringComparer.Ordinal);

        public IEnumerable<string> Names => Objects.Keys.Order(StringComparer.Ordinal);

        public IReadOnlyList<string> Asked => [.. _asked];

        public int Replaced { get; private set; }

        public void Answer(HttpStatusCode status, string body) => _answers.Writer.TryWrite(() => new HttpResponseMessage(status) { Content = new StringContent(body) });

        public PipeWriter Watch()
        {
            var pipe = new Pipe();
            _answers.Writer.TryWrite(() => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) });
            return pipe.Writer;
        }

        public Task WaitForRequestAsync(int count) => UntilAsync(() => _asked.Count >= count);

        public static async Task UntilAsync(Func<bool> condition)
        {
            using var limit = new CancellationTokenSource(_limit);
            while (!condition())
            {
                await Task.Delay(10, limit.Token);
            }
        }

        public void Replace(IReadOnlyList<Service> all)
        {
            Replaced++;
            Objects.Clear();
            foreach (var one in all)
            {
                Put(one);
            }
        }

        public void Put(Service value) => Objects[value.Metadata.Name] = value;

        public void Remove(Service value) => Objects.TryRemove(value.Metadata.Name, out _);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.WaitAsync(_limit);
            _stop.Dispose();
        }

        private async Task<ApiAnswer> GetAsync(string target, CancellationToken cancellationToken)
        {
            _asked.Enqueue(target);
            var answer = await _answers.Reader.ReadAsync(cancellationToken);
            return new ApiAnswer(answer(), () => Interlocked.Increment(ref _released));
        }
    }
}
