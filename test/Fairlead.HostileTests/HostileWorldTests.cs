using AwesomeAssertions;
using Xunit;

namespace Fairlead.HostileTests;

/// <summary>The world itself: without these a refusal could mean that nothing ever passes.</summary>
public sealed class HostileWorldTests
{
    [Fact]
    public async Task A_plain_request_passes_on_every_way_and_leaves_one_record()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            var mark = world.Mark();

            var response = await world.GetAsync(way, "/api/v1/namespaces/n/pods");

            response.Status.Should().Be(200, way + response.BodyText.Replace("{", "", StringComparison.Ordinal));
            world.SentSince(mark).Should().ContainSingle(way.ToString()).Which.Target.Should().Be("/api/v1/namespaces/n/pods");
        }

        (await world.AuditAsync(static record => record.GetProperty("user").GetProperty("username").GetString() is "jane", "Jane")).GetProperty("kind").GetString().Should().Be("Event");
    }

    [Fact]
    public async Task Nobody_gets_through_any_door()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Bearer)
        {
            var mark = world.Mark();

            var response = await world.ExchangeAsync(way, HostileWorld.Anonymous(way.Door, Testing.Clients.RawRequest.Get("/api/v1/namespaces/n/pods")));

            world.ShouldBeRefused(way, response, 401, mark);
        }
    }
}
