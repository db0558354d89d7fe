using System.Security.Cryptography;
using System.Text;
using AwesomeAssertions;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;
using Fairlead.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xunit;

namespace Fairlead.FunctionalTests.Sessions;

public sealed class RedisSessionStoreTests(RedisFixture fixture) : SessionStoreContract, IClassFixture<RedisFixture>
{
    private readonly Secret _secret = new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

    private protected override DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_replica_sees_the_sessions_of_another()
    {
        await using var other = OpenAnother();
        var key = await CreateAsync(Jane());
        (await FoundAsync(key, other)).Name.Should().Be("jane");

        (await other.EndByProviderSessionAsync(Jane().Issuer, "sid-1", None)).Value.Should().Be(1);

        await EndedAsync(Store, key);
    }

    [Fact]
    public async Task Of_50_on_two_replicas_one_refreshes()
    {
        await using var other = OpenAnother();
        var key = await CreateAsync(Jane());

        var answers = await AtOnceAsync(i => (i % 2 == 0 ? Store : (ISessionStore)other).TryBeginRefreshAsync(key, $"owner-{i}", TimeSpan.FromMinutes(1), None));

        answers.Count(static answer => answer.Status == StoreStatus.Done).Should().Be(1);
        answers.Count(static answer => answer.Status == StoreStatus.Conflict).Should().Be(49);
    }

    [Fact]
    public async Task A_value_is_taken_on_any_replica_and_once_on_all()
    {
        await using var other = OpenAnother();
        var key = (await Store.PutOnceAsync("ticket", new byte[] { 7 }, TimeSpan.FromMinutes(1), None)).Value!;

        (await other.TakeOnceAsync("ticket", key, None)).Status.Should().Be(StoreStatus.Done);
        (await Store.TakeOnceAsync("ticket", key, None)).Status.Should().Be(StoreStatus.NotFound);
        (await Store.RememberOnceAsync("jti", Now.AddMinutes(1), None)).Should().Be(StoreStatus.Done);
        (await other.RememberOnceAsync("jti", Now.AddMinutes(1), None)).Should().Be(StoreStatus.Conflict);
    }

    [Fact]
    public async Task While_the_secret_is_exchanged_replicas_of_each_step_serve_the_same_sessions()
    {
        var @new = new Secret(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        await using var first = With(_secret, @new);
        await using var second = With(@new, _secret);
        await using var last = With(@new, null);
        var (ofOld, ofNew) = (await CreateAsync(Jane()), await CreateAsync(Jane(), second));
        var (valueOfOld, valueOfNew) = ((await Store.PutOnceAsync("ticket", new byte[] { 1 }, TimeSpan.FromMinutes(1), None)).Value!, (await second.PutOnceAsync("ticket", new byte[] { 2 }, TimeSpan.FromMinutes(1), None)).Value!);

        foreach (var store in (ISessionStore[])[first, second])
        {
            (await FoundAsync(ofOld, store)).Name.Should().Be("jane");
            (await FoundAsync(ofNew, store)).Name.Should().Be("jane");
        }

        (await second.TryReplaceAsync(ofOld, await FoundAsync(ofOld, second), 1, None)).Status.Should().Be(StoreStatus.Done);
        (await FoundAsync(ofOld, last)).Version.Should().Be(2, "whoever writes it, writes it under the new secret");
        (await first.TakeOnceAsync("ticket", valueOfNew, None)).Value.Should().Equal(2);
        (await second.TakeOnceAsync("ticket", valueOfOld, None)).Value.Should().Equal(1);
        (await second.TakeOnceAsync("ticket", valueOfOld, None)).Status.Should().Be(StoreStatus.NotFound);
        (await first.RememberOnceAsync("jti", Now.AddMinutes(1), None)).Should().Be(StoreStatus.Done);
        (await second.RememberOnceAsync("jti", Now.AddMinutes(1), None)).Should().Be(StoreStatus.Conflict);
        (await first.RememberOnceAsync("jti", Now.AddMinutes(1), None)).Should().Be(StoreStatus.Conflict);
        (await first.EndBySubjectAsync(Jane().Issuer, Jane().Subject, None)).Value.Should().Be(2);

        RedisSessionStore With(Secret secret, Secret? previous) => new(
            fixture.Server.Address, new SessionCipher(secret, previous), new(TimeSpan.FromHours(1), TimeSpan.FromHours(8)), TimeProvider.System, NullLogger<RedisSessionStore>.Instance);
    }

    [Fact]
    public async Task The_absolute_end_holds_by_the_gateways_clock_too()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var store = new RedisSessionStore(
            fixture.Server.Address, new SessionCipher(_secret), new(TimeSpan.FromHours(1), TimeSpan.FromHours(8)), time, NullLogger<RedisSessionStore>.Instance);
        var key = await CreateAsync(Jane(), store);

        // Whoever can write to Redis can keep an entry alive, and that helps nobody.
        await using (var redis = await fixture.Server.ConnectAsync())
        {
            await redis.GetDatabase().KeyPersistAsync(NameOf(key));
            await redis.GetDatabase().HashSetAsync(NameOf(key), "e", DateTimeOffset.UtcNow.AddYears(1).ToUnixTimeMilliseconds());
        }

        time.Advance(TimeSpan.FromHours(8));

        (await store.FindAsync(key, isUse: true, None)).Status.Should().Be(StoreStatus.NotFound);
        (await store.TryBeginRefreshAsync(key, "owner", TimeSpan.FromMinutes(1), None)).Status.Should().Be(StoreStatus.NotFound);
    }

