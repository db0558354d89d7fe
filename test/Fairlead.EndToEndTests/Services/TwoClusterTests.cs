using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.EndToEndTests.Services;

/// <summary>Two clusters, each with an nginx behind the Service <c>default/charts</c>.</summary>
public sealed class TwoClusterTests
{
    [Theory]
    [InlineData("direct")]
    [InlineData("apiserver")]
    public async Task H17_Services_of_the_same_name_answer_each_as_itself(string transport)
    {
        using var folder = new TempFolder();
        folder.Write("east/who.txt", "the east");
        folder.Write("west/who.txt", "the west");
        await using var east = await NginxServer.StartAsync(folder.PathOf("east"));
        await using var west = await NginxServer.StartAsync(folder.PathOf("west"));
        await using var world = await ServiceWorld.StartAsync(transport, change: null, "east", "west");
        world.AddService("charts", east.Port, cluster: "east");
        world.AddService("charts", west.Port, cluster: "west");

        foreach (var cluster in new[] { "east", "west", "east" })
        {
            foreach (var target in new[] { $"/clusters/{cluster}", $"/clusters/config--{cluster}", $"/clusters/config%2F{cluster}" })
            {
                var path = await world.CurlAsync($"{target}/serviceproxy/default/charts/who.txt", ServiceWorld.Ann(cluster));
                var request = await world.CurlAsync($"{target}/serviceproxy/default/charts?request=who.txt", ServiceWorld.Ann(cluster));

                path.Status.Should().Be(200, path.Body);
                path.Header("Fairlead-Transport").Should().Be(transport);
                path.Body.Should().Be("the " + cluster);
                request.Body.Should().Be("the " + cluster);
            }
        }
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("apiserver")]
    public async Task The_token_of_one_cluster_opens_no_Service_of_the_other(string transport)
    {
        using var folder = new TempFolder();
        folder.Write("who.txt", "the west");
        await using var west = await NginxServer.StartAsync(folder.Path);
        await using var world = await ServiceWorld.StartAsync(transport, change: null, "east", "west");
        world.AddService("charts", west.Port, cluster: "west");

        var wrong = await world.CurlAsync("/clusters/west/serviceproxy/default/charts/who.txt", ServiceWorld.Ann("east"));
        var elsewhere = await world.CurlAsync("/clusters/east/serviceproxy/default/charts/who.txt", ServiceWorld.Ann("east"));

        wrong.Status.Should().Be(401);
        elsewhere.Status.Should().Be(404);
        elsewhere.Body.Should().Contain("services \\\"charts\\\" not found");
        west.Log.Should().BeEmpty();
    }

    [Fact]
    public async Task H14_A_target_that_names_no_cluster_is_told_how_to_name_one()
    {
        await using var world = await ServiceWorld.StartAsync("direct", change: null, "east", "west");

        var answer = await world.CurlAsync("/serviceproxy/default/my-catalog-chartmuseum/api/charts", TestGateway.Token);

        answer.Status.Should().Be(404);
        answer.Body.Should().Contain("/clusters/{cluster}/serviceproxy/");
    }
}
