using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Xunit;

namespace Fairlead.Tests.Access;

/// <summary>A rule that denies everything on a cluster hides it; one that leaves anything does not (decision 16).</summary>
public sealed class HiddenClusterTests
{
    private static readonly ClusterDefinition _kind = Make.Held("kind").Definition with { Labels = new ClusterLabels([new("env", "prod")]) };

    [Theory]
    [InlineData("*", "*", "*", true)]
    [InlineData("team-a *", "pods *", "get *", true)]
    [InlineData("team-a", "*", "*", false)]
    [InlineData("team-*", "*", "*", false)]
    [InlineData("*", "pods", "*", false)]
    [InlineData("*", "pods pods/*", "*", false)]
    [InlineData("*", "*", "get list watch create update patch delete deletecollection", false)]
    public void Only_all_verbs_on_all_resources_in_all_namespaces_hide(string namespaces, string resources, string verbs, bool expected)
    {
        Hides(Deny() with { Namespaces = namespaces.Split(' '), Resources = resources.Split(' '), Verbs = verbs.Split(' ') }, Make.Jane).Should().Be(expected);
        Hides(Make.Rule("*", namespaces, resources, verbs), Make.Jane).Should().BeFalse("an allow rule hides nothing");
    }

    [Fact]
    public void Objects_by_name_are_not_everything_and_Services_beside_everything_change_nothing()
    {
        Hides(Deny() with { ResourceNames = ["*"] }, Make.Jane).Should().BeFalse();
        Hides(Deny() with { Services = ["a/b"], NonResourceUrls = ["/metrics"] }, Make.Jane).Should().BeTrue();
        Hides(new AccessRule { Users = ["*"], Clusters = ["*"], Services = ["*/*"], NonResourceUrls = ["*"], Verbs = ["*"], Denies = true }, Make.Jane).Should().BeFalse();
    }

    [Theory]
    [InlineData("kind", "", true)]
    [InlineData("config/*", "", true)]
    [InlineData("", "prod", true)]
    [InlineData("", "dev", false)]
    [InlineData("kind", "dev", false)]
    [InlineData("other", "prod", false)]
    public void It_is_hidden_however_it_is_named(string name, string env, bool expected)
    {
        var rule = Deny() with { Clusters = name.Length == 0 ? [] : [name] };

        Hides(env.Length == 0 ? rule : rule with { ClusterLabels = Map("env", env) }, Make.Jane).Should().Be(expected);
    }

    [Fact]
    public void It_is_hidden_from_the_subjects_of_the_rule_only()
    {
        var byClaim = Deny() with { Users = [], Claims = Map("contract", "external") };
        var external = Make.Jane with { Claims = Map("contract", "external") };

        Hides(byClaim, external).Should().BeTrue();
        Hides(byClaim, Make.Jane).Should().BeFalse();
        Hides(Deny() with { Users = [], Groups = ["dev*"] }, Make.Jane).Should().BeTrue();
        Hides(Deny() with { Claims = Map("contract", "external") }, Make.Jane).Should().BeFalse("named users need the claims besides");
    }

    [Fact]
    public void Who_holds_a_clusters_token_is_judged_by_the_name_that_the_cluster_gives()
    {
        var policy = new AccessPolicy([Deny() with { Users = ["jane"], Groups = ["ops"] }]);

        policy.Hides(new Caller.ClusterTokenHolder(new ClusterUser("jane", [])), _kind).Should().BeTrue();
        policy.Hides(new Caller.ClusterTokenHolder(new ClusterUser("bob", ["ops"])), _kind).Should().BeTrue();
        policy.Hides(new Caller.ClusterTokenHolder(new ClusterUser("bob", [])), _kind).Should().BeFalse();
        policy.Hides(Caller.ClusterTokenHolder.Instance, _kind).Should().BeFalse("nothing is said to somebody unknown before they are known");
        policy.MayDeny(_kind, Make.Action("GET", "/version")).Should().BeTrue("so somebody has to be known");
    }

    [Fact]
    public void Without_a_rule_that_allows_anything_there_is_nothing_to_hide_and_nothing_to_know()
    {
        var policy = new AccessPolicy([Deny() with { Users = ["bob"] }]);

        policy.Knows(Make.Jane, _kind).Should().BeFalse();
        policy.Hides(Make.Jane, _kind).Should().BeFalse();
    }

    private static AccessRule Deny() => Make.Rule() with { Users = ["*"], Denies = true };

    private static Dictionary<string, IReadOnlyList<string>> Map(string key, string value) => new(StringComparer.Ordinal) { [key] = [value] };

    private static bool Hides(AccessRule rule, Caller caller) => new AccessPolicy([Make.Rule() with { Users = ["*"] }, rule]).Hides(caller, _kind);
}
