using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.HostileTests.Faults;

/// <summary>File descriptors and memory are short.</summary>
public sealed class ResourceFaultTests
{
    [Fact]
    public async Task T114_Short_of_file_descriptors_it_lives_on_answers_who_is_connected_and_takes_everybody_again_afterwards()
    {
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")]);
        await using var early = await RawClient.ConnectAsync(world.Port);
        (await (await early.SendAsync(FaultyWorld.Request("a", "/api/v1/pods"))).ReadToEndAsync()).Status.Should().Be(200);
        var descriptors = Descriptors(world);
        await LimitAsync(world, descriptors + 40);

        var flood = new List<RawClient>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                flood.Add(await RawClient.ConnectAsync(world.Port));
            }

            await Eventually.BeTrueAsync(() => Descriptors(world) >= descriptors + 35, "the flood has taken all descriptors");
            var answer = await (await early.SendAsync(FaultyWorld.Request("a", "/api/v1/pods"))).ReadToEndAsync();
            answer.Status.Should().Be(200, "a connection that is there needs no descriptor");
        }
        finally
        {
            foreach (var client in flood)
            {
                await client.DisposeAsync();
            }
        }

        await world.ShouldRecoverAsync("a");
        await Eventually.BeTrueAsync(() => Descriptors(world) <= descriptors + 10, "the descriptors are given back");
        (await world.AuditAsync(3)).Should().OnlyContain(static record => FaultyWorld.TargetOf(record).StartsWith("/clusters/a/api/v1/pods", StringComparison.Ordinal));
    }

    [Fact]
    public async Task T105_With_little_memory_large_bodies_pass_both_ways_side_by_side()
    {
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync(
            [FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")], "limits: {}", new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOTNET_GCHeapHardLimit"] = "0x4000000" });

        await Task.WhenAll([.. Enumerable.Range(0, 4).Select(_ => UploadAsync(world)), .. Enumerable.Range(0, 4).Select(_ => DownloadAsync(world))]);

        await world.ShouldRecoverAsync("a");
    }

    [Fact]
    public async Task T105_With_little_memory_a_flood_of_large_heads_and_half_sent_bodies_ends_nothing_but_itself()
    {
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync(
            [FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")], "limits: {}", new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOTNET_GCHeapHardLimit"] = "0x6400000" });
        var head = FaultyWorld.Request("a", "/api/v1/pods", "POST").With("X-Filling", new string('x', 60_000)).With("Content-Length", "1000000").ToHttp11();
        var flood = new List<RawClient>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                var client = await RawClient.ConnectAsync(world.Port);
                flood.Add(client);
                await client.WriteAsync(head);
                await client.WriteAsync(new byte[16 * 1024]);
            }

            (await world.SendAsync("a", "/api/v1/pods")).Status.Should().Be(200, "the flood is under way");
        }
        finally
        {
            foreach (var client in flood)
            {
                client.Reset();
                await client.DisposeAsync();
            }
        }

        await world.ShouldRecoverAsync("a");
        (await world.AuditAsync(202)).Count(static record => record.GetProperty("verb").GetString() is "create").Should().Be(200, "each of the flood has its record");
    }

    private static async Task UploadAsync(FaultyWorld world)
    {
        const int Pieces = 512;
        await using var client = await RawClient.ConnectAsync(world.Port);
        var piece = new byte[128 * 1024];
        await client.WriteAsync(FaultyWorld.Request("a", "/api/v1/pods", "POST").With("Content-Length", (Pieces * piece.Length).ToString(CultureInfo.InvariantCulture)).ToHttp11());
        for (var i = 0; i < Pieces; i++)
        {
            await client.WriteAsync(piece);
        }

        var response = await client.ReadResponseAsync();
        response.Status.Should().Be(200);
        response.BodyText.Should().Contain(" 67108864 ");
    }

    private static async Task DownloadAsync(FaultyWorld world)
    {
        await using var client = await RawClient.ConnectAsync(world.Port);
        var response = await client.SendAsync(FaultyWorld.Request("a", "/api/v1/large"));
        (await response.ReadToEndAsync()).Body.Length.Should().Be(64 * 1024 * 1024);
    }

    private static int Descriptors(FaultyWorld world) => Directory.EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{world.Gateway.Process.Id}/fd")).Count();

    private static async Task LimitAsync(FaultyWorld world, int files) => (await ProcessRunner.RunAsync(
        "prlimit", ["--pid", world.Gateway.Process.Id.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"--nofile={files}:20000")])).Succeeded();
}