    [Theory]
    [InlineData("one bit")]
    [InlineData("truncated")]
    [InlineData("empty")]
    [InlineData("the format")]
    [InlineData("the version")]
    [InlineData("no number for a version")]
    [InlineData("no data")]
    [InlineData("no end")]
    [InlineData("another session's")]
    [InlineData("another kind")]
    [InlineData("a hash of other fields")]
    public async Task A_value_that_was_changed_is_no_session(string what)
    {
        var key = await CreateAsync(Jane());
        var other = await CreateAsync(Jane() with { Name = "bob" });
        await using var redis = await fixture.Server.ConnectAsync();
        var database = redis.GetDatabase();
        var name = NameOf(key);
        var data = (byte[])(await database.HashGetAsync(name, "d"))!;
        await (what switch
        {
            "one bit" => SetAsync("d", Changed(data, data.Length / 2)),
            "truncated" => SetAsync("d", data[..^1]),
            "empty" => SetAsync("d", Array.Empty<byte>()),
            "the format" => SetAsync("d", Changed(data, 0)),
            "the version" => SetAsync("v", 2),
            "no number for a version" => SetAsync("v", "one"),
            "no data" => database.HashDeleteAsync(name, "d"),
            "no end" => database.HashDeleteAsync(name, "e"),
            "another session's" => SetAsync("d", await database.HashGetAsync(NameOf(other), "d")),
            "another kind" => database.StringSetAsync(name, "text"),
            _ => database.KeyDeleteAsync(name).ContinueWith(_ => SetAsync("x", 1), TaskScheduler.Default).Unwrap(),
        });

        (await Store.FindAsync(key, isUse: true, None)).Status.Should().Be(StoreStatus.NotFound);
        if (!what.StartsWith("no end", StringComparison.Ordinal))
        {
            (await Store.TryBeginRefreshAsync(key, "owner", TimeSpan.FromMinutes(1), None)).Status.Should().Be(StoreStatus.NotFound);
        }

        (await FoundAsync(other)).Name.Should().Be("bob");

        Task SetAsync(string field, RedisValue value) => database.HashSetAsync(name, field, value);
    }

    [Fact]
    public async Task A_one_time_value_that_was_changed_is_none()
    {
        var key = (await Store.PutOnceAsync("login", "verifier"u8.ToArray(), TimeSpan.FromMinutes(1), None)).Value!;
        await using var redis = await fixture.Server.ConnectAsync();
        await foreach (var name in redis.GetServers()[0].KeysAsync(pattern: "{fairlead}:once:*"))
        {
            var value = (byte[])(await redis.GetDatabase().StringGetAsync(name))!;
            await redis.GetDatabase().StringSetAsync(name, Changed(value, value.Length / 2));
        }

        (await Store.TakeOnceAsync("login", key, None)).Status.Should().Be(StoreStatus.NotFound);
    }

    [Fact]
    public async Task A_gateway_with_another_secret_opens_nothing()
    {
        await using var other = Open(fixture.Server.Address, new Secret(new string('x', 32)));
        var key = await CreateAsync(Jane());

        (await other.FindAsync(key, isUse: true, None)).Status.Should().Be(StoreStatus.NotFound);
        (await other.EndBySubjectAsync(Jane().Issuer, "7", None)).Value.Should().Be(0);
        await FoundAsync(key);
    }

    [Fact]
    public async Task Everything_in_Redis_ends_by_itself()
    {
        await using var server = await RedisServer.StartAsync();
        await using var store = Open(server.Address, _secret);
        await FillAsync(store);

        await using var redis = await server.ConnectAsync();
        var names = redis.GetServers()[0].Keys().ToArray();
        names.Should().HaveCount(6);
        foreach (var name in names)
        {
            (await redis.GetDatabase().KeyTimeToLiveAsync(name)).Should().NotBeNull("{0} has to end", name);
        }
    }

