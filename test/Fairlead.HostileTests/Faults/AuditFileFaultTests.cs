using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.HostileTests.Faults;

/// <summary>The disk of the audit file is full, for a while: nothing is lost and nothing is written twice.</summary>
public sealed class AuditFileFaultTests
{
    private const int Requests = 40;

    [Fact]
    public async Task T114_A_file_that_may_not_grow_ends_no_process_and_every_record_is_written_once_when_it_may()
    {
        FaultyWorld.SkipUnlessThere("prlimit");
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")]);

        await LimitAsync(world, "2000:unlimited");
        for (var i = 0; i < Requests; i++)
        {
            (await world.SendAsync("a", Path(i), "DELETE")).Status.Should().Be(200);
        }

        await world.Gateway.Process.WaitForLineAsync("The audit file cannot be written");
        FaultyWorld.Records(world.AuditFile).Count.Should().BeLessThan(Requests, "that is all the room there is");
        world.Gateway.Process.HasExited.Should().BeFalse();
        await LimitAsync(world, "unlimited:unlimited");

        ShouldBeAll(await world.AuditAsync(Requests));
    }

    [Fact]
    public async Task T114_A_full_disk_loses_no_record_and_no_half_of_one()
    {
        FaultyWorld.SkipUnlessRoot("A disk of its own");
        using var folder = new TempFolder();
        (await ProcessRunner.RunAsync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", folder.Path])).Succeeded();
        try
        {
            await using var upstream = await UpstreamProcess.StartAsync();
            var audit = folder.PathOf("audit.log");
            await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")], audit: audit);
            for (var i = 0; i < Requests; i++)
            {
                (await world.SendAsync("a", Path(i), "DELETE")).Status.Should().Be(200);
            }

            await world.Gateway.Process.WaitForLineAsync("The audit file cannot be written");
            FaultyWorld.Records(audit).Count.Should().BeLessThan(Requests);

            (await ProcessRunner.RunAsync("mount", ["-o", "remount,size=10m", folder.Path])).Succeeded();
            await Eventually.BeTrueAsync(() => FaultyWorld.Records(audit).Count >= Requests, "the records are written");
            ShouldBeAll(FaultyWorld.Records(audit));
        }
        finally
        {
            (await ProcessRunner.RunAsync("umount", ["--lazy", folder.Path])).Succeeded();
        }
    }

    [Fact]
    public async Task T114_A_full_disk_refuses_writes_and_streams_when_the_queue_is_full_too_and_takes_them_again_afterwards()
    {
        await using var upstream = await UpstreamProcess.StartAsync();
        using var folder = new TempFolder();
        var audit = folder.PathOf("audit.log");
        File.CreateSymbolicLink(audit, "/dev/full");
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")], "limits: { rate: { perCaller: 1000000 } }", audit: audit);
        await FillAsync(world);

        var refused = await world.SendAsync("a", Path(1), "DELETE");
        FaultyWorld.ShouldBeRefused(refused, 503);
        refused.BodyText.Should().Contain("audit");
        FaultyWorld.ShouldBeRefused(await world.SendAsync("a", "/api/v1/pods?watch=1"), 503);
        (await world.SendAsync("a", "/api/v1/pods")).Status.Should().Be(200, "reads go on");

        File.Delete(audit);
        await Eventually.BeTrueAsync(async () => (await world.SendAsync("a", Path(2), "DELETE")).Status == 200, "writes are taken again");
        await Eventually.BeTrueAsync(() => FaultyWorld.Records(audit).Count > 8000, "what waited is written");
    }

    /// <summary>As many reads as the queue holds: records of refusals leave half of it free.</summary>
    private static async Task FillAsync(FaultyWorld world)
    {
        var request = FaultyWorld.Request("a", "/api/v1/pods").ToHttp11();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var client = await Testing.Clients.RawClient.ConnectAsync(world.Port);
            for (var i = 0; i < 1100; i++)
            {
                await client.WriteAsync(request);
                (await client.ReadResponseAsync()).Status.Should().Be(200);
            }
        }));
    }

    private static string Path(int number) => string.Create(CultureInfo.InvariantCulture, $"/api/v1/namespaces/n/pods/p{number}");

    private static void ShouldBeAll(IReadOnlyList<System.Text.Json.JsonElement> records) =>
        records.Select(FaultyWorld.TargetOf).Should().BeEquivalentTo(Enumerable.Range(0, Requests).Select(static i => "/clusters/a" + Path(i)));

    private static async Task LimitAsync(FaultyWorld world, string limit) => (await ProcessRunner.RunAsync(
        "prlimit", ["--pid", world.Gateway.Process.Id.ToString(CultureInfo.InvariantCulture), "--fsize=" + limit])).Succeeded();
}
