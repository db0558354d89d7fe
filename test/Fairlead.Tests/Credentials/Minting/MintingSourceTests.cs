using AwesomeAssertions;
using Fairlead.Credentials;
using Fairlead.Credentials.Minting;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Credentials.Minting;

/// <summary>One credential for everybody, renewed before it ends, kept while its issuer is away.</summary>
public sealed class MintingSourceTests
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly ScriptedMinter _minter = new();
    private readonly MintingSource _source;

    public MintingSourceTests() => _source = new MintingSource(_minter, _time, NullLogger<MintingSource>.Instance);

    [Fact]
    public async Task Whoever_comes_while_one_is_obtained_waits_for_the_same_one()
    {
        var pending = _minter.Hold();
        var waiting = Enumerable.Range(0, 20).Select(_ => GetAsync()).ToArray();
        await _minter.WaitForCallsAsync(1);

        pending.SetResult(Token("one", _hour));

        var one = (await GetAsync()).Credential;
        one.Should().NotBeNull();
        (await Task.WhenAll(waiting)).Should().OnlyContain(result => ReferenceEquals(result.Credential, one));
        _minter.Calls.Should().Be(1);
    }

    [Fact]
    public async Task One_that_leaves_does_not_take_the_credential_from_the_others()
    {
        var pending = _minter.Hold();
        using var leaving = new CancellationTokenSource();
        var gone = _source.GetAsync(leaving.Token).AsTask();
        var staying = GetAsync();
        await _minter.WaitForCallsAsync(1);

        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => gone).Should().ThrowAsync<OperationCanceledException>();
        pending.SetResult(Token("one", _hour));

        Text(await staying).Should().Be("one");
        _minter.Calls.Should().Be(1);
    }

    [Fact]
    public async Task It_is_renewed_in_the_background_before_it_ends_and_nobody_waits()
    {
        _minter.Gives(Token("one", _hour));
        Text(await GetAsync()).Should().Be("one");

        // 0.8 of the lifetime, less at most a tenth of that.
        _time.Advance(_hour * 0.71);
        Text(await GetAsync()).Should().Be("one");
        _minter.Calls.Should().Be(1);

        var pending = _minter.Hold();
        _time.Advance(_hour * 0.1);
        Text(await GetAsync()).Should().Be("one", "the next one is only on its way");
        await _minter.WaitForCallsAsync(2);
        pending.SetResult(Token("two", _hour));
        await Eventually.BeTrueAsync(async () => Text(await GetAsync()) is "two", "the next one is there");
        _minter.Calls.Should().Be(2);
    }

    [Fact]
    public async Task The_moment_of_renewal_differs_within_a_tenth()
    {
        var after = TimeSpan.FromMinutes(10);
        var shares = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var (minter, begun) = (new ScriptedMinter(), _time.GetUtcNow());
            minter.Gives(Token("one", _hour) with { RenewAfter = after });
            var source = new MintingSource(minter, _time, NullLogger<MintingSource>.Instance);
            await source.GetAsync(TestContext.Current.CancellationToken);
            minter.Gives(() =>
            {
                shares.Add((_time.GetUtcNow() - begun) / after);
                return Token("two", _hour);
            });
            _time.Advance((after * 0.9) - TimeSpan.FromMilliseconds(1));
            await source.GetAsync(TestContext.Current.CancellationToken);
            for (var step = 0; step < 10; step++)
            {
                _time.Advance(after * 0.01);
                await source.GetAsync(TestContext.Current.CancellationToken);

                // It begins elsewhere: let it.
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            _time.Advance(TimeSpan.FromMilliseconds(1));
            await source.GetAsync(TestContext.Current.CancellationToken);

            await Eventually.BeTrueAsync(() => minter.Calls is 2, "it is renewed when its time is over, by the last request at the latest");
        }

        shares.Should().HaveCount(20).And.OnlyContain(static share => share >= 0.9);
        shares.Distinct().Should().HaveCountGreaterThan(1, "replicas do not all come back at one moment");
    }

    [Fact]
    public async Task One_without_a_known_end_is_not_renewed_by_itself()
    {
        _minter.Gives(new MintedCredential(Bearer("one"), null));
        await GetAsync();
        _time.Advance(TimeSpan.FromDays(365));

        Text(await GetAsync()).Should().Be("one");
        _minter.Calls.Should().Be(1);
    }

    [Fact]
    public async Task The_last_good_one_is_kept_until_its_end_while_the_issuer_is_away()
    {
        _minter.Gives(Token("one", _hour));
        await GetAsync();
        _minter.Fails("the issuer is away");

        _time.Advance(_hour * 0.9);
        await GetAsync();
        await _minter.WaitForCallsAsync(2);
        Text(await GetAsync()).Should().Be("one");

        _time.Advance(_hour * 0.1);
        var ended = await GetAsync();
        ended.Credential.Should().BeNull();
        ended.Problem.Should().Be("the issuer is away");
    }

    [Fact]
    public async Task After_a_failure_there_is_a_pause_that_grows_and_ends()
    {
        _minter.Fails("no");
        foreach (var pause in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            var before = _minter.Calls;
            (await GetAsync()).Problem.Should().Be("no");
            (await GetAsync()).Problem.Should().Be("no");
            _time.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(1));
            (await GetAsync()).Problem.Should().Be("no");
            _minter.Calls.Should().Be(before + 1, "the issuer is left alone for {0} s", pause);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        _minter.Gives(Token("one", _hour));
        Text(await GetAsync()).Should().Be("one");
        _minter.Fails("no");
        _time.Advance(_hour);
        await GetAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        _minter.Gives(Token("two", _hour));
        Text(await GetAsync()).Should().Be("two", "a success has made the pause short again");
    }

    [Fact]
    public async Task An_issuer_that_does_not_answer_is_given_up()
    {
        _minter.Hold();
        var waiting = GetAsync();
        await _minter.WaitForCallsAsync(1);

        _time.Advance(TimeSpan.FromSeconds(60));

        (await waiting).Problem.Should().Be("the issuer of the credential does not answer");
    }

    [Fact]
    public async Task What_a_library_throws_is_named_by_its_kind_only()
    {
        _minter.Throws(new InvalidOperationException("geheim"));

        (await GetAsync()).Problem.Should().Be("the credential could not be obtained (InvalidOperationException)");
    }

    [Fact]
    public async Task One_that_has_ended_on_arrival_is_not_used()
    {
        _minter.Gives(Token("one", TimeSpan.Zero));

        var result = await GetAsync();

        result.Credential.Should().BeNull();
        result.Problem.Should().Contain("had expired already").And.NotContain("one");
    }

    [Fact]
    public async Task The_same_one_again_keeps_its_place()
    {
        _minter.Gives(Token("one", _hour));
        var first = (await GetAsync()).Credential!;
        _minter.Gives(Token("one", _hour));
        _time.Advance(TimeSpan.FromMinutes(1));

        var second = (await _source.RenewAsync(first, default)).Credential;

        _minter.Calls.Should().Be(2);
        second.Should().BeSameAs(first, "connections with its certificate go on");
    }

    [Fact]
    public async Task A_refused_one_is_renewed_when_it_is_ten_seconds_old()
    {
        _minter.Gives(Token("one", _hour));
        var refused = (await GetAsync()).Credential!;
        _time.Advance(MintingSource.NotRenewedBefore - TimeSpan.FromMilliseconds(1));
        _source.MayRenew(refused).Should().BeFalse();

        _time.Advance(TimeSpan.FromMilliseconds(1));
        _source.MayRenew(refused).Should().BeTrue();
        _minter.Gives(Token("two", _hour));

        Text(await _source.RenewAsync(refused, default)).Should().Be("two");
    }

    [Fact]
    public async Task Of_many_that_were_refused_one_is_renewed_and_the_others_get_the_new_one()
    {
        _minter.Gives(Token("one", _hour));
        var refused = (await GetAsync()).Credential!;
        _time.Advance(TimeSpan.FromMinutes(1));
        _minter.Gives(Token("two", _hour));
        Text(await _source.RenewAsync(refused, default)).Should().Be("two");

        _source.MayRenew(refused).Should().BeTrue("there is a newer one than that which was refused");
        Text(await _source.RenewAsync(refused, default)).Should().Be("two");
        _minter.Calls.Should().Be(2);
    }

    [Fact]
    public async Task What_was_not_obtained_here_is_not_renewed_here()
    {
        _minter.Gives(Token("one", _hour));
        await GetAsync();
        _time.Advance(TimeSpan.FromMinutes(1));

        _source.MayRenew(new UpstreamCredential.PassThrough(new Secret("Bearer own"))).Should().BeFalse();
    }

    private static UpstreamCredential.Minted Bearer(string token) => new(new Secret(token));

    private static string Text(CredentialResult result) => result.Credential!.Authorization!.Reveal();

    private MintedCredential Token(string token, TimeSpan lifetime) => new(Bearer(token), _time.GetUtcNow() + lifetime);

    private Task<CredentialResult> GetAsync() => _source.GetAsync(TestContext.Current.CancellationToken).AsTask();
}
