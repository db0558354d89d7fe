using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Xunit;

namespace Fairlead.HostileTests.Replicas;

/// <summary>One gateway without Redis starts again, with a folder for its state and without.</summary>
public sealed class StateDirTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_a_folder_for_its_state_logins_and_keys_live_through_a_restart(bool isKilled)
    {
        var folder = _folder.PathOf("state");
        await using var world = await ReplicaWorld.PrepareAsync($"stateDir: '{folder}'");
        var gateway = world.One;
        await gateway.StartAsync();
        gateway.Process.Output.Should().NotContain(static line => line.Contains("logins end with it", StringComparison.Ordinal));
        var (tab, other) = (ReplicaWorld.Tab(gateway.Port), ReplicaWorld.Tab(gateway.Port));
        await world.SignInAsync(tab, gateway.Port, gateway.Port);
        await world.SignInAsync(other, gateway.Port, gateway.Port);
        (await other.FetchAsync("POST", "/auth/logout")).Status.Should().Be(200);
        var keys = await KeysAsync(gateway);

        if (isKilled)
        {
            await gateway.KillAsync();
        }
        else
        {
            await gateway.StopAsync();
        }

        await gateway.StartAsync();

        (await ReplicaWorld.AskAsync(tab, gateway.Port)).Should().Be(200);
        (await KeysAsync(gateway)).Should().Be(keys);
        Directory.EnumerateFiles(Path.Combine(folder, "sessions")).Should().ContainSingle("who has signed out does not come back");
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Append(folder))
        {
            (File.GetUnixFileMode(path) & (UnixFileMode)0b000_111_111).Should().Be(UnixFileMode.None, path);
        }

        var texts = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(file) is not "lock").Select(File.ReadAllText).ToArray();
        texts.Should().NotContain(text => text.Contains("jane", StringComparison.Ordinal) || text.Contains(tab.SessionKey!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_one_logins_end_with_the_process_and_the_start_says_so()
    {
        await using var world = await ReplicaWorld.PrepareAsync("");
        var gateway = world.One;
        await gateway.StartAsync();
        await gateway.Process.WaitForLineAsync("sessions are kept in this process: logins end with it");
        var tab = ReplicaWorld.Tab(gateway.Port);
        await world.SignInAsync(tab, gateway.Port, gateway.Port);

        await gateway.StopAsync();
        await gateway.StartAsync();

        (await ReplicaWorld.AskAsync(tab, gateway.Port)).Should().Be(401);
    }

    [Fact]
    public async Task A_folder_that_others_can_read_or_that_another_process_uses_stops_the_start()
    {
        var open = Directory.CreateDirectory(_folder.PathOf("open"), (UnixFileMode)0b111_101_101).FullName;
        await using (var world = await ReplicaWorld.PrepareAsync($"stateDir: '{open}'"))
        {
            var starting = world.One.StartAsync;
            (await starting.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*fairlead does not start: stateDir*chmod 700*");
        }

        await using var both = await ReplicaWorld.PrepareAsync($"stateDir: '{_folder.PathOf("state")}'");
        await both.One.StartAsync();
        var second = both.Two.StartAsync;
        (await second.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*fairlead does not start: stateDir*another process*");
        (await ReplicaWorld.AskAsync(both.One.Port)).Should().Be(200);
    }

    private static async Task<string> KeysAsync(Replica gateway) => (await RawClient.ExchangeAsync(gateway.Port, RawRequest.Get("/.well-known/jwks.json"))).BodyText;
}
