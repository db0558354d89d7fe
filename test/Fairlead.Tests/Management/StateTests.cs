using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Limits;
using Fairlead.Sessions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Management;

/// <summary>What parts of the gateway remember of themselves for whoever asks.</summary>
public sealed class StateTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(1));

    [Fact]
    public void A_cluster_is_failing_from_a_failure_to_the_next_answer()
    {
        var contact = new ClusterContact(_time);
        (contact.ReachedAt, contact.Last, contact.IsFailing).Should().Be((null, null, false));

        contact.Failed(RefusalReason.ConnectionRefused);
        contact.IsFailing.Should().BeTrue();

        _time.Advance(TimeSpan.FromSeconds(5));
        contact.Reached();
        contact.IsFailing.Should().BeFalse();
        contact.Last!.Reason.Should().Be(RefusalReason.ConnectionRefused);
        contact.ReachedAt.Should().Be(_time.GetUtcNow());

        contact.Failed(RefusalReason.NotAllowed);
        contact.Last!.Reason.Should().Be(RefusalReason.ConnectionRefused, "only what keeps it from answering counts");
    }

    [Fact]
    public void T111_The_last_change_of_the_configuration_and_the_last_good_one_are_told_apart()
    {
        var history = new ReloadHistory(_time);
        var start = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromMinutes(1));

        history.Add(ReloadResult.Refused);
        (history.Last, history.Generation, history.InForceSince, history[ReloadResult.Refused]).Should().Be((ReloadResult.Refused, 1, start, 1));

        history.Add(ReloadResult.Succeeded);
        (history.Last, history.Generation, history.InForceSince, history[ReloadResult.Refused]).Should().Be((ReloadResult.Succeeded, 2, _time.GetUtcNow(), 1));
    }

    [Theory]
    [InlineData(null, "Allowed")]
    [InlineData("NotAllowed", "Denied")]
    [InlineData("IllegalToken", "Denied")]
    [InlineData("TooManyReviews", "Limited")]
    [InlineData("ConnectionRefused", "Failed")]
    [InlineData("ReviewUnavailable", "Failed")]
    public void An_access_review_ends_in_one_of_four_ways(string? reason, string expected) =>
        ReviewCounts.Of(reason is null ? null : new Refusal(Enum.Parse<RefusalReason>(reason), "")).ToString().Should().Be(expected);

    [Fact]
    public void A_limit_says_who_has_most_and_how_often_it_was_met()
    {
        var places = new OpenPlaces(new ScopedLimit(2, 10, null, 20));
        var (jane, bob) = (new PlaceKey(new CallerKey("jane", "", default), null, "a", null), new PlaceKey(new CallerKey("bob", "", default), null, "b", null));
        places.Enter(jane).Should().BeNull();
        places.Enter(jane).Should().BeNull();
        places.Enter(bob).Should().BeNull();
        places.Enter(jane).Should().Be(LimitScope.Caller);

        places.Use.Single(static use => use.Scope is RefusedCounts.PerCaller).Should().Be(new LimitUse("caller", 2, 2, 1));
        places.Use.Single(static use => use.Scope is RefusedCounts.All).Should().Be(new LimitUse("all", 3, 20, 0));

        places.Leave(jane);
        places.Use.Single(static use => use.Scope is RefusedCounts.PerCaller).Used.Should().Be(1);
    }

    [Fact]
    public async Task What_a_store_is_asked_is_counted_by_what_came_of_it()
    {
        await using var store = new MeasuredSessionStore(new MemorySessionStore(new SessionLifetimes(TimeSpan.FromHours(1), TimeSpan.FromHours(24)), _time));

        (await store.RememberOnceAsync("x", _time.GetUtcNow().AddHours(1), default)).Should().Be(StoreStatus.Done);
        (await store.RememberOnceAsync("x", _time.GetUtcNow().AddHours(1), default)).Should().Be(StoreStatus.Conflict);
        (await store.FindAsync(OpaqueKey.Create(), isUse: true, default)).Status.Should().Be(StoreStatus.NotFound);

        MeasuredSessionStore.Results.Select(result => store[result.Status]).Should().Equal(1, 1, 1, 0);
        (store.Count, store.IsUnavailable).Should().Be((0L, false));
    }
}
