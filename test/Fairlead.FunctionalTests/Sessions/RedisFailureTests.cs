using AwesomeAssertions;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Xunit;

namespace Fairlead.FunctionalTests.Sessions;

/// <summary>A Redis that is down, comes back, hangs, or is not the one it should be. Nothing of it throws.</summary>
public sealed class RedisFailureTests
{
    private static readonly Secret _secret = new("a secret that has as many characters as it needs");

    private readonly LogLines<RedisSessionStore> _log = new();

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_that_is_down_is_unavailable_for_every_operation()
    {
        await using var server = await RedisServer.StartAsync();
        await using var store = Open(server.Address);
        var (key, session) = await SignInAsync(store);

        await server.StopAsync();

        (await StatusesAsync(store, key, session)).Should().OnlyContain(static status => status == StoreStatus.Unavailable);
    }

    [Fact]
    public async Task A_store_that_was_never_there_is_unavailable_and_then_used_when_it_comes()
    {
        await using var server = await RedisServer.StartAsync();
        await server.StopAsync();
        await using var store = Open(server.Address);
        (await StatusesAsync(store, OpaqueKey.Create(), Jane())).Should().OnlyContain(static status => status == StoreStatus.Unavailable);

        await server.StartAgainAsync();

        await Eventually.BeTrueAsync(
            async () => (await store.CreateAsync(Jane(), None)).Status == StoreStatus.Done, "the store to connect");
        await Eventually.BeTrueAsync(
            async () =>
            {
                await store.EndAsync(OpaqueKey.Create(), None);
                return _log.Lines.Any(static line => line.StartsWith("Information", StringComparison.Ordinal));
            },
            "the word that it is connected");
        _log.Lines.Count(static line => line.StartsWith("Warning", StringComparison.Ordinal)).Should().Be(1, "it is told once, not at each attempt");
        _log.Lines.Count(static line => line.StartsWith("Information", StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public async Task A_Redis_that_keeps_its_data_gives_the_sessions_back_after_a_restart()
    {
        await using var server = await RedisServer.StartAsync(keeps: true);
        await using var store = Open(server.Address);
        var (key, session) = await SignInAsync(store);
        await server.StopAsync();
        (await store.FindAsync(key, isUse: true, None)).Status.Should().Be(StoreStatus.Unavailable);

        await server.StartAgainAsync();

        await Eventually.BeTrueAsync(async () => (await store.FindAsync(key, isUse: true, None)).Status == StoreStatus.Done, "the session to be back");
        (await store.TryReplaceAsync(key, session, 1, None)).Status.Should().Be(StoreStatus.Done);
        (await store.EndBySubjectAsync(session.Issuer, session.Subject, None)).Value.Should().Be(1);
    }

    [Fact]
    public async Task A_Redis_that_keeps_nothing_has_no_sessions_after_a_restart_and_takes_new_ones()
    {
        await using var server = await RedisServer.StartAsync();
        await using var store = Open(server.Address);
        var (key, _) = await SignInAsync(store);
        await server.StopAsync();
        await server.StartAgainAsync();

        await Eventually.BeTrueAsync(async () => (await store.FindAsync(key, isUse: true, None)).Status == StoreStatus.NotFound, "an answer after the restart");

        var (next, _) = await SignInAsync(store);
        (await store.FindAsync(next, isUse: true, None)).Status.Should().Be(StoreStatus.Done);
    }

    [Fact]
    public async Task A_Redis_that_hangs_is_unavailable()
    {
        await using var server = await RedisServer.StartAsync();
        await using var store = Open(server.Address);
        var (key, _) = await SignInAsync(store);
        var redis = await server.ConnectAsync();
        await redis.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "600000", "ALL");
        await redis.CloseAsync(allowCommandsToComplete: false);

        (await store.FindAsync(key, isUse: true, None)).Status.Should().Be(StoreStatus.Unavailable);
    }

    [Fact]
    public async Task A_Redis_that_is_full_is_unavailable()
    {
        await using var server = await RedisServer.StartAsync();
        await using var store = Open(server.Address);
        var (key, _) = await SignInAsync(store);
        await using var redis = await server.ConnectAsync();
        await redis.GetServers()[0].ConfigSetAsync("maxmemory", "1");

        (await store.CreateAsync(Jane(), None)).Status.Should().Be(StoreStatus.Unavailable);

        await redis.GetServers()[0].ConfigSetAsync("maxmemory", "0");
        (await store.FindAsync(key, isUse: true, None)).Status.Should().Be(StoreStatus.Done);
        _log.Lines.Should().ContainSingle(static line => line.Contains("OOM", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_password_has_to_be_right()
    {
        await using var server = await RedisServer.StartAsync(password: "right-password");
        await using var right = Open(server.Address);
        await using var wrong = Open(server.Address with { Password = new Secret("wrong-password") });
        await using var none = Open(server.Address with { Password = null });

        (await right.CreateAsync(Jane(), None)).Status.Should().Be(StoreStatus.Done);
        (await wrong.CreateAsync(Jane(), None)).Status.Should().Be(StoreStatus.Unavailable);
        (await none.CreateAsync(Jane(), None)).Status.Should().Be(StoreStatus.Unavailable);
        _log.Lines.Should().NotBeEmpty().And.NotContain(static line => line.Contains("password", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Over_TLS_the_certificate_has_to_be_right()
    {
        var certificates = new TestCertificates();
        using var folder = new TempFolder();
        var authority = folder.Write("ca.crt", certificates.AuthorityPem);
        var foreign = folder.Write("foreign.crt", new TestCertificates().AuthorityPem);
        await using var server = await RedisServer.StartAsync(certificate: certificates.Server("127.0.0.1"));
        var address = server.Address with { UseTls = true, CaFile = authority };
        await using var right = Open(address);
        await using var wrongName = Open(address with { Host = "localhost" });
        await using var wrongAuthority = Open(address with { CaFile = foreign });
        await using var ofTheSystem = Open(address with { CaFile = null });
        await using var noFile = Open(address with { CaFile = folder.PathOf("missing.crt") });
        await using var plain = Open(address with { UseTls = false });

        (await right.CreateAsync(Jane(), None)).Status.Should().Be(StoreStatus.Done);
        RedisSessionStore[] wrong = [wrongName, wrongAuthority, ofTheSystem, noFile, plain];
        var answers = await Task.WhenAll(wrong.Select(static async store => (await store.CreateAsync(Jane(), None)).Status));
        answers.Should().OnlyContain(static status => status == StoreStatus.Unavailable);
    }

    [Fact]
    public async Task A_caller_that_leaves_is_told_so()
    {
        await using var server = await RedisServer.StartAsync();
        await using var store = Open(server.Address);

        var find = async () => await store.FindAsync(OpaqueKey.Create(), isUse: true, new CancellationToken(canceled: true));

        await find.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task After_its_end_a_store_is_unavailable()
    {
        await using var server = await RedisServer.StartAsync();
        var store = Open(server.Address);
        var (key, session) = await SignInAsync(store);

        await store.DisposeAsync();

        (await StatusesAsync(store, key, session)).Should().OnlyContain(static status => status == StoreStatus.Unavailable);
    }

    [Fact]
    public async Task No_failure_writes_a_secret_into_the_log()
    {
        await using var server = await RedisServer.StartAsync(password: "planted-password");
        await using var store = Open(server.Address);
        var (key, session) = await SignInAsync(store);
        await server.StopAsync();
        await StatusesAsync(store, key, session);

        _log.Lines.Should().NotBeEmpty();
        foreach (var secret in (string[])["planted", key.Reveal(), key.HashText, session.Name, _secret.Reveal()])
        {
            _log.Lines.Should().NotContain(line => line.Contains(secret, StringComparison.Ordinal));
        }
    }

    private static BrowserSession Jane() => new()
    {
        Provider = "oidc",
        Name = "jane",
        Issuer = "https://login.example.com",
        Subject = "7",
        ProviderSession = "sid-1",
        RefreshToken = new Secret("planted-refresh-token"),
    };

    private static async Task<(OpaqueKey Key, BrowserSession Session)> SignInAsync(RedisSessionStore store)
    {
        var key = (await store.CreateAsync(Jane(), None)).Value!;
        return (key, (await store.FindAsync(key, isUse: true, None)).Value!);
    }

    private static Task<StoreStatus[]> StatusesAsync(RedisSessionStore store, OpaqueKey key, BrowserSession session) => Task.WhenAll(
        StatusAsync(store.CreateAsync(session, None)),
        StatusAsync(store.FindAsync(key, isUse: true, None)),
        StatusAsync(store.TryReplaceAsync(key, session, 1, None)),
        StatusAsync(store.EndAsync(key, None)),
        StatusAsync(store.EndByProviderSessionAsync("issuer", "sid", None)),
        StatusAsync(store.EndBySubjectAsync("issuer", "subject", None)),
        StatusAsync(store.TryBeginRefreshAsync(key, "owner", TimeSpan.FromMinutes(1), None)),
        StatusAsync(store.EndRefreshAsync(key, "owner", None)),
        StatusAsync(store.RememberOnceAsync("jti", DateTimeOffset.MaxValue, None)),
        StatusAsync(store.PutOnceAsync("login", new byte[] { 7 }, TimeSpan.FromMinutes(1), None)),
        StatusAsync(store.TakeOnceAsync("login", key, None)));

    private static async Task<StoreStatus> StatusAsync<T>(ValueTask<StoreAnswer<T>> answer) => (await answer).Status;

    private static async Task<StoreStatus> StatusAsync(ValueTask<StoreStatus> status) => await status;

    private RedisSessionStore Open(RedisAddress address) =>
        new(address, new SessionCipher(_secret), new(TimeSpan.FromHours(1), TimeSpan.FromHours(8)), TimeProvider.System, _log);
}
