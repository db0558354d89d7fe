using AwesomeAssertions;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.FunctionalTests.Sessions;

/// <summary>What every session store does. Time passes by <see cref="PassAsync"/>: on a fake clock, or really.</summary>
public abstract partial class SessionStoreContract : IAsyncLifetime
{
    private const string Issuer = "https://login.example.com";

    private static readonly TimeSpan _lockTime = TimeSpan.FromMinutes(1);

    private protected static CancellationToken None => TestContext.Current.CancellationToken;

    private protected ISessionStore Store { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await PrepareAsync();
        Store = Open(new SessionLifetimes(TimeSpan.FromHours(1), TimeSpan.FromHours(8)));
    }

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await (Store?.DisposeAsync() ?? default);
    }

    [Fact]
    public async Task What_was_created_is_found_by_its_key_only()
    {
        var session = Jane();

        var key = await CreateAsync(session);
        var found = await FoundAsync(key);

        found.Should().BeEquivalentTo(session, static options => options.Excluding(s => s.CreatedAt).Excluding(s => s.LastUsedAt).Excluding(s => s.EndsAt).Excluding(s => s.Version));
        found.Version.Should().Be(1);
        (found.EndsAt - found.CreatedAt).Should().Be(TimeSpan.FromHours(8));
        (await Store.FindAsync(OpaqueKey.Create(), isUse: true, None)).Status.Should().Be(StoreStatus.NotFound);
    }

    [Fact]
    public async Task A_session_of_the_fewest_words_is_found()
    {
        var key = await CreateAsync(new BrowserSession { Provider = "oidc", Name = "jane", Issuer = Issuer, Subject = "7" });

        var found = await FoundAsync(key);

        found.Groups.Should().BeEmpty();
        found.IdToken.Should().BeNull();
        found.ProviderSession.Should().BeNull();
    }

    [Fact]
    public async Task Two_sessions_of_one_person_have_keys_of_their_own()
    {
        var first = await CreateAsync(Jane());
        var second = await CreateAsync(Jane());

        first.Reveal().Should().NotBe(second.Reveal());
        (await Store.EndAsync(first, None)).Should().Be(StoreStatus.Done);
        (await Store.FindAsync(first, isUse: true, None)).Status.Should().Be(StoreStatus.NotFound);
        await FoundAsync(second);
    }

    [Fact]
    public async Task The_key_of_A_never_opens_B()
    {
        var ofJane = await CreateAsync(Jane());
        var ofBob = await CreateAsync(Jane() with { Name = "bob", Subject = "8" });

        (await FoundAsync(ofJane)).Name.Should().Be("jane");
        (await FoundAsync(ofBob)).Name.Should().Be("bob");
    }

    [Fact]
    public async Task An_ended_session_is_gone_for_every_operation()
    {
        var key = await CreateAsync(Jane());
        var found = await FoundAsync(key);

        (await Store.EndAsync(key, None)).Should().Be(StoreStatus.Done);

        (await Store.EndAsync(key, None)).Should().Be(StoreStatus.NotFound);
        (await Store.FindAsync(key, isUse: false, None)).Status.Should().Be(StoreStatus.NotFound);
        (await Store.TryReplaceAsync(key, found, found.Version, None)).Status.Should().Be(StoreStatus.NotFound);
        (await Store.TryBeginRefreshAsync(key, "one", _lockTime, None)).Status.Should().Be(StoreStatus.NotFound);
        (await Store.FindAsync(key, isUse: true, None)).Status.Should().Be(StoreStatus.NotFound, "a replacement does not bring it back");
    }

    [Fact]
    public async Task A_replacement_counts_and_a_late_one_changes_nothing()
    {
        var key = await CreateAsync(Jane());
        var found = await FoundAsync(key);

        var replaced = await Store.TryReplaceAsync(key, found with { AccessToken = new Secret("second") }, found.Version, None);
        var late = await Store.TryReplaceAsync(key, found with { AccessToken = new Secret("third") }, found.Version, None);

        replaced.Status.Should().Be(StoreStatus.Done);
        late.Status.Should().Be(StoreStatus.Conflict);
        var now = await FoundAsync(key);
        now.AccessToken!.Reveal().Should().Be("second");
        now.Version.Should().Be(2).And.Be(replaced.Value!.Version);
        now.RefreshToken.Should().Be(found.RefreshToken);
        now.CreatedAt.Should().Be(found.CreatedAt);
    }

    [Fact]
    public async Task Of_50_replacements_at_once_one_wins()
    {
        var key = await CreateAsync(Jane());
        var found = await FoundAsync(key);

        var answers = await AtOnceAsync(i => Store.TryReplaceAsync(key, found with { AccessToken = new Secret($"token-{i}") }, found.Version, None));

        answers.Count(static answer => answer.Status == StoreStatus.Done).Should().Be(1);
        answers.Count(static answer => answer.Status == StoreStatus.Conflict).Should().Be(49);
        var winner = Array.FindIndex(answers, static answer => answer.Status == StoreStatus.Done);
        (await FoundAsync(key)).AccessToken!.Reveal().Should().Be($"token-{winner}");
    }

    [Fact]
    public async Task A_session_that_is_not_used_ends()
    {
        await using var store = Open(new SessionLifetimes(Short, TimeSpan.FromHours(8)));
        var key = await CreateAsync(Jane(), store);

        await PassAsync(Short);

        await EndedAsync(store, key);
    }

    [Fact]
    public async Task A_session_that_is_used_goes_on_to_its_absolute_end_and_no_longer()
    {
        var idle = 2 * Short;
        await using var store = Open(new SessionLifetimes(idle, 2 * idle));
        var key = await CreateAsync(Jane(), store);
        var created = await FoundAsync(key, store);
        var last = created;
        await Eventually.BeTrueAsync(
            async () =>
            {
                await PassAsync(Short / 10);
                var answer = await store.FindAsync(key, isUse: true, None);
                last = answer.Value ?? last;
                return answer.Status == StoreStatus.NotFound;
            },
            "the absolute end");

        (last.LastUsedAt - created.CreatedAt).Should().BeGreaterThan(idle, "uses put the idle end off");
        last.LastUsedAt.Should().BeBefore(created.EndsAt);
    }

    [Fact]
    public async Task A_look_is_no_use()
    {
        await using var store = Open(new SessionLifetimes(Short, TimeSpan.FromHours(8)));
        var key = await CreateAsync(Jane(), store);

        await Eventually.BeTrueAsync(
            async () =>
            {
                await PassAsync(Short / 10);
                return (await store.FindAsync(key, isUse: false, None)).Status == StoreStatus.NotFound;
            },
            "the idle end of a session that is looked at");
    }

    [Fact]
    public async Task A_replacement_does_not_put_off_the_absolute_end()
    {
        await using var store = Open(new SessionLifetimes(TimeSpan.FromHours(1), Short));
        var key = await CreateAsync(Jane(), store);
        var found = await FoundAsync(key, store);
        (await store.TryReplaceAsync(key, found with { EndsAt = found.EndsAt.AddHours(8) }, found.Version, None)).Status.Should().Be(StoreStatus.Done);

        await PassAsync(Short);

        await EndedAsync(store, key);
    }

    [Fact]
    public async Task A_replacement_may_bring_the_end_forward()
    {
        var key = await CreateAsync(Jane());
        var found = await FoundAsync(key);

        (await Store.TryReplaceAsync(key, found with { EndsAt = found.CreatedAt }, found.Version, None)).Status.Should().Be(StoreStatus.Done);

        (await Store.FindAsync(key, isUse: true, None)).Status.Should().Be(StoreStatus.NotFound);
    }

    [Fact]
    public async Task Of_50_that_begin_a_refresh_at_once_one_may()
    {
        var key = await CreateAsync(Jane());

        var answers = await AtOnceAsync(i => Store.TryBeginRefreshAsync(key, $"owner-{i}", _lockTime, None));

        answers.Count(static answer => answer.Status == StoreStatus.Done).Should().Be(1);
        answers.Count(static answer => answer.Status == StoreStatus.Conflict).Should().Be(49);
        answers.Single(static answer => answer.Status == StoreStatus.Done).Value!.RefreshToken.Should().Be(Jane().RefreshToken);
    }

    [Fact]
    public async Task A_refresh_that_begins_after_another_sees_what_that_one_brought()
    {
        var key = await CreateAsync(Jane());
        var first = await Store.TryBeginRefreshAsync(key, "first", _lockTime, None);
        (await Store.TryReplaceAsync(key, first.Value! with { RefreshToken = new Secret("rotated") }, first.Value.Version, None)).Status.Should().Be(StoreStatus.Done);
        (await Store.EndRefreshAsync(key, "first", None)).Should().Be(StoreStatus.Done);

        var second = await Store.TryBeginRefreshAsync(key, "second", _lockTime, None);

        second.Value!.RefreshToken!.Reveal().Should().Be("rotated");
        second.Value.Version.Should().Be(2);
    }

    [Fact]
    public async Task Only_the_owner_gives_the_right_to_refresh_back()
    {
        var key = await CreateAsync(Jane());
        await Store.TryBeginRefreshAsync(key, "owner", _lockTime, None);

        (await Store.EndRefreshAsync(key, "other", None)).Should().Be(StoreStatus.NotFound);
        (await Store.TryBeginRefreshAsync(key, "other", _lockTime, None)).Status.Should().Be(StoreStatus.Conflict);

        (await Store.EndRefreshAsync(key, "owner", None)).Should().Be(StoreStatus.Done);
        (await Store.TryBeginRefreshAsync(key, "other", _lockTime, None)).Status.Should().Be(StoreStatus.Done);
    }

    [Fact]
    public async Task The_right_to_refresh_of_one_that_never_comes_back_ends()
    {
        var key = await CreateAsync(Jane());
        (await Store.TryBeginRefreshAsync(key, "lost", Short, None)).Status.Should().Be(StoreStatus.Done);

        await PassAsync(Short);

        await Eventually.BeTrueAsync(
            async () => (await Store.TryBeginRefreshAsync(key, "next", _lockTime, None)).Status == StoreStatus.Done, "the end of a lost right to refresh");
        (await Store.EndRefreshAsync(key, "lost", None)).Should().Be(StoreStatus.NotFound);
    }

    [Fact]
    public async Task The_right_to_refresh_is_per_session()
    {
        var first = await CreateAsync(Jane());
        var second = await CreateAsync(Jane());

        (await Store.TryBeginRefreshAsync(first, "owner", _lockTime, None)).Status.Should().Be(StoreStatus.Done);
        (await Store.TryBeginRefreshAsync(second, "owner", _lockTime, None)).Status.Should().Be(StoreStatus.Done);
    }

    [Fact]
    public async Task A_logout_at_the_provider_ends_the_sessions_of_that_session_there()
    {
        var (one, two) = (await CreateAsync(Jane()), await CreateAsync(Jane()));
        var otherSession = await CreateAsync(Jane() with { ProviderSession = "sid-2" });
        var otherIssuer = await CreateAsync(Jane() with { Issuer = "https://other.example.com" });
        var none = await CreateAsync(Jane() with { ProviderSession = null });

        var ended = await Store.EndByProviderSessionAsync(Issuer, "sid-1", None);

        ended.Should().Be(StoreAnswer.Done(2));
        await EndedAsync(Store, one);
        await EndedAsync(Store, two);
        await FoundAsync(otherSession);
        await FoundAsync(otherIssuer);
        await FoundAsync(none);
        (await Store.EndByProviderSessionAsync(Issuer, "sid-1", None)).Should().Be(StoreAnswer.Done(0));
    }

    [Fact]
    public async Task A_logout_of_a_subject_ends_all_their_sessions()
    {
        var (one, two) = (await CreateAsync(Jane()), await CreateAsync(Jane() with { ProviderSession = null }));
        var otherSubject = await CreateAsync(Jane() with { Subject = "8" });
        var otherIssuer = await CreateAsync(Jane() with { Issuer = "https://other.example.com" });

        var ended = await Store.EndBySubjectAsync(Issuer, "7", None);

        ended.Should().Be(StoreAnswer.Done(2));
        await EndedAsync(Store, one);
        await EndedAsync(Store, two);
        await FoundAsync(otherSubject);
        await FoundAsync(otherIssuer);
    }

    [Fact]
    public async Task A_logout_reaches_a_session_whose_tokens_were_replaced_and_a_refresh_does_not_bring_it_back()
    {
        var key = await CreateAsync(Jane());
        var refreshing = await Store.TryBeginRefreshAsync(key, "owner", _lockTime, None);
        var first = await Store.TryReplaceAsync(key, refreshing.Value!, 1, None);

        (await Store.EndByProviderSessionAsync(Issuer, "sid-1", None)).Value.Should().Be(1);

        (await Store.TryReplaceAsync(key, first.Value!, 2, None)).Status.Should().Be(StoreStatus.NotFound);
        await EndedAsync(Store, key);
    }

    /// <summary>A lifetime that a test can wait for, and that no two operations after each other use up.</summary>
    private protected static TimeSpan Short => TimeSpan.FromSeconds(2);

    /// <summary>The store's time.</summary>
    private protected abstract DateTimeOffset Now { get; }

    /// <summary>Starts what the store needs; skips the test where that is missing.</summary>
    private protected abstract Task PrepareAsync();

    /// <summary>A store with these lifetimes, beside the others and with the same content, if it has any.</summary>
    private protected abstract ISessionStore Open(SessionLifetimes lifetimes);

    /// <summary>Lets time pass; no more than that, so what has to be over by then is to be waited for.</summary>
    private protected abstract Task PassAsync(TimeSpan time);

    private protected static BrowserSession Jane() => new()
    {
        Provider = "oidc",
        Email = "jane@example.com",
        RefreshAt = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Name = "jane",
        Groups = ["devs", "ops"],
        Issuer = Issuer,
        Subject = "7",
        ProviderSession = "sid-1",
        IdToken = new Secret("id-token"),
        IdTokenExpiresAt = new DateTimeOffset(2031, 1, 2, 3, 4, 5, TimeSpan.Zero),
        AccessToken = new Secret("access-token"),
        AccessTokenExpiresAt = new DateTimeOffset(2032, 1, 2, 3, 4, 5, TimeSpan.Zero),
        RefreshToken = new Secret("refresh-token"),
        RefreshTokenExpiresAt = new DateTimeOffset(2033, 1, 2, 3, 4, 5, TimeSpan.Zero),
    };

    private protected async Task<OpaqueKey> CreateAsync(BrowserSession session, ISessionStore? store = null)
    {
        var answer = await (store ?? Store).CreateAsync(session, None);
        answer.Status.Should().Be(StoreStatus.Done);
        return answer.Value!;
    }

    private protected async Task<BrowserSession> FoundAsync(OpaqueKey key, ISessionStore? store = null)
    {
        var answer = await (store ?? Store).FindAsync(key, isUse: true, None);
        answer.Status.Should().Be(StoreStatus.Done);
        return answer.Value!;
    }

    private protected static Task EndedAsync(ISessionStore store, OpaqueKey key) => Eventually.BeTrueAsync(
        async () => (await store.FindAsync(key, isUse: false, None)).Status == StoreStatus.NotFound, "the end of a session");

    private protected static async Task<T[]> AtOnceAsync<T>(Func<int, ValueTask<T>> attempt)
    {
        var start = new Gate();
        var attempts = Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            await start.WaitAsync();
            return await attempt(i);
        })).ToArray();
        start.Open();
        return await Task.WhenAll(attempts);
    }
}
