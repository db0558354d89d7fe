using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Xunit;

namespace Fairlead.Tests.Access;

/// <summary>Subjects by claim and pattern, clusters by label, objects by name, Services, paths.</summary>
public sealed class RulePartsTests
{
    private static readonly ClusterDefinition _kind = Make.Held("kind").Definition with { Labels = new ClusterLabels([new("env", "dev"), new("region", "eu")]) };

    [Theory]
    [InlineData("env=dev", true)]
    [InlineData("env=d*", true)]
    [InlineData("env=dev region=eu", true)]
    [InlineData("env=dev region=us", false)]
    [InlineData("env=Dev", false)]
    [InlineData("zone=*", false)]
    public void A_cluster_is_chosen_by_all_its_labels(string labels, bool expected) =>
        Knows(Make.Rule() with { Clusters = [], ClusterLabels = Map(labels) }).Should().Be(expected);

    [Theory]
    [InlineData("kind", "env=dev", true)]
    [InlineData("other", "env=dev", false)]
    [InlineData("kind", "env=prod", false)]
    public void A_name_and_labels_have_to_match_both(string name, string labels, bool expected) =>
        Knows(Make.Rule(name) with { ClusterLabels = Map(labels) }).Should().Be(expected);

    [Theory]
    [InlineData("jane", "", "", true)]
    [InlineData("j*", "", "", true)]
    [InlineData("*", "", "", true)]
    [InlineData("bob", "dev*", "", true)]
    [InlineData("bob", "ops", "", false)]
    [InlineData("", "", "team=a", true)]
    [InlineData("", "", "team=b", true)]
    [InlineData("", "", "team=c", false)]
    [InlineData("", "", "team=a level=7", true)]
    [InlineData("", "", "team=a level=8", false)]
    [InlineData("", "", "missing=*", false)]
    [InlineData("jane", "", "team=a", true)]
    [InlineData("jane", "", "team=c", false)]
    [InlineData("bob", "", "team=a", false)]
    public void A_subject_is_a_user_or_a_group_and_has_every_claim(string users, string groups, string claims, bool expected)
    {
        var caller = Make.Jane with { Claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["team"] = ["a", "b"], ["level"] = ["7"] } };
        var rule = Make.Rule() with { Users = Words(users), Groups = Words(groups), Claims = Map(claims) };

        new AccessPolicy([rule]).Allowing(caller, _kind, Make.Action("GET", "/api/v1/namespaces/n/pods"))?.Rule.Should().Be(expected ? rule : null);
    }

    [Theory]
    [InlineData("web", "GET", "/api/v1/namespaces/n/pods/web", true)]
    [InlineData("web-*", "GET", "/api/v1/namespaces/n/pods/web-1", true)]
    [InlineData("web", "GET", "/api/v1/namespaces/n/pods/other", false)]
    [InlineData("web", "GET", "/api/v1/namespaces/n/pods", false)]
    [InlineData("web", "POST", "/api/v1/namespaces/n/pods", false)]
    [InlineData("web", "DELETE", "/api/v1/namespaces/n/pods", false)]
    [InlineData("web", "GET", "/api/v1/namespaces/n/pods?fieldSelector=metadata.name%3Dweb", true)]
    [InlineData("*", "GET", "/api/v1/namespaces/n/pods", false)]
    public void An_object_by_name_is_that_object_alone(string names, string method, string target, bool expected) =>
        Allows(Make.Rule() with { ResourceNames = names.Split(' ') }, method, target).Should().Be(expected);

    [Theory]
    [InlineData("team/web", "/api/v1/namespaces/team/services/web/proxy/x", true)]
    [InlineData("team/web", "/api/v1/namespaces/team/services/https:web:443/proxy/x", true)]
    [InlineData("team/*", "/api/v1/namespaces/team/services/other/proxy/", true)]
    [InlineData("*/web", "/api/v1/namespaces/any/services/web/proxy", true)]
    [InlineData("team/web", "/api/v1/namespaces/team/services/web", false)]
    [InlineData("team/web", "/api/v1/namespaces/team/services/web/status", false)]
    [InlineData("team/web", "/api/v1/namespaces/team/services/web:web/proxy", true)]
    [InlineData("team/web", "/api/v1/namespaces/team/services/web2:web/proxy", false)]
    [InlineData("team/web", "/api/v1/namespaces/team/pods/web/proxy", false)]
    [InlineData("team/web", "/api/v1/namespaces/team/services", false)]
    public void A_Service_is_what_is_behind_it(string service, string target, bool expected) =>
        Allows(new AccessRule { Users = ["jane"], Clusters = ["*"], Services = [service], Verbs = ["*"] }, "GET", target).Should().Be(expected);

    [Theory]
    [InlineData("/metrics", "/metrics", true)]
    [InlineData("/metrics", "/metrics/", false)]
    [InlineData("/metrics", "//metrics", false)]
    [InlineData("/metrics", "/%6detrics", false)]
    [InlineData("/healthz/*", "/healthz/etcd", true)]
    [InlineData("/healthz/*", "/healthz", false)]
    [InlineData("*", "/anything", true)]
    [InlineData("*", "/api/v1/namespaces/n/pods", false)]
    public void A_path_is_allowed_as_it_is_written(string path, string target, bool expected) =>
        Allows(new AccessRule { Users = ["jane"], Clusters = ["*"], NonResourceUrls = [path], Verbs = ["get"] }, "GET", target).Should().Be(expected);

    private static Dictionary<string, IReadOnlyList<string>> Map(string pairs) =>
        Words(pairs).Select(static pair => pair.Split('=')).ToDictionary(static pair => pair[0], static pair => (IReadOnlyList<string>)[pair[1]], StringComparer.Ordinal);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static bool Knows(AccessRule rule) => new AccessPolicy([rule]).Knows(Make.Jane, _kind);

    private static bool Allows(AccessRule rule, string method, string target) => new AccessPolicy([rule]).Allowing(Make.Jane, _kind, Make.Action(method, target)) is not null;
}
