using System.Net;
using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Limits;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Limits;

/// <summary>How fast requests may come.</summary>
public sealed class LimitStageTests
{
    private static readonly Identified _ann = Somebody("ann");
    private static readonly Identified _bob = Somebody("bob");
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void B76_H94_So_many_at_once_then_so_many_a_second_for_each_caller()
    {
        var stage = Stage(new RateLimit(5, null, null));
        for (var request = 0; request < 10; request++)
        {
            Refuse(stage, _ann, null, "kind").Should().BeNull();
        }

        var refusal = Refuse(stage, _ann, null, "other")!;
        refusal.Reason.Form().Status.Should().Be(429);
        refusal.RetryAfter.Should().Be(1);
        refusal.Message.Should().Contain("limits.rate.perCaller");
        Refuse(stage, _bob, null, "kind").Should().BeNull();

        _time.Advance(TimeSpan.FromSeconds(1));
        for (var request = 0; request < 5; request++)
        {
            Refuse(stage, _ann, null, "kind").Should().BeNull();
        }

        Refuse(stage, _ann, null, "kind").Should().NotBeNull();
    }

    [Fact]
    public void T113_Clusters_and_the_whole_have_their_rates_too_and_what_is_refused_there_costs_the_caller_nothing()
    {
        var stage = Stage(new RateLimit(3, 1, 2));
        Refuse(stage, _ann, null, "a").Should().BeNull();
        Refuse(stage, _ann, null, "a").Should().BeNull();
        for (var request = 0; request < 20; request++)
        {
            Refuse(stage, _ann, null, "a")!.Message.Should().Contain("limits.rate.perCluster");
        }

        Refuse(stage, _ann, null, "b").Should().BeNull();
        Refuse(stage, _bob, null, null).Should().BeNull();
        Refuse(stage, _ann, null, "b")!.Message.Should().Contain("limits.rate.all");
    }

    [Fact]
    public void T75_T113_Those_whom_nobody_knows_count_by_their_address_and_cost_those_who_are_known_nothing()
    {
        var stage = Stage(new RateLimit(1, null, null));
        var (here, there) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));
        Refuse(stage, null, here, null).Should().BeNull();
        Refuse(stage, null, here, null).Should().BeNull();

        Refuse(stage, null, here, null)!.Reason.Should().Be(RefusalReason.TooManyRequests);
        Refuse(stage, null, there, null).Should().BeNull();
        Refuse(stage, _ann, here, null).Should().BeNull();
    }

    [Fact]
    public void T75_T113_Tokens_that_are_made_up_for_each_request_are_no_callers_of_their_own()
    {
        var stage = Stage(new RateLimit(1, null, null));
        var here = IPAddress.Parse("2001:db8::1");
        Refuse(stage, Unknown("one"), here, "kind").Should().BeNull();
        Refuse(stage, Unknown("two"), IPAddress.Parse("2001:db8::2"), "kind").Should().BeNull();

        Refuse(stage, Unknown("three"), here, "kind")!.Message.Should().Contain("address");
        Refuse(stage, Unknown("four"), IPAddress.Parse("2001:db8:1::1"), "kind").Should().BeNull();
    }

    [Fact]
    public void Without_rates_nothing_is_refused()
    {
        var stage = Stage(new RateLimit(null, null, null));
        for (var request = 0; request < 10_000; request++)
        {
            Refuse(stage, _ann, null, "a").Should().BeNull();
        }
    }

    [Fact]
    public async Task T113_Whoever_is_too_fast_waits_for_the_answer_and_so_many_wait_at_most()
    {
        var stage = Stage(RateLimit.Default);
        var waiting = Enumerable.Range(0, 1024).Select(_ => stage.PauseAsync(CancellationToken.None)).ToArray();

        waiting.Should().OnlyContain(static pause => !pause.IsCompleted);
        stage.PauseAsync(CancellationToken.None).IsCompletedSuccessfully.Should().BeTrue();

        _time.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(waiting);
        stage.PauseAsync(CancellationToken.None).IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task T113_Whoever_leaves_while_they_wait_leaves_their_place()
    {
        var stage = Stage(RateLimit.Default);
        using var leaving = new CancellationTokenSource();
        var pause = stage.PauseAsync(leaving.Token);

        await leaving.CancelAsync();

        await FluentActions.Awaiting(() => pause).Should().ThrowAsync<OperationCanceledException>();
    }

    private LimitStage Stage(RateLimit rate) => new(new GatewayOptions { Limits = new LimitOptions { Rate = rate } }, _time);

    private static Identified Unknown(string token) => new(Caller.ClusterTokenHolder.Instance, new Secret(token));

    private static Refusal? Refuse(LimitStage stage, Identified? identified, IPAddress? address, string? cluster) => stage.RefuseRate(
        new Authority(identified, cluster is null ? null : Make.Held(cluster), identified?.OwnAuthorization is { } own ? new CredentialPlan.Own(own) : CredentialPlan.Held.Instance, null), address);

    private static Identified Somebody(string name) => new(new Caller.Portal(name, []), null);
}
