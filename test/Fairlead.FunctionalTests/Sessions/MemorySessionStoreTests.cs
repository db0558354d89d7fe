using AwesomeAssertions;
using Fairlead.Sessions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.FunctionalTests.Sessions;

public sealed class MemorySessionStoreTests : SessionStoreContract
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private protected override DateTimeOffset Now => _time.GetUtcNow();

    private protected override Task PrepareAsync() => Task.CompletedTask;

    private protected override ISessionStore Open(SessionLifetimes lifetimes) => new MemorySessionStore(lifetimes, _time);

    private protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Where_all_places_are_taken_the_one_that_was_idle_longest_goes()
    {
        await using var store = new MemorySessionStore(new(TimeSpan.FromHours(1), TimeSpan.FromHours(8)), _time, capacity: 3);
        var keys = new List<OpaqueKey>();
        for (var i = 0; i < 3; i++)
        {
            keys.Add(await CreateAsync(Jane(), store));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await FoundAsync(keys[0], store);
        await CreateAsync(Jane(), store);

        store.Count.Should().Be(3);
        await EndedAsync(store, keys[1]);
        await FoundAsync(keys[0], store);
        await FoundAsync(keys[2], store);
    }

    [Fact]
    public async Task Sessions_that_nobody_asks_for_again_take_no_place()
    {
        await using var store = new MemorySessionStore(new(TimeSpan.FromHours(1), TimeSpan.FromHours(8)), _time);
        for (var i = 0; i < 1000; i++)
        {
            await CreateAsync(Jane(), store);
        }

        _time.Advance(TimeSpan.FromHours(1));

        store.Count.Should().Be(0);
    }

    [Fact]
    public async Task Where_a_used_id_would_have_to_be_forgotten_nothing_goes_on()
    {
        await using var store = new MemorySessionStore(new(TimeSpan.FromHours(1), TimeSpan.FromHours(8)), _time, capacity: 2);
        await store.RememberOnceAsync("long", Now.AddHours(1), None);
        await store.RememberOnceAsync("short", Now.AddMinutes(1), None);

        (await store.RememberOnceAsync("next", Now.AddMinutes(1), None)).Should().Be(StoreStatus.Unavailable);
        (await store.RememberOnceAsync("long", Now.AddMinutes(1), None)).Should().Be(StoreStatus.Conflict);

        _time.Advance(TimeSpan.FromMinutes(1));
        (await store.RememberOnceAsync("next", Now.AddMinutes(1), None)).Should().Be(StoreStatus.Done);
        (await store.RememberOnceAsync("long", Now.AddMinutes(1), None)).Should().Be(StoreStatus.Conflict);
    }

    [Fact]
    public async Task Values_are_bounded_too()
    {
        await using var store = new MemorySessionStore(new(TimeSpan.FromHours(1), TimeSpan.FromHours(8)), _time, capacity: 2);
        var keys = new List<OpaqueKey>();
        for (var i = 0; i < 3; i++)
        {
            keys.Add((await store.PutOnceAsync("login", new byte[] { (byte)i }, TimeSpan.FromMinutes(1), None)).Value!);
        }

        (await store.TakeOnceAsync("login", keys[0], None)).Status.Should().Be(StoreStatus.NotFound);
        (await store.TakeOnceAsync("login", keys[1], None)).Value.Should().Equal(1);
        (await store.TakeOnceAsync("login", keys[2], None)).Value.Should().Equal(2);
    }

    [Fact]
    public async Task T113_One_person_takes_no_place_from_others()
    {
        await using var store = new MemorySessionStore(new SessionLifetimes(TimeSpan.FromHours(1), TimeSpan.FromHours(24)), TimeProvider.System);
        var bob = (await store.CreateAsync(Jane() with { Subject = "8" }, default)).Value!;
        var keys = new List<OpaqueKey>();
        for (var i = 0; i < MemorySessionStore.PerSubject + 5; i++)
        {
            keys.Add((await store.CreateAsync(Jane(), default)).Value!);
        }

        store.Count.Should().Be(MemorySessionStore.PerSubject + 1);
        (await store.FindAsync(bob, isUse: false, default)).Status.Should().Be(StoreStatus.Done);
        (await store.FindAsync(keys[^1], isUse: false, default)).Status.Should().Be(StoreStatus.Done);
        (await store.FindAsync(keys[4], isUse: false, default)).Status.Should().Be(StoreStatus.NotFound, "the oldest of theirs make room");
        (await store.FindAsync(keys[5], isUse: false, default)).Status.Should().Be(StoreStatus.Done);
    }
}
