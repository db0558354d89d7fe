using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Commands;
using Fairlead.Configuration;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.FunctionalTests.Commands;

/// <summary><c>fairlead rbac</c> prints a role for exactly the configured users, groups, uids and extras. That it is enough, a real API server says.</summary>
public sealed class RbacTests
{
    [Fact]
    public async Task Users_groups_and_extras_are_listed_by_name_and_quoted()
    {
        var (code, text) = await PrintAsync(new ImpersonationDefinition
        {
            Users = ["jane", "true"], Groups = ["devs", "a: b"], UserMap = Map("bot", "svc-bot"), GroupMap = Map("admins", "system:masters"), Extras = Map("example.com/team", "team"),
        });

        code.Should().Be(0);
        text.Should().Contain("""
              resources: ["users"]
              verbs: ["impersonate"]
              resourceNames: ["jane", "svc-bot", "true"]
            """).And.Contain("""
              resources: ["groups"]
              verbs: ["impersonate"]
              resourceNames: ["a: b", "devs", "system:masters"]
            """).And.Contain("""
            - apiGroups: ["authentication.k8s.io"]
              resources: ["uids"]
              verbs: ["impersonate"]
            - apiGroups: ["authentication.k8s.io"]
              resources: ["userextras/example.com/team"]
              verbs: ["impersonate"]
            """);
        text.Should().NotContain("\"*\"").And.NotContain("bot\"]\n  resources");
    }

    [Fact]
    public async Task Anybody_is_a_rule_without_names_and_what_is_not_sent_is_not_granted()
    {
        var (_, text) = await PrintAsync(new ImpersonationDefinition { Users = ["*"], SendsUid = false });

        text.Should().Contain("resources: [\"users\"]").And.NotContain("resourceNames").And.NotContain("groups\"]").And.NotContain("uids").And.NotContain("userextras");
    }

    [Fact]
    public async Task A_service_account_is_granted_in_its_own_namespace()
    {
        var (_, text) = await PrintAsync(new ImpersonationDefinition { Users = ["jane"], UserMap = Map("ci", "system:serviceaccount:build:deployer") });

        text.Should().Contain("""
            kind: Role
            metadata:
              name: "fairlead-impersonator"
              namespace: "build"
            rules:
            - apiGroups: [""]
              resources: ["serviceaccounts"]
              verbs: ["impersonate"]
              resourceNames: ["deployer"]
            """);
        text.Should().Contain("resourceNames: [\"jane\"]");
    }

    [Fact]
    public async Task The_user_of_a_client_certificate_can_be_bound_instead()
    {
        var (_, text) = await PrintAsync(new ImpersonationDefinition { Users = ["jane"] }, user: "fairlead:impersonator");

        text.Should().Contain("  kind: User\n  name: \"fairlead:impersonator\"").And.NotContain("kind: ServiceAccount");
    }

    [Fact]
    public async Task Without_a_cluster_that_is_impersonated_to_there_is_nothing_to_print()
    {
        var (code, text) = await PrintAsync(null);

        code.Should().NotBe(0);
        text.Should().Contain("no cluster has authProvider: impersonate");
    }

    private static Dictionary<string, string> Map(string key, string value) => new(StringComparer.Ordinal) { [key] = value };

    private static async Task<(int Code, string Text)> PrintAsync(ImpersonationDefinition? rules, string? user = null)
    {
        var options = TestGateway.Options(TestCluster.Held("held", "http://127.0.0.1:1"));
        if (rules is not null)
        {
            options = TestGateway.Options(
                TestCluster.Held("held", "http://127.0.0.1:1"),
                TestCluster.Held("imp", "http://127.0.0.1:1") with { Credential = new CredentialDefinition.Impersonate(new CredentialDefinition.None("x"), null, rules) });
        }

        await using var output = new StringWriter { NewLine = "\n" };
        var code = await RbacCommand.RunAsync(
            () => new ConfigurationResult(options, []),
            static locator => ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal)),
            new RbacArguments(null, "fairlead-impersonator", "fairlead", user),
            output,
            output);
        return (code, output.ToString());
    }
}
