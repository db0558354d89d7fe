using System.Text;
using AwesomeAssertions;
using Fairlead.Sessions;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.FunctionalTests.Sessions;

/// <summary>Values that are good for one use.</summary>
public abstract partial class SessionStoreContract
{
    [Fact]
    public async Task What_was_used_once_is_remembered()
    {
        (await Store.RememberOnceAsync("jti a", Now.AddMinutes(5), None)).Should().Be(StoreStatus.Done);

        (await Store.RememberOnceAsync("jti a", Now.AddMinutes(5), None)).Should().Be(StoreStatus.Conflict);
        (await Store.RememberOnceAsync("jti b", Now.AddMinutes(5), None)).Should().Be(StoreStatus.Done);
        (await Store.RememberOnceAsync("jti c", Now.AddMinutes(-5), None)).Should().Be(StoreStatus.Done);
        (await Store.RememberOnceAsync("jti c", Now.AddMinutes(-5), None)).Should().Be(StoreStatus.Conflict, "clocks differ: it is remembered for a while at least");
    }

    [Fact]
    public async Task Of_50_uses_at_once_one_is_the_first()
    {
        var answers = await AtOnceAsync(_ => Store.RememberOnceAsync("jti", Now.AddMinutes(5), None));

        answers.Count(static answer => answer == StoreStatus.Done).Should().Be(1);
        answers.Count(static answer => answer == StoreStatus.Conflict).Should().Be(49);
    }

    [Fact]
    public async Task What_was_used_is_forgotten_in_time()
    {
        await Store.RememberOnceAsync("jti", Now.AddSeconds(1), None);

        await PassAsync(Short);

        await Eventually.BeTrueAsync(
            async () => await Store.RememberOnceAsync("jti", Now.AddSeconds(1), None) == StoreStatus.Done, "the end of the memory of a used id");
    }

    [Fact]
    public async Task A_value_is_taken_once()
    {
        var key = (await Store.PutOnceAsync("login", "verifier"u8.ToArray(), TimeSpan.FromMinutes(10), None)).Value!;

        var taken = await Store.TakeOnceAsync("login", key, None);

        Encoding.UTF8.GetString(taken.Value!).Should().Be("verifier");
        (await Store.TakeOnceAsync("login", key, None)).Status.Should().Be(StoreStatus.NotFound);
    }

    [Fact]
    public async Task A_value_is_taken_for_its_purpose_only()
    {
        var key = (await Store.PutOnceAsync("login", "verifier"u8.ToArray(), TimeSpan.FromMinutes(10), None)).Value!;

        (await Store.TakeOnceAsync("ticket", key, None)).Status.Should().Be(StoreStatus.NotFound);
        (await Store.TakeOnceAsync("login", OpaqueKey.Create(), None)).Status.Should().Be(StoreStatus.NotFound);
        (await Store.TakeOnceAsync("login", key, None)).Status.Should().Be(StoreStatus.Done);
    }

    [Fact]
    public async Task Of_50_that_take_a_value_at_once_one_gets_it()
    {
        var key = (await Store.PutOnceAsync("ticket", new byte[] { 7 }, TimeSpan.FromMinutes(10), None)).Value!;

        var answers = await AtOnceAsync(_ => Store.TakeOnceAsync("ticket", key, None));

        answers.Where(static answer => answer.Status == StoreStatus.Done).Should().ContainSingle().Which.Value.Should().Equal(7);
        answers.Count(static answer => answer.Status == StoreStatus.NotFound).Should().Be(49);
    }

    [Fact]
    public async Task A_value_that_nobody_takes_is_gone_in_time()
    {
        var keys = new Queue<OpaqueKey>();
        // Taking is no look: each attempt has a value of its own.
        for (var i = 0; i < 1000; i++)
        {
            keys.Enqueue((await Store.PutOnceAsync("ticket", new byte[] { 7 }, Short, None)).Value!);
        }

        await PassAsync(Short);

        await Eventually.BeTrueAsync(
            async () => (await Store.TakeOnceAsync("ticket", keys.Dequeue(), None)).Status == StoreStatus.NotFound, "the end of a value that nobody took");
    }

    [Fact]
    public async Task An_empty_value_is_a_value()
    {
        var key = (await Store.PutOnceAsync("ticket", ReadOnlyMemory<byte>.Empty, TimeSpan.FromMinutes(1), None)).Value!;

        (await Store.TakeOnceAsync("ticket", key, None)).Status.Should().Be(StoreStatus.Done);
    }
}
