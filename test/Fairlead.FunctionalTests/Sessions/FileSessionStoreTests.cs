using AwesomeAssertions;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;
using Fairlead.State;
using Fairlead.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.FunctionalTests.Sessions;

/// <summary>The store of a single replica with a folder for its state.</summary>
public sealed class FileSessionStoreTests : SessionStoreContract
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly TempFolder _folder = new();

    private protected override DateTimeOffset Now => _time.GetUtcNow();

    private protected override Task PrepareAsync() => Task.CompletedTask;

    private protected override ISessionStore Open(SessionLifetimes lifetimes) => With(lifetimes, new Secret(new string('s', 40)));

    private protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task After_a_restart_everything_is_as_it_was()
    {
        var (key, ended, refreshed) = (await CreateAsync(Jane()), await CreateAsync(Jane()), await CreateAsync(Jane() with { Subject = "8" }));
        await Store.EndAsync(ended, None);
        await Store.TryReplaceAsync(refreshed, await FoundAsync(refreshed) with { RefreshToken = new Secret("next") }, 1, None);
        await Store.RememberOnceAsync("jti", Now.AddMinutes(10), None);
        var before = await FoundAsync(key);

        await using var again = Again();

        (await FoundAsync(key, again)).Should().BeEquivalentTo(before);
        (await again.FindAsync(ended, isUse: false, None)).Status.Should().Be(StoreStatus.NotFound);
        var next = await FoundAsync(refreshed, again);
        (next.Version, next.RefreshToken!.Reveal()).Should().Be((2, "next"));
        (await again.RememberOnceAsync("jti", Now.AddMinutes(10), None)).Should().Be(StoreStatus.Conflict);
    }

    [Fact]
    public async Task Sessions_whose_browser_has_not_come_back_yet_end_like_others()
    {
        var (bySubject, byProvider, idle) = (await CreateAsync(Jane()), await CreateAsync(Jane() with { Subject = "8", ProviderSession = "sid-8" }), await CreateAsync(Jane() with { Subject = "9", ProviderSession = null }));
        await using (var again = Again())
        {
            (await again.EndBySubjectAsync(Jane().Issuer, "7", None)).Value.Should().Be(1);
            (await again.EndByProviderSessionAsync(Jane().Issuer, "sid-8", None)).Value.Should().Be(1);
        }

        _time.Advance(TimeSpan.FromHours(1));
        await using var last = Again();

        foreach (var key in (OpaqueKey[])[bySubject, byProvider, idle])
        {
            (await last.FindAsync(key, isUse: false, None)).Status.Should().Be(StoreStatus.NotFound);
        }

        Directory.EnumerateFiles(_folder.PathOf("sessions")).Should().BeEmpty();
    }

    [Fact]
    public async Task The_last_use_is_known_after_a_restart()
    {
        var key = await CreateAsync(Jane());
        _time.Advance(TimeSpan.FromMinutes(50));
        await FoundAsync(key);
        _time.Advance(TimeSpan.FromMinutes(50));

        await using var again = Again();

        await FoundAsync(key, again);
    }

    [Theory]
    [InlineData("changed")]
    [InlineData("another session's")]
    [InlineData("not JSON")]
    [InlineData("another schema")]
    [InlineData("of another secret")]
    public async Task A_file_that_is_not_what_was_written_is_no_session(string what)
    {
        var (key, other) = (await CreateAsync(Jane()), await CreateAsync(Jane() with { Subject = "8" }));
        var file = Path.Combine(_folder.PathOf("sessions"), key.HashText);
        var text = await File.ReadAllTextAsync(file, None);
        await File.WriteAllTextAsync(file, what switch
        {
            "changed" => text.Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal),
            "another session's" => await File.ReadAllTextAsync(Path.Combine(_folder.PathOf("sessions"), other.HashText), None),
            "not JSON" => text[1..],
            "another schema" => text.Replace("\"schema\":1", "\"schema\":2", StringComparison.Ordinal),
            _ => text,
        }, None);
        File.SetLastWriteTimeUtc(file, Now.UtcDateTime);

        await using var again = what is "of another secret" ? With(Lifetimes, new Secret(new string('t', 40))) : Again();

        (await again.FindAsync(key, isUse: true, None)).Status.Should().Be(StoreStatus.NotFound);
    }

    [Fact]
    public async Task Files_tell_neither_names_nor_keys()
    {
        var key = await CreateAsync(Jane());

        var text = await File.ReadAllTextAsync(Directory.EnumerateFiles(_folder.PathOf("sessions")).Single(), None);

        foreach (var secret in (string[])["jane", "devs", "token", "example.com", "sid-1", key.Reveal()])
        {
            text.Should().NotContain(secret);
        }
    }

    [Fact]
    public async Task Where_nothing_can_be_written_sessions_last_as_long_as_the_process_and_nothing_counts_as_used_once()
    {
        Directory.Delete(_folder.PathOf("sessions"), recursive: true);
        Directory.Delete(_folder.PathOf("used"), recursive: true);

        await FoundAsync(await CreateAsync(Jane()));

        (await Store.RememberOnceAsync("jti", Now.AddMinutes(10), None)).Should().Be(StoreStatus.Unavailable);
    }

    private static SessionLifetimes Lifetimes => new(TimeSpan.FromHours(1), TimeSpan.FromHours(8));

    private MemorySessionStore Again() => With(Lifetimes, new Secret(new string('s', 40)));

    private MemorySessionStore With(SessionLifetimes lifetimes, Secret secret) =>
        new(lifetimes, _time, files: new SessionFiles(_folder.Path, new SessionCipher(secret), NullLogger<SessionFiles>.Instance));
}
