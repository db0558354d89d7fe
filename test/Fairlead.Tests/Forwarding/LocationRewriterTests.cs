using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Forwarding;
using Fairlead.Testing.Gateways;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Fairlead.Tests.Forwarding;

public sealed class LocationRewriterTests
{
    private const string DoorPrefix = "/api/kubernetes/proxy";

    [Theory]
    [InlineData("/api/v1/x", DoorPrefix + "/api/v1/x")]
    [InlineData("/", DoorPrefix + "/")]
    [InlineData("/a%2Fb?x=%20#f", DoorPrefix + "/a%2Fb?x=%20#f")]
    [InlineData("https://kube.test:6443/api/v1/x?y", DoorPrefix + "/api/v1/x?y")]
    [InlineData("HTTPS://Kube.Test:6443/api", DoorPrefix + "/api")]
    [InlineData("https://kube.test:6443", DoorPrefix)]
    [InlineData("https://kube.test:6443?x", DoorPrefix + "?x")]
    public void B77_A_place_below_the_clusters_own_URL_moves_to_the_door(string location, string expected) =>
        Rewrite("https://kube.test:6443", location).Should().Be(expected);

    [Theory]
    [InlineData("https://kube.test/api")]
    [InlineData("http://kube.test:6443/api")]
    [InlineData("https://kube.test:64430/api")]
    [InlineData("https://kube.test:6443.evil.example/api")]
    [InlineData("https://kube.test:6443@evil.example/api")]
    [InlineData("https://evil.example/https://kube.test:6443/")]
    [InlineData("//evil.example/api")]
    [InlineData("pods/x")]
    [InlineData("?x")]
    [InlineData("")]
    public void F29_Any_other_stays_as_it_is(string location) => Rewrite("https://kube.test:6443", location).Should().Be(location);

    [Theory]
    [InlineData("/sub/api", DoorPrefix + "/api")]
    [InlineData("/sub", DoorPrefix)]
    [InlineData("https://kube.test:6443/sub/api", DoorPrefix + "/api")]
    [InlineData("/api", "/api")]
    [InlineData("/subway", "/subway")]
    [InlineData("https://kube.test:6443/other", "https://kube.test:6443/other")]
    public void F28_F29_The_path_of_the_clusters_URL_is_taken_off(string location, string expected) =>
        Rewrite("https://kube.test:6443/sub/", location).Should().Be(expected);

    [Theory]
    [InlineData("https://kube.test", "https://kube.test:443/api")]
    [InlineData("https://kube.test:443", "https://kube.test/api")]
    [InlineData("http://kube.test", "http://kube.test:80/api")]
    public void F29_The_schemes_own_port_may_be_written_or_not(string server, string location) =>
        Rewrite(server, location).Should().Be(DoorPrefix + "/api");

    private static string Rewrite(string server, string location)
    {
        using var upstream = new ClusterUpstream(TestCluster.Held("kind", server), new GatewayOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        return LocationRewriter.Rewrite(location, upstream, DoorPrefix);
    }
}
