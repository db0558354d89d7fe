using System.Globalization;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Issuers;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.HostileTests.Faults;

/// <summary>The system's clock jumps while the time that passes does not: what depends on the hour changes with it, and nothing hangs.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task T08_T114_A_clock_that_jumps_ends_what_has_expired_and_nothing_else_and_everything_is_back_when_it_is()
    {
        Assert.SkipUnless(ExternalTools.FakeTime.IsAvailable, ExternalTools.FakeTime.WhyMissing);
        using var folder = new TempFolder();
        var clock = folder.Write("clock", "+0");
        // In one step: nobody reads half of it.
        void Jump(string by) => File.Move(folder.Write("clock.next", by), clock, overwrite: true);
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Claims["groups"] = new System.Text.Json.Nodes.JsonArray("portal");
        await using var upstream = await UpstreamProcess.StartAsync();
        await using var world = await FaultyWorld.StartAsync(
            [FaultyWorld.ClusterAt("a", $"http://127.0.0.1:{upstream.Port}")],
            headers: "5s",
            auth: $", jwt: [{{ name: portal, issuer: '{issuer.Issuer}', audiences: [fairlead], usernameClaim: preferred_username, groupsClaim: groups }}]",
            environment: new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["LD_PRELOAD"] = ExternalTools.FakeTime.Require(),
                ["FAKETIME_TIMESTAMP_FILE"] = clock,
                ["FAKETIME_NO_CACHE"] = "1",
                ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
                // Without it libfaketime 0.9.10 lets waits go by the clock that jumps, on glibc 2.30 and later: threads spin while it is ahead, and sleep for hours while it is behind.
                ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
            });
        var now = issuer.Token();
        string Later() => issuer.Token(("iat", At(2)), ("nbf", At(2)), ("exp", At(3)), ("jti", Guid.NewGuid().ToString()));
        await world.ShouldRecoverAsync("a");
        await ShouldBeAsync(world, now, 200);
        await ShouldBeAsync(world, Later(), 401);
        await using var watcher = await RawClient.ConnectAsync(world.Port);
        var watch = await watcher.SendAsync(FaultyWorld.Request("a", "/api/v1/pods?watch=1"));
        (await watch.ReadLineAsync()).Should().NotBeNull();

        Jump("+7200");
        await ShouldBeAsync(world, now, 401);
        await ShouldBeAsync(world, Later(), 200);
        (await world.SendAsync("a", "/api/v1/pods")).Status.Should().Be(200, "a machine's token has no end");

        Jump("-7200");
        await ShouldBeAsync(world, Later(), 401);
        (await world.SendAsync("a", "/api/v1/pods")).Status.Should().Be(200);
        FaultyWorld.ShouldBeRefused(await world.SendAsync("a", "/api/v1/silent"), 504);

        Jump("+0");
        await ShouldBeAsync(world, issuer.Token(("jti", "another")), 200);
        watch.End.Should().BeNull("a stream knows no hour");
        (await world.AuditAsync(9)).Select(static record => DateTimeOffset.Parse(record.GetProperty("requestReceivedTimestamp").GetString()!, CultureInfo.InvariantCulture))
            .Should().Contain(static time => time > DateTimeOffset.UtcNow.AddHours(1)).And.Contain(static time => time < DateTimeOffset.UtcNow.AddHours(-1));
        await upstream.KillAsync();
        (await watch.ReadToEndAsync()).End.Should().NotBe(Testing.Wire.ResponseEnd.Complete);
    }

    private static long At(int hours) => DateTimeOffset.UtcNow.AddHours(hours).AddMinutes(-10).ToUnixTimeSeconds();

    // Soon, and not at once: threads of the process that ask for the time while another one reads the file still get the time of before.
    private static Task ShouldBeAsync(FaultyWorld world, string token, int status) => Eventually.BeTrueAsync(
        async () => (await RawClient.ExchangeAsync(world.Port, RawRequest.Get("/clusters/a/api/v1/pods").WithBearer(token))).Status == status, $"the answer is {status}");
}
