using AwesomeAssertions;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Files;
using Fairlead.Testing.Processes;
using Fairlead.Testing.Wire;
using Xunit;
using TempFolder = Fairlead.Testing.TempFolder;

namespace Fairlead.HostileTests.Faults;

/// <summary>What happens to the processes behind the gateway.</summary>
public sealed class UpstreamFaultTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task T97_T108_A_killed_upstream_ends_its_streams_with_an_abort_and_its_requests_with_502_and_is_used_again_when_it_is_back(bool tls)
    {
        using var folder = new TempFolder();
        (string, string)? certificate = tls ? TestCertificates.Shared.Server().WriteTo(folder, "upstream") : null;
        await using var upstream = await UpstreamProcess.StartAsync(certificate);
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", $"{(tls ? "https" : "http")}://127.0.0.1:{upstream.Port}", Authority(folder))], "limits: {}");
        await using var watcher = await RawClient.ConnectAsync(world.Port);
        await using var reader = await RawClient.ConnectAsync(world.Port);
        await using var asking = await RawClient.ConnectAsync(world.Port);
        var watch = await watcher.SendAsync(FaultyWorld.Request("a", "/api/v1/pods?watch=1"));
        watch.Status.Should().Be(200, world.Gateway.Process.Transcript().Replace("{", "", StringComparison.Ordinal));
        (await watch.ReadLineAsync()).Should().Be("""{"type":"ADDED"}""");
        var half = await reader.SendAsync(FaultyWorld.Request("a", "/api/v1/half"));
        (await half.ReadChunkAsync()).Should().NotBeEmpty();
        var silent = asking.SendAsync(FaultyWorld.Request("a", "/api/v1/silent", "POST"));

        await upstream.KillAsync();

        (await watch.ReadToEndAsync()).End.Should().NotBe(ResponseEnd.Complete, "a watch that was cut is not one that has ended");
        (await half.ReadToEndAsync()).End.Should().NotBe(ResponseEnd.Complete);
        var failed = await (await silent).ReadToEndAsync();
        failed.Status.Should().BeOneOf(502, 504);
        FaultyWorld.ShouldBeRefused(failed, failed.Status);
        FaultyWorld.ShouldBeRefused(await world.SendAsync("a", "/api/v1/pods"), 502);
        var records = await world.AuditAsync(4);
        records.Single(static record => FaultyWorld.TargetOf(record).Contains("watch", StringComparison.Ordinal)).Should().Match<System.Text.Json.JsonElement>(record => FaultyWorld.OutcomeOf(record) != "Complete");
        FaultyWorld.OutcomeOf(records.Single(static record => FaultyWorld.TargetOf(record).EndsWith("/half", StringComparison.Ordinal))).Should().NotBe("Complete");

        await upstream.StartAgainAsync(certificate);
        await world.ShouldRecoverAsync("a");
    }

    [Fact]
    public async Task T108_T113_A_stopped_upstream_is_504_for_itself_alone_and_answers_when_it_goes_on()
    {
        await using var stalled = await UpstreamProcess.StartAsync();
        await using var other = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync(
            [FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{stalled.Port}"), FaultyWorld.ClusterAt("b", $"http://127.0.0.1:{other.Port}")], headers: "3s");
        await world.ShouldRecoverAsync("a");

        stalled.Process.Signal(SignalNumber.Stop);
        var waiting = world.SendAsync("a", "/api/v1/pods");
        await world.ShouldRecoverAsync("b");
        FaultyWorld.ShouldBeRefused(await waiting, 504);
        stalled.Process.Signal(SignalNumber.Continue);

        await world.ShouldRecoverAsync("a");
    }

    [Fact]
    public async Task T48_T111_An_upstreams_renewed_certificate_is_believed_of_the_same_authority_refused_of_another_and_believed_once_the_authority_is_exchanged()
    {
        using var folder = new TempFolder();
        using var mounted = new MountedFolder();
        var next = new TestCertificates();
        mounted.Publish(("ca.crt", TestCertificates.Shared.AuthorityPem));
        await using var upstream = await UpstreamProcess.StartAsync(TestCertificates.Shared.Server().WriteTo(folder, "first"));
        await using var world = await FaultyWorld.StartAsync([FaultyWorld.ClusterAt("a", $"https://127.0.0.1:{upstream.Port}", $", caFile: '{mounted.Of("ca.crt")}'")]);
        (await world.SendAsync("a", "/api/v1/pods")).Status.Should().Be(200);

        await upstream.KillAsync();
        await upstream.StartAgainAsync(TestCertificates.Shared.Server().WriteTo(folder, "renewed"));
        await world.ShouldRecoverAsync("a");

        await upstream.KillAsync();
        await upstream.StartAgainAsync(next.Server().WriteTo(folder, "other"));
        FaultyWorld.ShouldBeRefused(await world.SendAsync("a", "/api/v1/pods"), 502);

        mounted.Publish(("ca.crt", "no certificate at all"));
        FaultyWorld.ShouldBeRefused(await world.SendAsync("a", "/api/v1/pods"), 502);
        mounted.Publish(("ca.crt", next.AuthorityPem));
        await world.ShouldRecoverAsync("a");
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_is_followed_there_when_the_old_address_is_gone()
    {
        FaultyWorld.SkipUnlessRoot("A hosts file for one process");
        using var folder = new TempFolder();
        var hosts = folder.Write("hosts", "127.0.0.2 moving.fairlead.test\n");
        await using var before = await UpstreamProcess.StartAsync(address: "127.0.0.2");
        await using var after = await UpstreamProcess.StartAsync(address: "127.0.0.3", port: before.Port);
        await using var world = await FaultyWorld.StartAsync(
            [FaultyWorld.ClusterAt("a", $"http://moving.fairlead.test:{before.Port}")],
            through: ["unshare", "--mount", "sh", "-c", $"mount --bind '{hosts}' /etc/hosts && exec \"$@\"", "sh"]);
        (await world.SendAsync("a", "/api/v1/pods")).BodyText.Should().StartWith("127.0.0.2 ");

        await File.WriteAllTextAsync(hosts, "127.0.0.3 moving.fairlead.test\n");
        (await world.SendAsync("a", "/api/v1/pods")).BodyText.Should().StartWith("127.0.0.2 ", "a connection that works is kept for a while");
        await before.KillAsync();

        await world.ShouldRecoverAsync("a");
        (await world.SendAsync("a", "/api/v1/pods")).BodyText.Should().StartWith("127.0.0.3 ");
    }

    private static string Authority(TempFolder folder) => $", caFile: '{folder.Write("ca.crt", TestCertificates.Shared.AuthorityPem)}'";
}
