using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Configuration;
using Xunit;

namespace Fairlead.Tests.Access;

public sealed class AccessPolicyTests
{
    private static readonly Fairlead.Clusters.ClusterDefinition _kind = Make.Held("kind").Definition;

    [Theory]
    // namespaces, resources, verbs; method, target; allowed
    [InlineData("team-a", "pods", "get", "GET", "/api/v1/namespaces/team-a/pods/p", true)]
    [InlineData("team-a", "pods", "get", "DELETE", "/api/v1/namespaces/team-a/pods/p", false)]
    [InlineData("team-a", "pods", "get", "GET", "/api/v1/namespaces/team-b/pods/p", false)]
    [InlineData("team-a", "pods", "get", "GET", "/api/v1/namespaces/team-a/secrets/s", false)]
    [InlineData("team-a", "pods", "get", "GET", "/api/v1/secrets", false)]
    [InlineData("team-a", "pods", "get", "GET", "/api/v1/namespaces/team-a/pods", false)]
    [InlineData("team-a", "pods", "get list", "GET", "/api/v1/namespaces/team-a/pods", true)]
    [InlineData("team-a", "pods", "get list", "GET", "/api/v1/namespaces/team-a/pods?watch=1", false)]
    [InlineData("team-a", "pods", "get list watch", "GET", "/api/v1/watch/namespaces/team-a/pods", true)]
    [InlineData("team-a", "pods", "delete", "DELETE", "/api/v1/namespaces/team-a/pods", false)]
    [InlineData("team-a", "pods", "deletecollection", "DELETE", "/api/v1/namespaces/team-a/pods", true)]
    [InlineData("team-a", "pods", "GET", "GET", "/api/v1/namespaces/team-a/pods/p", false)]
    public void B62_A_rule_grants_what_it_names_and_nothing_else(string namespaces, string resources, string verbs, string method, string target, bool expected) =>
        Allows(Make.Rule("kind", namespaces, resources, verbs), method, target).Should().Be(expected);

    [Theory]
    [InlineData("pods", "GET", "/api/v1/namespaces/n/pods/p/log", false)]
    [InlineData("pods", "POST", "/api/v1/namespaces/n/pods/p/exec", false)]
    [InlineData("pods/log", "GET", "/api/v1/namespaces/n/pods/p/log", true)]
    [InlineData("pods/log", "GET", "/api/v1/namespaces/n/pods/p", false)]
    [InlineData("pods/*", "GET", "/api/v1/namespaces/n/pods/p/exec", true)]
    [InlineData("pods/*", "GET", "/api/v1/namespaces/n/pods/p", false)]
    [InlineData("*", "GET", "/api/v1/namespaces/n/pods/p/exec", true)]
    [InlineData("*", "GET", "/apis/apps/v1/namespaces/n/deployments/d/scale", true)]
    [InlineData("deployments.apps", "GET", "/apis/apps/v1/namespaces/n/deployments/d", true)]
    [InlineData("deployments.apps", "GET", "/apis/apps/v1/namespaces/n/deployments/d/scale", false)]
    [InlineData("deployments.apps/scale", "GET", "/apis/apps/v1/namespaces/n/deployments/d/scale", true)]
    [InlineData("deployments.apps", "GET", "/apis/evil/v1/namespaces/n/deployments/d", false)]
    [InlineData("deployments", "GET", "/apis/apps/v1/namespaces/n/deployments/d", false)]
    [InlineData("pods", "GET", "/apis/metrics.k8s.io/v1beta1/namespaces/n/pods/p", false)]
    [InlineData("pods.metrics.k8s.io", "GET", "/apis/metrics.k8s.io/v1beta1/namespaces/n/pods/p", true)]
    [InlineData("*.apps", "GET", "/apis/apps/v1/namespaces/n/deployments/d", true)]
    [InlineData("*.apps", "GET", "/apis/batch/v1/namespaces/n/jobs/j", false)]
    public void Decision14_A_resource_carries_its_group_and_only_a_star_covers_sub_resources(string resources, string method, string target, bool expected) =>
        Allows(Make.Rule(resources: resources), method, target).Should().Be(expected);

    [Theory]
    [InlineData("team-a", "/api/v1/pods", false)]
    [InlineData("team-*", "/api/v1/pods", false)]
    [InlineData("**", "/api/v1/pods", false)]
    [InlineData("*", "/api/v1/pods", true)]
    [InlineData("team-a *", "/api/v1/pods", true)]
    [InlineData("team-a", "/api/v1/nodes/n", false)]
    [InlineData("*", "/api/v1/nodes/n", true)]
    [InlineData("team-a", "/api/v1/namespaces", false)]
    [InlineData("team-a", "/api/v1/namespaces/team-a", true)]
    [InlineData("team-a", "/api/v1/namespaces/team-b", false)]
    [InlineData("team-a", "/metrics", false)]
    [InlineData("*", "/metrics", true)]
    public void Decision6_What_spans_namespaces_or_is_in_none_needs_the_star(string namespaces, string target, bool expected) =>
        Allows(Make.Rule(namespaces: namespaces), "GET", target).Should().Be(expected);

