using AwesomeAssertions;
using Fairlead.Cli.Gateways;
using Fairlead.Cli.Logins;
using Fairlead.Cli.Sessions;
using Xunit;

namespace Fairlead.Cli.Tests.Sessions;

/// <summary>When a login is used, renewed, or over.</summary>
public sealed class SessionKeeperTests : IAsyncLifetime
{
    private static readonly TimeSpan _almostOver = TimeSpan.FromMinutes(59.5);
    private static readonly TimeSpan _over = TimeSpan.FromHours(2);

    private readonly Person _person = new();
    private ScriptedProvider _provider = null!;

    public async ValueTask InitializeAsync() => _provider = await ScriptedProvider.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        _person.Dispose();
    }

    [Fact]
    public async Task A_fresh_token_is_used_as_it_is()
    {
        _person.Login(_provider.Issuer);

        (await GetAsync()).IdToken.Should().Be("kept-token");

        _provider.Asked.Should().BeEmpty();
    }

    [Fact]
    public async Task An_expired_token_is_renewed_and_the_next_refresh_token_kept()
    {
        _person.Login(_provider.Issuer, _over);
        var token = _provider.Grant("second");

        (await GetAsync()).IdToken.Should().Be(token);

        _provider.Asked.Should().ContainSingle().Which.Should().Contain("refresh_token", "first").And.Contain("client_id", ScriptedProvider.ClientId);
        _person.Store.Read(Person.Gateway)!.RefreshToken.Should().Be("second");
        (await GetAsync()).IdToken.Should().Be(token);
        _provider.Asked.Should().ContainSingle("it is fresh now");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_gateway_gets_no_login_that_is_good_at_another_one_unless_the_person_says_so(bool mayShare)
    {
        // The other gateway names the same client of the same provider, which anybody may know.
        _person.Login(_provider.Issuer);
        var offer = new LoginProvider("oidc", _provider.Issuer, ScriptedProvider.ClientId, null, ["openid"], null);

        var check = () => SignIn.Check(offer, GatewayAddress.Parse("https://elsewhere.test"), _person.Store, mayShare);

        if (mayShare)
        {
            check.Should().NotThrow();
        }
        else
        {
            check.Should().Throw<CommandFailure>().WithMessage("https://elsewhere.test asks for the same login*as https://gateway.test*--shared-client*");
        }

        FluentActions.Invoking(() => SignIn.Check(offer, Person.Gateway, _person.Store, mayShare: false)).Should().NotThrow("it is the one that has it");
        FluentActions.Invoking(() => SignIn.Check(offer with { ClientId = "another" }, GatewayAddress.Parse("https://elsewhere.test"), _person.Store, mayShare: false)).Should().NotThrow();
    }

    [Fact]
    public async Task Many_at_once_spend_one_refresh_token()
    {
        _person.Login(_provider.Issuer, _over);
        var token = _provider.Grant("second");

        var sessions = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => GetAsync()));

        sessions.Select(static session => session.IdToken).Should().AllBe(token);
        _provider.Asked.Should().ContainSingle();
    }

    [Fact]
    public async Task A_provider_that_keeps_the_refresh_token_may_be_asked_with_it_again()
    {
        _person.Login(_provider.Issuer, _over);
        _provider.Answer(new { id_token = _provider.Token() });

        await GetAsync();

        _person.Store.Read(Person.Gateway)!.RefreshToken.Should().Be("first");
    }

    [Fact]
    public async Task A_login_that_was_taken_back_is_over_and_says_so_once_more_without_asking()
    {
        _person.Login(_provider.Issuer, _over);
        _provider.Fail("invalid_grant", "grant \u001b[2Jrevoked");

        var message = (await FluentActions.Awaiting(GetAsync).Should().ThrowAsync<CommandFailure>()).Which.Message;

        message.Should().Contain("Your login has ended").And.Contain("'grant  [2Jrevoked' (invalid_grant)").And.Contain("fairlead login --server https://gateway.test");
        _person.Store.Read(Person.Gateway).Should().BeEquivalentTo(new { IdToken = (string?)null, RefreshToken = (string?)null, Provider = "oidc" });
        await FluentActions.Awaiting(GetAsync).Should().ThrowAsync<CommandFailure>().WithMessage("Your login has ended; run: fairlead login*");
        _provider.Asked.Should().ContainSingle();
    }

    [Theory]
    [InlineData("invalid_client")]
    [InlineData("unauthorized_client")]
    public async Task A_provider_that_does_not_know_the_program_ends_no_login(string error)
    {
        _person.Login(_provider.Issuer, _over);
        _provider.Fail(error);

        await FluentActions.Awaiting(GetAsync).Should().ThrowAsync<CommandFailure>().WithMessage($"*cannot be renewed*'{error}'*");

        _person.Store.Read(Person.Gateway)!.RefreshToken.Should().Be("first");
    }

    [Fact]
    public async Task A_provider_that_is_out_of_order_ends_no_login()
    {
        _person.Login(_provider.Issuer, _over);
        _provider.Answer("<html>", status: 503);

        await FluentActions.Awaiting(GetAsync).Should().ThrowAsync<UnreachableFailure>().WithMessage("*out of order (503)*");

        _person.Store.Read(Person.Gateway)!.RefreshToken.Should().Be("first");
    }

    [Fact]
    public async Task While_a_provider_is_away_a_token_is_used_to_its_end()
    {
        _person.Login(_provider.Issuer, _almostOver);
        await _provider.DisposeAsync();

        (await GetAsync()).IdToken.Should().Be("kept-token");
    }

    [Fact]
    public async Task When_a_provider_is_away_and_the_token_over_that_is_said()
    {
        _person.Login(_provider.Issuer, _over);
        await _provider.DisposeAsync();

        await FluentActions.Awaiting(GetAsync).Should().ThrowAsync<UnreachableFailure>().WithMessage("The identity provider * cannot be reached: no connection*");
    }

    [Theory]
    [InlineData("iss", "https://evil.test", "of another issuer")]
    [InlineData("aud", "somebody-else", "for another client")]
    [InlineData("exp", 1, "has expired already")]
    public async Task A_token_that_cannot_be_used_costs_no_refresh_token(string claim, object value, string why)
    {
        _person.Login(_provider.Issuer, _over);
        _provider.Grant("second", (claim, value));

        await FluentActions.Awaiting(GetAsync).Should().ThrowAsync<CommandFailure>().WithMessage($"*{why}*");

        _person.Store.Read(Person.Gateway)!.RefreshToken.Should().Be("second", "the first one is spent");
    }

    [Fact]
    public async Task A_token_for_somebody_else_ends_the_login()
    {
        _person.Login(_provider.Issuer, _over);
        _provider.Grant("second", ("sub", "mallory"));

        await FluentActions.Awaiting(GetAsync).Should().ThrowAsync<CommandFailure>().WithMessage("*somebody else*");

        _person.Store.Read(Person.Gateway)!.IdToken.Should().BeNull();
    }

    [Fact]
    public async Task Without_a_refresh_token_a_login_ends_with_its_token()
    {
        _person.Login(_provider.Issuer, _over, refreshToken: null);

        await FluentActions.Awaiting(GetAsync).Should().ThrowAsync<CommandFailure>().WithMessage("*has ended*offline_access*fairlead login*");
    }

    [Fact]
    public async Task Tokens_of_minutes_are_renewed_when_a_quarter_of_their_time_is_left()
    {
        _person.Login(_provider.Issuer, _over);
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        _provider.Grant("second", ("iat", now), ("exp", now + 120));

        var session = await GetAsync();

        session.ExpiresAt.Should().Be(DateTimeOffset.FromUnixTimeSeconds(now + 120));
        (session.ExpiresAt - session.RefreshAt).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(30)).And.BePositive();
    }

    [Fact]
    public async Task By_a_clock_that_is_behind_a_token_is_good_no_longer_than_it_is()
    {
        _person.Login(_provider.Issuer, _over);
        var now = DateTimeOffset.UtcNow.AddHours(3).ToUnixTimeSeconds();
        _provider.Grant("second", ("iat", now), ("exp", now + 3600));

        (await GetAsync()).ExpiresAt.Should().BeBefore(DateTimeOffset.UtcNow.AddMinutes(61));
    }

    private Task<Session> GetAsync() => new SessionKeeper(_person.Store, _person.Surroundings).GetAsync(Person.Gateway, null, isInteractive: false, CancellationToken.None);
}
