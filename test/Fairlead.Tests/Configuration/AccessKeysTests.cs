using AwesomeAssertions;
using Fairlead.Clusters;
using Xunit;

namespace Fairlead.Tests.Configuration;

/// <summary><c>access.rules</c>, <c>labels</c> and <c>impersonation</c> of a cluster, <c>claims</c>, <c>timeouts.revocation</c>, <c>auth.backstage.permissions</c>.</summary>
public sealed class AccessKeysTests : IDisposable
{
    private const string Subject = "subjects: { users: [u] }";
    private const string Impersonator = "name: c, url: https://h, authProvider: impersonate";
    private readonly Loading _loading = new();

    public void Dispose() => _loading.Dispose();

    [Theory]
    [InlineData("clusters: [a], namespaces: [n], resources: [pods]", "access.rules[0].verbs", "is missing")]
    [InlineData("clusters: [a], namespaces: [n], resources: [pods], verbs: [fetch]", "access.rules[0].verbs[0]", "is no verb of a request; known: get, list")]
    [InlineData("clusters: [a], namespaces: [n], resources: [pods], verbs: [GET]", "access.rules[0].verbs[0]", "is no verb")]
    [InlineData("clusters: [a], namespaces: [n], resources: [pods], verbs: []", "access.rules[0].verbs", "the list is empty")]
    [InlineData("namespaces: [n], resources: [pods], verbs: [get]", "access.rules[0].clusters", "is missing")]
    [InlineData("clusters: [a], resources: [pods], verbs: [get]", "access.rules[0].namespaces", "is missing")]
    [InlineData("clusters: [a], namespaces: [n], verbs: [get]", "access.rules[0].resources", "is missing")]
    [InlineData("clusters: [a], namespaces: [n], services: [n/s], verbs: [get]", "access.rules[0].resources", "namespaces and resources go together")]
    [InlineData("clusters: [a], services: [web], verbs: [get]", "access.rules[0].services[0]", "has to be namespace/name")]
    [InlineData("clusters: [a], services: [a/b/c], verbs: [get]", "access.rules[0].services[0]", "has to be namespace/name")]
    [InlineData("clusters: [a], services: [n/s], resourceNames: [x], verbs: [get]", "access.rules[0].resources", "resourceNames say which of them")]
    [InlineData("clusters: [a], nonResourceURLs: [metrics], verbs: [get]", "access.rules[0].nonResourceURLs[0]", "has to be a path")]
    [InlineData("clusters: [a], namespaces: [n], resources: [pods], verbs: [get], effect: forbid", "access.rules[0].effect", "has to be one of allow, deny")]
    [InlineData("clusters: [a], namespaces: [n], resource: [pods], resources: [pods], verbs: [get]", "access.rules[0].resource", "did you mean 'resources'?")]
    [InlineData("clusterLabels: { env: [] }, namespaces: [n], resources: [pods], verbs: [get]", "access.rules[0].clusterLabels.env", "has no value and would match nothing")]
    public void A_rule_that_is_wrong_is_one_error_with_path_and_remedy(string keys, string path, string message)
    {
        var error = _loading.Error($"access: {{ rules: [{{ {Subject}, {keys} }}] }}");

        error.Path.Should().Be(path);
        error.Message.Should().Contain(message);
    }