    [Fact]
    public async Task Sessions_that_have_ended_do_not_pile_up_in_an_index()
    {
        await using var server = await RedisServer.StartAsync();
        await using var store = Open(server.Address, _secret, new(TimeSpan.FromHours(1), Short));
        await using var redis = await server.ConnectAsync();
        var created = 0;

        // Each new session puts the end of the index off, so it gets shorter only by dropping those that have ended.
        await Eventually.BeTrueAsync(
            async () =>
            {
                await CreateAsync(Jane(), store);
                created++;
                var indexes = redis.GetServers()[0].Keys(pattern: "{fairlead}:index:*").ToArray();
                indexes.Should().HaveCount(2);
                var lengths = await Task.WhenAll(indexes.Select(index => redis.GetDatabase().SortedSetLengthAsync(index)));
                return lengths.All(length => length < created);
            },
            "the indexes to drop sessions that have ended");
    }

    [Fact]
    public async Task Nothing_that_was_stored_can_be_read_in_Redis()
    {
        await using var server = await RedisServer.StartAsync(keeps: true);
        await using var store = Open(server.Address, _secret);
        var planted = await FillAsync(store);

        await using var redis = await server.ConnectAsync();
        await redis.GetDatabase().StringSetAsync("control", "planted-control");
        await redis.GetServers()[0].ExecuteAsync("SAVE");
        var everything = server.Files();

        everything.Count(file => Holds(file, "planted-control")).Should().BeGreaterThan(1, "the search works, in the log of commands and in the snapshot");
        foreach (var secret in planted)
        {
            everything.Should().NotContain(file => Holds(file, secret), "{0} was planted", secret);
        }
    }

    private protected override Task PrepareAsync()
    {
        RedisServer.SkipIfMissing();
        return Task.CompletedTask;
    }

    private protected override ISessionStore Open(SessionLifetimes lifetimes) => Open(fixture.Server.Address, _secret, lifetimes);

    private protected override Task PassAsync(TimeSpan time) => Task.Delay(time);

    private static RedisSessionStore Open(RedisAddress address, Secret secret, SessionLifetimes? lifetimes = null) => new(
        address, new SessionCipher(secret), lifetimes ?? new(TimeSpan.FromHours(1), TimeSpan.FromHours(8)), TimeProvider.System, NullLogger<RedisSessionStore>.Instance);

    private static RedisKey NameOf(OpaqueKey key) => "{fairlead}:session:" + key.HashText;

    private static byte[] Changed(byte[] data, int at)
    {
        var copy = data.ToArray();
        copy[at] ^= 1;
        return copy;
    }

    private static bool Holds(byte[] file, string text) => file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    private RedisSessionStore OpenAnother() => Open(fixture.Server.Address, _secret);

    /// <summary>Makes an entry of every kind, and gives every word that went into them, with the keys.</summary>
    private async Task<string[]> FillAsync(RedisSessionStore store)
    {
        var key = await CreateAsync(
            new BrowserSession
            {
                Provider = "oidc",
                Name = "planted-name",
                Groups = ["planted-group"],
                Issuer = "https://planted-issuer.example.com",
                Subject = "planted-subject",
                ProviderSession = "planted-sid",
                IdToken = new Secret("planted-id-token"),
                AccessToken = new Secret("planted-access-token"),
                RefreshToken = new Secret("planted-refresh-token"),
            },
            store);
        var found = await FoundAsync(key, store);
        (await store.TryReplaceAsync(key, found with { RefreshToken = new Secret("planted-rotated") }, 1, None)).Status.Should().Be(StoreStatus.Done);
        (await store.TryBeginRefreshAsync(key, "owner", TimeSpan.FromMinutes(1), None)).Status.Should().Be(StoreStatus.Done);
        (await store.RememberOnceAsync("planted-jti", Now.AddMinutes(1), None)).Should().Be(StoreStatus.Done);
        var value = await store.PutOnceAsync("planted-purpose", "planted-verifier"u8.ToArray(), TimeSpan.FromMinutes(1), None);
        return
        [
            key.Reveal(), value.Value!.Reveal(), Encoding.Latin1.GetString(key.Bytes), _secret.Reveal(),
            "planted-name", "planted-group", "planted-issuer", "planted-subject", "planted-sid", "planted-id-token", "planted-access-token", "planted-refresh-token",
            "planted-rotated", "planted-jti", "planted-purpose", "planted-verifier",
        ];
    }
}
