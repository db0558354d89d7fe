using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Xunit;

namespace Fairlead.Tests.Access;

/// <summary>A rule that denies wins, holds on every credential, and reads its own words widely.</summary>
public sealed class DenyRuleTests
{
    private static readonly ClusterDefinition _kind = Make.Held("kind").Definition;

    [Fact]
    public void Decision13_What_one_rule_denies_no_other_allows()
    {
        var cluster = Make.Held("kind");
        var policy = new AccessPolicy([Make.Rule(), Deny(resources: "secrets")]);

        Decision.Judge(Make.Jane, cluster, Make.Action("GET", "/api/v1/namespaces/n/pods"), isJudgedByCluster: false, policy).Kind.Should().Be(VerdictKind.Allowed);
        Decision.Judge(Make.Jane, cluster, Make.Action("GET", "/api/v1/namespaces/n/secrets/s"), isJudgedByCluster: false, policy).Should().Be(new Verdict(VerdictKind.Denied, policy.Denying(Make.Jane, _kind, Make.Action("GET", "/api/v1/namespaces/n/secrets/s"))));
        Decision.Judge(Make.Jane, cluster, Make.Action("GET", "/api/v1/namespaces/n/secrets/s"), isJudgedByCluster: true, policy).Kind.Should().Be(VerdictKind.Denied, "on their own token, too");
        Decision.Judge(Make.Jane, cluster, Make.Action("GET", "/api/v1/namespaces/n/pods"), isJudgedByCluster: true, policy).Kind.Should().Be(VerdictKind.ForCluster);
    }

    [Theory]
    // namespaces, resources, verbs; method, target; denied
    [InlineData("prod", "pods", "*", "GET", "/api/v1/namespaces/prod/pods", true)]
    [InlineData("prod", "pods", "*", "GET", "/api/v1/namespaces/test/pods", false)]
    [InlineData("prod", "pods", "*", "GET", "/api/v1/pods", true)]
    [InlineData("prod", "pods", "*", "GET", "/api/v1/pods?watch=1", true)]
    [InlineData("prod", "pods", "*", "DELETE", "/api/v1/pods", true)]
    [InlineData("prod", "pods", "list", "GET", "/api/v1/pods?watch=1", false)]
    [InlineData("prod", "*", "*", "GET", "/api/v1/nodes", false)]
    [InlineData("prod", "*", "*", "GET", "/api/v1/persistentvolumes", false)]
    [InlineData("prod", "*", "*", "GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles", false)]
    [InlineData("prod", "*", "*", "GET", "/apis/rbac.authorization.k8s.io/v1/roles", true)]
    [InlineData("prod", "*", "*", "GET", "/apis/example.com/v1/things", true)]
    [InlineData("prod", "pods", "*", "GET", "/api/v1/namespaces/prod/pods/p/log", false)]
    [InlineData("prod", "pods pods/*", "*", "GET", "/api/v1/namespaces/prod/pods/p/log", true)]
    [InlineData("*", "secrets", "*", "GET", "/api/v1/secrets", true)]
    [InlineData("*", "secrets", "*", "GET", "/api/v1/watch/secrets", true)]
    [InlineData("*", "nodes", "*", "GET", "/api/v1/nodes/n", true)]
    public void A_namespace_is_denied_to_requests_over_all_of_them_too(string namespaces, string resources, string verbs, string method, string target, bool expected) =>
        Denies(Deny(namespaces, resources, verbs), method, target).Should().Be(expected);

    [Theory]
    [InlineData("GET", "/api/v1/namespaces/n/secrets/tls", true)]
    [InlineData("GET", "/api/v1/namespaces/n/secrets/other", false)]
    [InlineData("GET", "/api/v1/namespaces/n/secrets", true)]
    [InlineData("GET", "/api/v1/namespaces/n/secrets?watch=1", true)]
    [InlineData("GET", "/api/v1/namespaces/n/secrets?fieldSelector=metadata.name%3Dtls", true)]
    [InlineData("GET", "/api/v1/namespaces/n/secrets?fieldSelector=metadata.name%3Dother", false)]
    [InlineData("DELETE", "/api/v1/namespaces/n/secrets", true)]
    [InlineData("POST", "/api/v1/namespaces/n/secrets", false)]
    public void An_object_is_denied_to_lists_of_all_of_them_too(string method, string target, bool expected) =>
        Denies(Deny(resources: "secrets") with { ResourceNames = ["tls"] }, method, target).Should().Be(expected);