    [Theory]
    [InlineData("GET", "/api", true)]
    [InlineData("GET", "/api/v1", true)]
    [InlineData("GET", "/apis/", true)]
    [InlineData("GET", "/apis/apps/v1", true)]
    [InlineData("HEAD", "/version", true)]
    [InlineData("GET", "/version/", true)]
    [InlineData("GET", "/openapi/v3/apis/apps/v1", true)]
    [InlineData("POST", "/version", false)]
    [InlineData("OPTIONS", "/api", false)]
    [InlineData("GET", "/versions", false)]
    [InlineData("GET", "/openapi%2Fv2", false)]
    [InlineData("GET", "//version", false)]
    [InlineData("GET", "/", false)]
    [InlineData("GET", "/metrics", false)]
    [InlineData("GET", "/healthz", false)]
    [InlineData("GET", "/api/v1/pods", false)]
    public void Decision6_Discovery_is_open_to_whoever_has_any_rule_on_the_cluster(string method, string target, bool expected) =>
        Allows(Make.Rule("kind", "team-a", "configmaps", "patch"), method, target).Should().Be(expected);

    [Fact]
    public void Discovery_is_closed_to_whoever_has_no_rule_on_the_cluster() =>
        Allows(Make.Rule("other"), "GET", "/version").Should().BeFalse();

    [Theory]
    [InlineData("*", true)]
    [InlineData("kind", true)]
    [InlineData("k*", true)]
    [InlineData("config/kind", true)]
    [InlineData("config/*", true)]
    [InlineData("other/kind", false)]
    [InlineData("Kind", false)]
    [InlineData("kin", false)]
    [InlineData("kindx", false)]
    [InlineData("config--kind", false)]
    public void T45_A_cluster_is_named_by_its_plain_or_qualified_name(string clusters, bool expected)
    {
        new AccessPolicy([Make.Rule(clusters)]).Knows(Make.Jane, _kind).Should().Be(expected);
        Allows(Make.Rule(clusters), "GET", "/api/v1/pods").Should().Be(expected);
    }

    [Theory]
    [InlineData("jane", "devs", true)]
    [InlineData("bob", "devs", true)]
    [InlineData("Jane", "", false)]
    [InlineData("devs", "jane", false)]
    [InlineData("*", "*", false)]
    [InlineData("bob", "Devs", false)]
    public void Users_and_groups_are_compared_exactly(string subject, string groups, bool expected)
    {
        var rule = Make.Rule() with { Groups = ["devs"] };

        new AccessPolicy([rule]).Knows(new Caller.Portal(subject, groups.Split(' ')), _kind).Should().Be(expected);
    }

    [Fact]
    public void Two_rules_do_not_make_a_third_together()
    {
        AccessRule[] rules = [Make.Rule("kind", "team-a", "pods", "get"), Make.Rule("kind", "team-b", "secrets", "delete"), Make.Rule("other")];

        Allows(rules, "GET", "/api/v1/namespaces/team-a/pods/p").Should().BeTrue();
        Allows(rules, "DELETE", "/api/v1/namespaces/team-b/secrets/s").Should().BeTrue();
        Allows(rules, "GET", "/api/v1/namespaces/team-b/pods/p").Should().BeFalse();
        Allows(rules, "DELETE", "/api/v1/namespaces/team-a/pods/p").Should().BeFalse();
        Allows(rules, "GET", "/api/v1/nodes").Should().BeFalse();
    }

    [Fact]
    public void T114_No_rules_and_empty_rules_allow_nothing()
    {
        Allows([], "GET", "/version").Should().BeFalse();
        Allows(Make.Rule() with { Clusters = [] }, "GET", "/version").Should().BeFalse();
        Allows(Make.Rule() with { Users = [] }, "GET", "/version").Should().BeFalse();
        Allows(Make.Rule() with { Verbs = [] }, "GET", "/api/v1/pods").Should().BeFalse();
        Allows(Make.Rule() with { Resources = [] }, "GET", "/api/v1/pods").Should().BeFalse();
        Allows(Make.Rule() with { Namespaces = [] }, "GET", "/api/v1/namespaces/n/pods").Should().BeFalse();
    }

    private static bool Allows(AccessRule rule, string method, string target) => Allows([rule], method, target);

    private static bool Allows(AccessRule[] rules, string method, string target) =>
        new AccessPolicy(rules).Allowing(Make.Jane, _kind, Make.Action(method, target)) is not null;
}
