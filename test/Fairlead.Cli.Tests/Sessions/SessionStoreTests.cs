using AwesomeAssertions;
using Fairlead.Cli.Gateways;
using Fairlead.Cli.Sessions;
using Xunit;

namespace Fairlead.Cli.Tests.Sessions;

/// <summary>How logins are kept.</summary>
public sealed class SessionStoreTests : IDisposable
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Person _person = new();

    public void Dispose() => _person.Dispose();

    [Fact]
    public void Nobody_else_may_read_a_login()
    {
        Directory.CreateDirectory(_person.Cache, OwnerReadsAndWrites | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        _person.Login();

        File.GetUnixFileMode(_person.Cache).Should().Be(OwnerReadsAndWrites | UnixFileMode.UserExecute, "the folder was made so");
        Directory.EnumerateFiles(_person.Cache).Should().ContainSingle("nothing is left of the writing");
        File.GetUnixFileMode(Directory.EnumerateFiles(_person.Cache).Single()).Should().Be(OwnerReadsAndWrites);
    }

    [Fact]
    public void A_login_comes_back_as_it_was_kept()
    {
        var kept = _person.Login();

        _person.Store.Read(Person.Gateway).Should().BeEquivalentTo(kept);
        _person.Store.All().Should().ContainSingle();
        _person.Store.Read(GatewayAddress.Parse("https://other.test")).Should().BeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"version\":1}")]
    [InlineData("{\"version\":2,\"server\":\"https://gateway.test\",\"provider\":\"p\",\"issuer\":\"i\",\"clientId\":\"c\",\"subject\":\"s\"}")]
    public void What_is_no_login_of_this_version_counts_as_none(string text)
    {
        _person.Login();
        File.WriteAllText(Directory.EnumerateFiles(_person.Cache).Single(), text);

        _person.Store.Read(Person.Gateway).Should().BeNull();
    }

    [Fact]
    public async Task Of_two_who_want_to_change_a_login_one_waits()
    {
        var first = await _person.Store.LockAsync(Person.Gateway, CancellationToken.None);
        var second = _person.Store.LockAsync(Person.Gateway, CancellationToken.None);
        using (await _person.Store.LockAsync(GatewayAddress.Parse("https://other.test"), CancellationToken.None))
        {
            second.IsCompleted.Should().BeFalse("the first one has it; that of another gateway is free");
        }

        first.Dispose();

        (await second).Dispose();
    }

    [Fact]
    public async Task A_wait_can_be_ended()
    {
        using var first = await _person.Store.LockAsync(Person.Gateway, CancellationToken.None);
        using var source = new CancellationTokenSource();
        var second = _person.Store.LockAsync(Person.Gateway, source.Token);

        await source.CancelAsync();

        await FluentActions.Awaiting(() => second).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public void Without_a_home_there_is_no_place() =>
        FluentActions.Invoking(() => SessionStore.Open(_person.Surroundings with { Variable = static name => name is "XDG_CACHE_HOME" ? "relative" : null }))
            .Should().Throw<CommandFailure>().WithMessage("*HOME*");
}
