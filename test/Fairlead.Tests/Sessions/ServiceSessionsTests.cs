using AwesomeAssertions;
using Fairlead.Callers;
using Fairlead.Sessions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Sessions;

public sealed class ServiceSessionsTests
{
    private const string Host = "grafana.example.com";
    private const int Capacity = 10_000;
    private static readonly Identified _jane = Make.As(Make.Jane, "Bearer U");

    private readonly FakeTimeProvider _time = new();
    private readonly ServiceSessions _sessions;

    public ServiceSessionsTests() => _sessions = new ServiceSessions(_time);

    [Fact]
    public void Decision21_A_code_opens_a_session_for_its_caller()
    {
        var (key, path, _) = _sessions.Redeem(Host, Issue("/d/1?x=2"));

        path.Should().Be("/d/1?x=2");
        _sessions.Find(Host, key!).Should().BeEquivalentTo(_jane with { Proof = Owner(0) });
    }

    [Fact]
    public void Decision21_A_code_works_once()
    {
        var code = Issue();

        _sessions.Redeem(Host, code).Key.Should().NotBeNull();
        _sessions.Redeem(Host, code).Key.Should().BeNull();
    }

    [Fact]
    public async Task Decision21_A_code_that_many_bring_at_once_works_for_one()
    {
        for (var i = 0; i < 20; i++)
        {
            var code = Issue();
            using var barrier = new Barrier(4);
            var redeemed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait();
                    return _sessions.Redeem(Host, code);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

            redeemed.Where(static one => one.Key is not null).Should().ContainSingle();
        }
    }

    [Theory]
    [InlineData("other.example.com")]
    [InlineData("grafana.example.com.evil.example")]
    [InlineData("GRAFANA.example.com")]
    [InlineData("")]
    public void Decision21_A_code_is_for_its_host_and_burnt_elsewhere(string host)
    {
        var code = Issue();

        _sessions.Redeem(host, code).Key.Should().BeNull();
        _sessions.Redeem(Host, code).Key.Should().BeNull("who has shown it elsewhere has given it away");
    }

    [Fact]
    public void Decision21_A_code_is_good_for_thirty_seconds()
    {
        var (early, late) = (Issue(), Issue());

        _time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        _sessions.Redeem(Host, early).Key.Should().NotBeNull();
        _time.Advance(TimeSpan.FromTicks(1));
        _sessions.Redeem(Host, late).Key.Should().BeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public void An_unknown_code_is_none(string code)
    {
        Issue();

        _sessions.Redeem(Host, code).Key.Should().BeNull();
    }

    [Fact]
    public void Codes_and_keys_are_long_random_and_apart()
    {
        var codes = Enumerable.Range(0, 100).Select(_ => Issue()).ToArray();
        var keys = codes.Select(code => _sessions.Redeem(Host, code).Key!).ToArray();

        codes.Concat(keys).Should().OnlyHaveUniqueItems().And.AllSatisfy(static one => one.Should().MatchRegex("^[0-9a-f]{64}$"));
        _sessions.Find(Host, codes[0]).Should().BeNull("a code is no key");
        _sessions.Redeem(Host, keys[0]).Key.Should().BeNull("a key is no code");
    }

    [Theory]
    [InlineData("other.example.com")]
    [InlineData("Grafana.example.com")]
    [InlineData("")]
    public void Decision21_A_session_is_for_its_host(string host)
    {
        var key = Open();

        _sessions.Find(host, key).Should().BeNull();
        _sessions.Find(Host, key).Should().NotBeNull();
    }

    [Fact]
    public void A_session_ends_when_it_is_ended()
    {
        var (key, other) = (Open(), Open());

        _sessions.End(key);
        _sessions.End("unknown");

        _sessions.Find(Host, key).Should().BeNull();
        _sessions.Find(Host, other).Should().NotBeNull();
    }

    [Fact]
    public void A_session_that_nobody_uses_ends_after_an_hour()
    {
        var key = Open();

        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        _sessions.Find(Host, key).Should().NotBeNull();
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        _sessions.Find(Host, key).Should().NotBeNull("it was used");
        _time.Advance(TimeSpan.FromHours(1));
        _sessions.Find(Host, key).Should().BeNull();
        _sessions.Find(Host, key).Should().BeNull("asking for it does not bring it back");
    }

    [Fact]
    public void A_session_of_another_host_is_not_kept_alive_by_asking()
    {
        var key = Open();
        _time.Advance(TimeSpan.FromMinutes(59));
        _sessions.Find("other.example.com", key).Should().BeNull();
        _time.Advance(TimeSpan.FromMinutes(1));

        _sessions.Find(Host, key).Should().BeNull();
    }

    [Fact]
    public void A_session_ends_after_eight_hours_whatever_is_done()
    {
        var key = Open();
        for (var i = 0; i < 16; i++)
        {
            _sessions.Find(Host, key).Should().NotBeNull();
            _time.Advance(TimeSpan.FromMinutes(30));
        }

        _sessions.Find(Host, key).Should().BeNull();
    }

    [Fact]
    public void There_are_never_more_codes_than_there_is_room_for_and_old_ones_make_room()
    {
        for (var i = 0; i < Capacity; i++)
        {
            Issue();
        }

        _sessions.Issue(Host, _jane with { Proof = Owner(0) }, "/").Should().BeNull();
        _time.Advance(ServiceSessions.CodeLifetime);
        _sessions.Issue(Host, _jane with { Proof = Owner(0) }, "/").Should().NotBeNull();
    }

    [Fact]
    public void T113_One_caller_takes_no_place_from_others()
    {
        var other = Open(1);
        var keys = Enumerable.Range(0, 25).Select(_ =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Open();
        }).ToArray();

        _sessions.Find(Host, other).Should().NotBeNull();
        keys[^20..].Should().AllSatisfy(key => _sessions.Find(Host, key).Should().NotBeNull());
        keys[..5].Should().AllSatisfy(key => _sessions.Find(Host, key).Should().BeNull("the oldest of the caller's own make room"));
    }

    [Fact]
    public void There_are_never_more_sessions_than_there_is_room_for_and_old_ones_make_room()
    {
        for (var i = 0; i < Capacity; i++)
        {
            Open(i);
        }

        _sessions.Redeem(Host, Issue()).Refusal!.Reason.Should().Be(RefusalReason.TooManySessions);
        _time.Advance(ServiceSessions.IdleLifetime);
        _sessions.Redeem(Host, Issue()).Key.Should().NotBeNull();
    }

    private string Issue(string path = "/", int owner = 0) => _sessions.Issue(Host, _jane with { Proof = Owner(owner) }, path)!;

    private static TokenHash Owner(int number) => TokenHash.Of($"token-{number}");

    private string Open(int owner = 0) => _sessions.Redeem(Host, Issue(owner: owner)).Key!;
}