    [Theory]
    [InlineData("/metrics", true)]
    [InlineData("//metrics", true)]
    [InlineData("/%6Detrics", true)]
    [InlineData("/metrics/", true)]
    [InlineData("//metrics//", true)]
    [InlineData("/metrics%2f", true)]
    [InlineData("/metrics2", false)]
    [InlineData("/metrics/2", false)]
    [InlineData("/%256Detrics", false)]
    [InlineData("/api/v1/namespaces/n/pods", false)]
    public void A_path_is_denied_in_every_spelling_that_means_it(string target, bool expected) =>
        Denies(new AccessRule { Users = ["jane"], Clusters = ["*"], NonResourceUrls = ["/metrics"], Verbs = ["*"], Denies = true }, "GET", target).Should().Be(expected);

    [Theory]
    [InlineData("/api/v1/namespaces/team/services/web/proxy/x", true)]
    [InlineData("/api/v1/namespaces/team/services/https:web:443/proxy/x", true)]
    [InlineData("/api/v1/namespaces/team/services/web:http/proxy", true)]
    [InlineData("/api/v1/proxy/namespaces/team/services/web/x", true)]
    [InlineData("/api/v1/namespaces/team/services/web", false)]
    [InlineData("/api/v1/namespaces/team/services/web2/proxy", false)]
    [InlineData("/api/v1/namespaces/other/services/web/proxy", false)]
    [InlineData("/api/v1/namespaces/team/pods/web/proxy", false)]
    public void A_Service_is_denied_however_its_port_is_written(string target, bool expected) =>
        Denies(new AccessRule { Users = ["jane"], Clusters = ["*"], Services = ["team/web"], Verbs = ["*"], Denies = true }, "GET", target).Should().Be(expected);

    [Fact]
    public void Discovery_stays_open_beside_a_rule_that_denies_resources()
    {
        var policy = new AccessPolicy([Make.Rule(), Deny(namespaces: "prod")]);

        policy.Denying(Make.Jane, _kind, Make.Action("GET", "/version")).Should().BeNull();
        policy.Knows(Make.Jane, _kind).Should().BeTrue();
    }

    [Fact]
    public void Decision16_Who_is_denied_everything_does_not_know_of_the_cluster()
    {
        var policy = new AccessPolicy([Make.Rule(), Deny() with { Clusters = ["kind"] }]);

        policy.Knows(Make.Jane, _kind).Should().BeFalse();
        policy.Hides(Make.Jane, _kind).Should().BeTrue();
        policy.Denying(Make.Jane, _kind, Make.Action("GET", "/version")).Should().NotBeNull();
        policy.Knows(Make.Jane, Make.Held("other").Definition).Should().BeTrue();
        policy.Hides(new Caller.Portal("bob", []), _kind).Should().BeFalse();
    }

    [Fact]
    public void T114_Somebody_unknown_is_denied_what_is_denied_to_anybody()
    {
        var policy = new AccessPolicy([Deny(resources: "secrets")]);
        var secrets = Make.Action("GET", "/api/v1/namespaces/n/secrets");

        policy.MayDeny(_kind, secrets).Should().BeTrue();
        policy.MayDeny(_kind, Make.Action("GET", "/api/v1/namespaces/n/pods")).Should().BeFalse();
        policy.Denying(Caller.ClusterTokenHolder.Instance, _kind, secrets).Should().NotBeNull();
        policy.Denying(new Caller.ClusterTokenHolder(new ClusterUser("bob", [])), _kind, secrets).Should().BeNull();
        policy.Denying(new Caller.ClusterTokenHolder(new ClusterUser("jane", [])), _kind, secrets).Should().NotBeNull();
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("jane", "", true)]
    [InlineData("bob", "", false)]
    [InlineData("", "devs", true)]
    [InlineData("", "ops", false)]
    public void T114_A_claim_that_a_cluster_says_nothing_of_spares_nobody(string users, string groups, bool expected)
    {
        var rule = Deny(resources: "secrets") with
        {
            Users = users.Split(' ', StringSplitOptions.RemoveEmptyEntries), Groups = groups.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["contractor"] = ["true"] },
        };
        var policy = new AccessPolicy([rule]);
        var secrets = Make.Action("GET", "/api/v1/namespaces/n/secrets");

        (policy.Denying(new Caller.ClusterTokenHolder(new ClusterUser("jane", ["devs"])), _kind, secrets) is not null).Should().Be(expected);
        policy.Denying(Make.Jane, _kind, secrets).Should().BeNull("her issuer would have said so");
    }

    private static AccessRule Deny(string namespaces = "*", string resources = "*", string verbs = "*") => Make.Rule("*", namespaces, resources, verbs) with { Denies = true };

    private static bool Denies(AccessRule rule, string method, string target) =>
        new AccessPolicy([Make.Rule(), rule]).Denying(Make.Jane, _kind, Make.Action(method, target)) is not null;
}
