using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Xunit;

namespace Fairlead.Tests.Access;

/// <summary>Discovery is open to whoever an allow rule names for the cluster, and to nobody else (decision 6).</summary>
public sealed class DiscoveryTests
{
    private static readonly ClusterDefinition _kind = Make.Held("kind").Definition with { Labels = new ClusterLabels([new("env", "dev")]) };
    private static readonly Dictionary<string, IReadOnlyList<string>> _teamA = new(StringComparer.Ordinal) { ["team"] = ["a"] };

    /// <summary>Rules that name the caller and the cluster, by whatever.</summary>
    public static TheoryData<string> Naming { get; } = new("user", "user pattern", "group", "group pattern", "claim", "qualified name", "source", "label", "service", "path");

    [Theory]
    [MemberData(nameof(Naming))]
    public void It_is_open_by_whatever_the_rule_names_caller_and_cluster(string by) =>
        Finds(Caller(), Rule(by)).Should().BeTrue();

    [Theory]
    [MemberData(nameof(Naming))]
    public void A_rule_that_denies_opens_nothing(string by) =>
        Finds(Caller(), Rule(by) with { Denies = true, Verbs = ["delete"] }).Should().BeFalse();

    [Theory]
    [MemberData(nameof(Naming))]
    public void Nobody_else_gets_it(string by)
    {
        var rule = Rule(by);

        Finds(new Caller.Portal("eve", ["others"]), rule).Should().BeFalse();
        Finds(Caller(), rule with { Clusters = ["other"], ClusterLabels = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) }).Should().BeFalse();
    }

    [Theory]
    [InlineData("/version", "/version", true)]
    [InlineData("/version", "/version/", true)]
    [InlineData("/version", "/apis", false)]
    [InlineData("/apis/apps/*", "/apis/apps/v1", true)]
    [InlineData("/apis/apps/v1", "/apis/apps/v1/", true)]
    [InlineData("/apis/apps", "/apis/apps/v1", false)]
    [InlineData("/openapi/*", "/openapi/v3/apis/apps/v1", true)]
    [InlineData("/openapi/*", "/openapi/%76%33", true)]
    [InlineData("/openapi/*", "/openapi//v3", true)]
    [InlineData("/openapi/größe", "/openapi/gr%C3%B6%C3%9Fe", true)]
    [InlineData("/api*", "/apis", true)]
    public void A_path_of_it_can_be_denied_in_every_spelling(string path, string target, bool expected)
    {
        var policy = new AccessPolicy([Rule("user"), new AccessRule { Users = ["*"], Clusters = ["*"], NonResourceUrls = [path], Verbs = ["get"], Denies = true }]);

        (policy.Denying(Caller(), _kind, Make.Action("GET", target)) is not null).Should().Be(expected);
        policy.Knows(Caller(), _kind).Should().BeTrue();
    }

    private static Caller.Portal Caller() => Make.Jane with { Claims = _teamA };

    private static AccessRule Rule(string by)
    {
        var rule = Make.Rule("kind", "team-a", "configmaps", "patch");
        return by switch
        {
            "user" => rule,
            "user pattern" => rule with { Users = ["j*"] },
            "group" => rule with { Users = [], Groups = ["devs"] },
            "group pattern" => rule with { Users = [], Groups = ["d*"] },
            "claim" => rule with { Users = [], Claims = _teamA },
            "qualified name" => rule with { Clusters = ["config/kind"] },
            "source" => rule with { Clusters = ["config/*"] },
            "label" => rule with { Clusters = [], ClusterLabels = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["env"] = ["dev"] } },
            "service" => rule with { Namespaces = [], Resources = [], Services = ["team/web"] },
            _ => rule with { Namespaces = [], Resources = [], NonResourceUrls = ["/metrics"] },
        };
    }

    private static bool Finds(Caller.Portal caller, AccessRule rule)
    {
        var policy = new AccessPolicy([rule]);
        var allowed = policy.Allowing(caller, _kind, Make.Action("GET", "/version")) is not null;
        policy.Knows(caller, _kind).Should().Be(allowed, "discovery is for whoever knows of the cluster");
        return allowed;
    }
}
