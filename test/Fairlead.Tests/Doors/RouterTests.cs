using AwesomeAssertions;
using Fairlead.Doors;
using Xunit;

namespace Fairlead.Tests.Doors;

public sealed class RouterTests
{
    [Theory]
    [InlineData("", "/api/kubernetes/proxy/api/v1/pods", "/api/v1/pods")]
    [InlineData("", "/api/kubernetes/proxy", "/")]
    [InlineData("", "/api/kubernetes/proxy/", "/")]
    [InlineData("", "/api/kubernetes/proxy?x=1", "/?x=1")]
    [InlineData("", "/api/kubernetes/proxy//c//d", "//c//d")]
    [InlineData("/gw", "/gw/api/kubernetes/proxy/api", "/api")]
    public void B01_B02_B16_The_Backstage_door_forwards_what_stands_below_its_prefix(string baseUrl, string target, string below)
    {
        var route = Find(baseUrl, target).Should().BeOfType<DoorRoute.Proxy>().Subject;

        (route.Door, route.ClusterName, Inbound.Target(target).Below(route.PrefixLength)).Should().Be((Door.Backstage, null, below));
    }

    [Theory]
    [InlineData("", "/clusters/kind/api/v1/pods", "kind", "/api/v1/pods")]
    [InlineData("", "/clusters/kind", "kind", "/")]
    [InlineData("", "/clusters/kind/", "kind", "/")]
    [InlineData("", "/clusters/kind?x", "kind", "/?x")]
    [InlineData("", "/clusters/config--prod/api", "config--prod", "/api")]
    [InlineData("", "/clusters/my%20cluster/api", "my cluster", "/api")]
    [InlineData("", "/clusters/caf%C3%A9/api", "caf\u00e9", "/api")]
    [InlineData("", "/clusters/arn:aws:x/api", "arn:aws:x", "/api")]
    [InlineData("", "/clusters/kind//a%2Fb", "kind", "//a%2Fb")]
    [InlineData("", "/clusters/a;b/x", "a;b", "/x")]
    [InlineData("/gw", "/gw/clusters/kind/api", "kind", "/api")]
    public void The_cluster_door_takes_the_clusters_name_from_the_path(string baseUrl, string target, string name, string below)
    {
        var route = Find(baseUrl, target).Should().BeOfType<DoorRoute.Proxy>().Subject;

        (route.Door, route.ClusterName, Inbound.Target(target).Below(route.PrefixLength)).Should().Be((Door.Cluster, name, below));
    }

    [Theory]
    [InlineData("", "/api/kubernetes/%70roxy/api")]
    [InlineData("", "/api/kubernetes/pr%6Fxy/x")]
    [InlineData("", "/%61pi/kubernetes/proxy/x")]
    [InlineData("", "/api%2Fkubernetes/proxy/x")]
    [InlineData("", "/api/kubernetes%2Fproxy/x")]
    [InlineData("", "/%63lusters/c/api")]
    [InlineData("", "/clusters%2Fc/api")]
    [InlineData("/gw", "/g%77/clusters/c/api")]
    [InlineData("", "/clusters/a%2Fb/api")]
    [InlineData("", "/clusters/a%5Cb/api")]
    [InlineData("", "/clusters/a%252Fb/api")]
    [InlineData("", "/clusters/%ff/api")]
    [InlineData("", "/clusters/%zz/api")]
    public void B13_T100_T102_A_prefix_or_a_name_in_disguise_is_refused(string baseUrl, string target) =>
        Refused(baseUrl, target).Should().Be(RefusalReason.InvalidTarget);

    [Theory]
    [InlineData("", "/api/kubernetes")]
    [InlineData("", "/api/kubernetes/")]
    [InlineData("", "/api/kubernetes/proxyfoo")]
    [InlineData("", "/api/kubernetes/Proxy/x")]
    [InlineData("", "/api/kubernetesx/proxy")]
    [InlineData("", "/API/kubernetes/proxy")]
    [InlineData("", "//api/kubernetes/proxy")]
    [InlineData("", "/clusters/")]
    [InlineData("", "/clusters//api")]
    [InlineData("", "/Clusters/kind")]
    [InlineData("/gw", "/api/kubernetes/proxy/api")]
    [InlineData("/gw", "/clusters/kind/api")]
    [InlineData("/gw", "/gwx/clusters/kind/api")]
    [InlineData("", "/clusters/kind/serviceproxy%2Fns%2Fsvc")]
    [InlineData("", "/clusters/kind/set-token/")]
    [InlineData("", "/clusters/kind/me/x")]
    [InlineData("", "/auth")]
    [InlineData("", "/auth/login/")]
    [InlineData("", "/auth/%6cogin")]
    [InlineData("/gw", "/auth/login")]
    [InlineData("", "/clusters/kind//me")]
    [InlineData("", "/clusters/kind/%6de")]
    public void B03_B16_Decision4_Other_paths_are_unknown(string baseUrl, string target) =>
        Refused(baseUrl, target).Should().BeOneOf(RefusalReason.UnknownRoute, RefusalReason.InvalidTarget).And.NotBe(RefusalReason.NotImplemented);

    [Theory]
    [InlineData("/clusters/kind/helm")]
    [InlineData("/clusters/kind/helm/releases")]
    [InlineData("/clusters/kind/portforward")]
    [InlineData("/clusters/kind/port%66orward")]
    public void B98_Decision4_Known_paths_that_are_not_served_say_so(string target) => Refused("", target).Should().Be(RefusalReason.NotImplemented);

    [Theory]
    [InlineData("/clusters/kind/metrics")]
    [InlineData("/clusters/kind/helmx")]
    [InlineData("/clusters/kind/api/v1/namespaces/me")]
    public void Only_the_first_segment_is_the_gateways(string target) => Find("", target).Should().BeOfType<DoorRoute.Proxy>();

    [Fact]
    public void F45_F47_The_gateways_own_routes_are_found()
    {
        Find("", "/api/kubernetes/clusters").Should().Be(new DoorRoute.ListClusters(Door.Backstage));
        Find("", "/clusters").Should().Be(new DoorRoute.ListClusters(Door.Cluster));
        Find("/gw", "/gw/clusters").Should().Be(new DoorRoute.ListClusters(Door.Cluster));
        Find("", "/api/kubernetes/.well-known/backstage/permissions/metadata").Should().BeOfType<DoorRoute.PermissionMetadata>();
    }

    [Theory]
    [InlineData("/clusters/a%zz", "Cluster")]
    [InlineData("/clusters/../x", "Cluster")]
    [InlineData("/api/kubernetes/proxy/../x", "Backstage")]
    [InlineData("*", "Backstage")]
    [InlineData("/clusters/kind?x/serviceproxy/#", "Cluster")]
    [InlineData("/clusters/kind/serviceproxy?#", "Service")]
    [InlineData("/serviceproxy?#", "Service")]
    [InlineData("/x?/serviceproxy/#", "Backstage")]
    public void T115_T108_A_target_that_cannot_be_parsed_is_answered_in_the_shape_of_its_door(string raw, string door) =>
        new Router("").DoorOf(raw).ToString().Should().Be(door);

    private static DoorRoute Find(string baseUrl, string target) => new Router(baseUrl).Find(Inbound.Target(target));

    private static RefusalReason Refused(string baseUrl, string target) => Find(baseUrl, target).Should().BeOfType<DoorRoute.Refused>().Which.Refusal.Reason;
}
