using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Clusters;

public sealed class ExpiringCacheTests
{
    private static readonly TimeSpan _good = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new();
    private int _made;

    [Fact]
    public async Task An_answer_is_kept_until_its_time_is_over()
    {
        var cache = Cache();

        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(1);
        _time.Advance(_good - TimeSpan.FromTicks(1));
        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(1);
        _time.Advance(TimeSpan.FromTicks(1));
        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(2);
        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(2);
    }

    [Fact]
    public async Task An_answer_that_was_read_lives_no_longer_for_it()
    {
        var cache = Cache();
        for (var i = 0; i < 9; i++)
        {
            (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(1);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(2);
    }

    [Fact]
    public async Task The_answer_says_how_long_it_is_good_for()
    {
        var cache = Cache();

        await cache.GetAsync("short", Next, static _ => TimeSpan.FromSeconds(1), CancellationToken.None);
        await cache.GetAsync("long", Next, static value => TimeSpan.FromSeconds(value * 50), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(60));

        (await cache.GetAsync("long", Next, Good, CancellationToken.None)).Should().Be(2);
        (await cache.GetAsync("short", Next, Good, CancellationToken.None)).Should().Be(3);
    }

    [Fact]
    public async Task Keys_are_apart()
    {
        var cache = Cache();

        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(1);
        (await cache.GetAsync("A", Next, Good, CancellationToken.None)).Should().Be(2);
        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(1);
    }

    [Fact]
    public async Task Who_asks_for_an_answer_on_its_way_waits_for_that_one()
    {
        var cache = Cache();
        var answer = new TaskCompletionSource<int>();
        var waiting = Enumerable.Range(0, 100).Select(_ => cache.GetAsync("a", Slow, Good, CancellationToken.None).AsTask()).ToArray();

        waiting.Should().NotContain(static one => one.IsCompleted);
        answer.SetResult(7);

        (await Task.WhenAll(waiting).WaitAsync(Guard.Limit)).Should().AllBeEquivalentTo(7);
        _made.Should().Be(1);

        Task<int> Slow()
        {
            _made++;
            return answer.Task;
        }
    }

    [Fact]
    public async Task An_answer_on_its_way_does_not_grow_old()
    {
        var cache = Cache();
        var answer = new TaskCompletionSource<int>();
        var first = cache.GetAsync("a", () => answer.Task, Good, CancellationToken.None).AsTask();
        _time.Advance(TimeSpan.FromHours(1));
        var second = cache.GetAsync("a", Next, Good, CancellationToken.None).AsTask();
        answer.SetResult(7);

        (await first.WaitAsync(Guard.Limit), await second.WaitAsync(Guard.Limit)).Should().Be((7, 7));
        _time.Advance(_good - TimeSpan.FromTicks(1));
        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(7, "its time begins when it is there");
        _made.Should().Be(0);
    }

    [Fact]
    public async Task One_who_leaves_takes_the_answer_from_nobody()
    {
        var cache = Cache();
        var answer = new TaskCompletionSource<int>();
        using var leaving = new CancellationTokenSource();
        var left = cache.GetAsync("a", () => answer.Task, Good, leaving.Token).AsTask();
        var stays = cache.GetAsync("a", Next, Good, CancellationToken.None).AsTask();

        await leaving.CancelAsync();

        await ((Func<Task>)(() => left.WaitAsync(Guard.Limit))).Should().ThrowAsync<OperationCanceledException>();
        answer.SetResult(7);
        (await stays.WaitAsync(Guard.Limit)).Should().Be(7);
    }

    [Fact]
    public async Task A_failure_is_for_those_who_wait_and_not_kept()
    {
        var cache = Cache();
        var answer = new TaskCompletionSource<int>();
        var waiting = new[] { cache.GetAsync("a", () => answer.Task, Good, CancellationToken.None).AsTask(), cache.GetAsync("a", Next, Good, CancellationToken.None).AsTask() };
        answer.SetException(new InvalidOperationException("no"));

        foreach (var one in waiting)
        {
            await ((Func<Task>)(() => one.WaitAsync(Guard.Limit))).Should().ThrowAsync<InvalidOperationException>();
        }

        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(1);
    }

    [Fact]
    public async Task A_maker_that_throws_at_once_fails_as_well()
    {
        var cache = Cache();

        var ask = () => cache.GetAsync("a", static () => throw new InvalidOperationException("no"), Good, CancellationToken.None).AsTask();

        await ask.Should().ThrowAsync<InvalidOperationException>();
        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(1);
    }

    [Fact]
    public async Task A_stale_answer_does_not_stand_in_for_a_failure()
    {
        var cache = Cache();
        await cache.GetAsync("a", Next, Good, CancellationToken.None);
        _time.Advance(_good);

        var ask = () => cache.GetAsync("a", static () => Task.FromException<int>(new InvalidOperationException("no")), Good, CancellationToken.None).AsTask();

        await ask.Should().ThrowAsync<InvalidOperationException>();
        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(2);
    }

    [Fact]
    public async Task An_answer_that_is_good_for_no_time_is_for_those_who_wait()
    {
        var cache = Cache();
        var answer = new TaskCompletionSource<int>();
        var first = cache.GetAsync("a", () => answer.Task, static _ => TimeSpan.Zero, CancellationToken.None).AsTask();
        var second = cache.GetAsync("a", Next, static _ => TimeSpan.Zero, CancellationToken.None).AsTask();
        answer.SetResult(7);

        (await first.WaitAsync(Guard.Limit), await second.WaitAsync(Guard.Limit)).Should().Be((7, 7));
        (await cache.GetAsync("a", Next, static _ => -TimeSpan.FromSeconds(1), CancellationToken.None)).Should().Be(1);
        (await cache.GetAsync("a", Next, Good, CancellationToken.None)).Should().Be(2);
    }

    [Fact]
    public async Task No_more_is_kept_than_there_is_room_for()
    {
        const int Capacity = 64;
        var cache = new ExpiringCache<int, int>(Capacity, _time);
        for (var i = 0; i < 10 * Capacity; i++)
        {
            await cache.GetAsync(i, Next, Good, CancellationToken.None);
        }

        var before = _made;
        var kept = 0;
        for (var i = 0; i < 10 * Capacity; i++)
        {
            var known = true;
            await cache.GetAsync(
                i,
                () =>
                {
                    known = false;
                    return Task.FromResult(0);
                },
                static _ => TimeSpan.Zero,
                CancellationToken.None);
            kept += known ? 1 : 0;
        }

        before.Should().Be(10 * Capacity);
        kept.Should().BeInRange(0, Capacity);
    }

    [Fact]
    public async Task What_is_over_goes_before_what_is_good()
    {
        const int Capacity = 64;
        var cache = new ExpiringCache<int, int>(Capacity, _time);
        for (var i = 0; i < Capacity / 2; i++)
        {
            await cache.GetAsync(i, Next, Good, CancellationToken.None);
        }

        _time.Advance(_good);
        for (var i = Capacity / 2; i < Capacity; i++)
        {
            await cache.GetAsync(i, Next, Good, CancellationToken.None);
        }

        await cache.GetAsync(-1, Next, Good, CancellationToken.None);
        _made = 0;
        for (var i = Capacity / 2; i < Capacity; i++)
        {
            await cache.GetAsync(i, Next, Good, CancellationToken.None);
        }

        _made.Should().Be(0);
    }

    [Fact]
    public async Task Many_at_once_get_one_answer_for_each_key()
    {
        var cache = Cache();
        var made = 0;
        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Task.Run(async () => await cache.GetAsync(
            $"key{i % 7}",
            async () =>
            {
                await Task.Yield();
                return Interlocked.Increment(ref made);
            },
            Good,
            CancellationToken.None)))).WaitAsync(Guard.Limit);

        made.Should().Be(7);
        answers.Distinct().Should().HaveCount(7);
    }

    private static TimeSpan Good(int value) => _good;

    private ExpiringCache<string, int> Cache() => new(1_000, _time);

    private Task<int> Next() => Task.FromResult(++_made);
}