    [Theory]
    [InlineData("subjects: {}", "access.rules[0].subjects", "at least one subject")]
    [InlineData("subjects: { claims: { a: [] } }", "access.rules[0].subjects.claims.a", "has no value and would match nothing")]
    [InlineData("subjects: { user: [u] }", "access.rules[0].subjects.user", "did you mean 'users'?")]
    [InlineData("subjects: { users: u }", "access.rules[0].subjects.users", "has to be a list")]
    public void Subjects_that_are_wrong_are_named(string subjects, string path, string message)
    {
        var result = _loading.Load($"access: {{ rules: [{{ {subjects}, clusters: [a], namespaces: [n], resources: [pods], verbs: [get] }}] }}");

        result.Options.Should().BeNull();
        result.Errors.Should().Contain(error => error.Path == path && error.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Everything_that_a_rule_can_say()
    {
        var rule = _loading.Options(
            """
            access:
              rules:
                - name: on call
                  effect: deny
                  subjects: { users: ["j*"], groups: [devs], claims: { on_call: "yes", team: [a, "b*"] } }
                  clusters: [kind, "second/*"]
                  clusterLabels: { env: dev, region: [eu, us] }
                  namespaces: [team-a]
                  resources: [pods, deployments.apps/scale]
                  resourceNames: [web]
                  services: [monitoring/grafana]
                  nonResourceURLs: [/metrics, "*"]
                  verbs: [get, "*"]
                - { subjects: { users: [u] }, clusters: [a], namespaces: [n], resources: [pods], verbs: [get] }
            """).AccessRules;

        rule.Should().HaveCount(2);
        (rule[0].Label, rule[0].Denies, rule[1].Label, rule[1].Denies).Should().Be(("on call", true, "access.rules[1]", false));
        rule[0].Users.Should().Equal("j*");
        rule[0].Groups.Should().Equal("devs");
        rule[0].Claims["on_call"].Should().Equal("yes");
        rule[0].Claims["team"].Should().Equal("a", "b*");
        rule[0].Clusters.Should().Equal("kind", "second/*");
        rule[0].ClusterLabels["region"].Should().Equal("eu", "us");
        rule[0].Resources.Should().Equal("pods", "deployments.apps/scale");
        (rule[0].ResourceNames[0], rule[0].Services[0]).Should().Be(("web", "monitoring/grafana"));
        rule[0].NonResourceUrls.Should().Equal("/metrics", "*");
        rule[0].Verbs.Should().Equal("get", "*");
    }

    [Theory]
    [InlineData("", "impersonation", "needs an account that may impersonate, and whom")]
    [InlineData(", impersonation: { users: [a] }", "impersonation.serviceAccountToken", "exactly one of serviceAccountToken, tokenFile")]
    [InlineData(", impersonation: { serviceAccountToken: SENTINEL, tokenFile: x, users: [a] }", "impersonation.serviceAccountToken", "exactly one of")]
    [InlineData(", impersonation: { serviceAccountToken: SENTINEL, clientCertFile: x, clientKeyFile: y, users: [a] }", "impersonation.serviceAccountToken", "exactly one of")]
    [InlineData(", impersonation: { serviceAccountToken: SENTINEL }", "impersonation.users", "names of callers")]
    [InlineData(", impersonation: { serviceAccountToken: SENTINEL, users: ['j*'] }", "impersonation.users[0]", "is a pattern")]
    [InlineData(", impersonation: { serviceAccountToken: SENTINEL, users: ['system:admin'] }", "impersonation.users[0]", "is reserved for Kubernetes itself")]
    [InlineData(", impersonation: { serviceAccountToken: SENTINEL, users: [a], groups: ['System:masters'] }", "impersonation.groups[0]", "is reserved for Kubernetes itself")]
    [InlineData(", impersonation: { serviceAccountToken: SENTINEL, users: [a], extras: { 'Ä': claim } }", "impersonation.extras", "is no key of an extra")]
    [InlineData(", impersonation: { serviceAccountToken: SENTINEL, users: [a], extras: { Scopes: claim } }", "impersonation.extras", "is no key of an extra")]
    [InlineData(""", impersonation: { serviceAccountToken: SENTINEL, userMap: { a: "b\nc" } }""", "impersonation.userMap", "cannot stand in a header")]
    [InlineData(", impersonation: { serviceAccountToken: 'SENT INEL', users: [a] }", "impersonation.serviceAccountToken", "serviceAccountToken")]
    [InlineData(", impersonation: { serviceAccountToken: SENTINEL, users: [a], uids: true }", "impersonation.uids", "did you mean 'uid'?")]
    public void An_impersonation_that_is_wrong_is_one_error_with_path_and_remedy(string keys, string path, string message)
    {
        var error = _loading.Error(Loading.Cluster(Impersonator + keys));

        error.Path.Should().Be("kubernetes.clusterLocatorMethods[0].clusters[0]." + path);
        error.Message.Should().Contain(message);
        error.ToString().Should().NotContain("SENTINEL").And.NotContain("SENT INEL");
    }

    [Fact]
    public void Everything_about_an_impersonation()
    {
        var options = _loading.Options(Loading.Cluster(
            Impersonator + ", serviceAccountToken: lookups, labels: { env: dev }, impersonation: { serviceAccountToken: t, users: [jane], userMap: { ci: 'system:serviceaccount:a:b' }, groups: [devs], groupMap: { admins: 'system:masters' }, uid: false, extras: { example.com/x: claim } }"));

        var cluster = ((Fairlead.Configuration.ClusterLocator.Config)options.ClusterLocators[0]).Clusters[0];
        cluster.Labels.Find("env").Should().Be("dev");
        var credential = cluster.Credential.Should().BeOfType<CredentialDefinition.Impersonate>().Subject;
        credential.Impersonator.Should().BeOfType<CredentialDefinition.ServiceAccountToken>();
        credential.Account.Should().BeOfType<CredentialDefinition.ServiceAccountToken>();
        credential.HasAccount.Should().BeTrue();
        var rules = credential.Rules;
        (rules.Users[0], rules.Groups[0], rules.UserMap["ci"], rules.GroupMap["admins"], rules.SendsUid, rules.Extras["example.com/x"])
            .Should().Be(("jane", "devs", "system:serviceaccount:a:b", "system:masters", false, "claim"));
    }

    [Fact]
    public void Every_group_is_warned_of() =>
        _loading.Options(Loading.Cluster(Impersonator + ", impersonation: { serviceAccountToken: t, users: ['*'], groups: ['*'] }")).Notices
            .Should().ContainSingle(notice => notice.Contains("system:masters too; list the groups", StringComparison.Ordinal));

    [Theory]
    [InlineData("deployments", "'deployments' is no resource of the core group")]
    [InlineData("deployments/scale", "'deployments/scale' is no resource of the core group")]
    [InlineData("pods", null)]
    [InlineData("pods/log", null)]
    [InlineData("deployments.apps", null)]
    [InlineData("d*", null)]
    public void A_resource_that_means_nothing_without_its_group_is_noticed(string resource, string? notice)
    {
        var notices = _loading.Options($"access: {{ rules: [{{ name: r, {Subject}, clusters: [a], namespaces: [n], resources: [{resource}], verbs: [get], effect: deny }}] }}").Notices;

        notices.Where(static text => text.StartsWith("access rule 'r'", StringComparison.Ordinal)).Should().HaveCount(notice is null ? 0 : 1).And.AllSatisfy(text => text.Should().Contain(notice));
    }

    [Theory]
    [InlineData("auth: { jwt: [{ issuer: https://a, audiences: [x], claims: [team] }] }", true)]
    [InlineData("auth: { jwt: [{ issuer: https://a, audiences: [x] }] }", false)]
    [InlineData("auth: { static: [{ subject: s, tokenSha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b, claims: { team: a } }] }", true)]
    [InlineData("{}", false)]
    public void A_claim_that_nobody_keeps_is_noticed(string auth, bool isKept)
    {
        var rules = "access: { rules: [{ name: r, subjects: { claims: { team: a } }, clusters: [a], namespaces: [n], resources: [pods], verbs: [get] }] }";
        var notices = _loading.Options(auth is "{}" ? rules : auth + "\n" + rules).Notices;

        notices.Count(static text => text.Contains("nobody has the claim 'team'", StringComparison.Ordinal)).Should().Be(isKept ? 0 : 1);
    }

    [Fact]
    public void Claims_bounds_and_the_portals_permissions()
    {
        var options = _loading.Options(
            """
            auth:
              static: [{ subject: s, tokenSha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b, claims: { team: [a, b], level: "7" } }]
              jwt: [{ issuer: https://a, audiences: [x], claims: [department, team] }]
              backstage: { url: 'http://portal:7007', permissions: true }
            timeouts: { revocation: 5s }
            """);

        options.Auth!.Static[0].Claims["team"].Should().Equal("a", "b");
        options.Auth.Static[0].Claims["level"].Should().Equal("7");
        options.Auth.Jwt[0].Claims.Kept.Should().Equal("department", "team");
        options.Auth.Backstage!.Permissions.Should().BeTrue();
        options.Timeouts.Revocation.Should().Be(TimeSpan.FromSeconds(5));
        _loading.Options("auth: { backstage: { url: 'http://portal:7007' } }").Auth!.Backstage!.Permissions.Should().BeFalse();
        _loading.Options("{}").Timeouts.Revocation.Should().Be(TimeSpan.FromSeconds(30));
        _loading.Error("timeouts: { revocation: 11m }").Path.Should().Be("timeouts.revocation");
        _loading.Error("timeouts: { revocation: 100ms }").Path.Should().Be("timeouts.revocation");
        _loading.Error("auth: { backstage: { url: 'http://portal:7007', permissions: maybe } }").Path.Should().Be("auth.backstage.permissions");
    }
}
