using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Commands;
using Fairlead.Configuration;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Commands;

/// <summary><c>fairlead can</c> says what the gateway does, and why.</summary>
public sealed class CanTests
{
    private static readonly AccessRule[] _rules =
    [
        new() { Label = "readers", Groups = ["devs"], Clusters = ["kind"], Namespaces = ["team"], Resources = ["pods", "pods/log", "deployments.apps"], Verbs = ["get", "list"] },
        new() { Label = "metrics", Users = ["jane"], Clusters = ["config/*"], NonResourceUrls = ["/metrics"], Verbs = ["get"] },
        new() { Label = "terminals", Claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["on-call"] = ["yes"] }, Clusters = ["*"], Namespaces = ["*"], Resources = ["pods/exec"], Verbs = ["create"] },
        new() { Label = "no secrets", Denies = true, Users = ["*"], Clusters = ["*"], Namespaces = ["*"], Resources = ["secrets"], Verbs = ["*"] },
        new() { Label = "everything", Groups = ["admins"], Clusters = ["*"], Namespaces = ["*"], Resources = ["*"], Verbs = ["*"] },
    ];

    [Theory]
    [InlineData("get pods web -n team", "devs", "kind", "yes: access rule 'readers' allows it")]
    [InlineData("get deployments.apps -n team", "devs", "kind", "yes: access rule 'readers' allows it")]
    [InlineData("delete pods web -n team", "devs", "kind", "no: no access rule allows it; a rule that does: {subjects: {users: [\"jane\"]}, clusters: [\"kind\"], namespaces: [\"team\"], resources: [\"pods\"], verbs: [\"delete\"]}")]
    [InlineData("list pods", "devs", "kind", "no: no access rule allows it; a rule that does: {subjects: {users: [\"jane\"]}, clusters: [\"kind\"], namespaces: [\"*\"], resources: [\"pods\"], verbs: [\"list\"]}")]
    [InlineData("get secrets tls -n team", "admins", "kind", "no: access rule 'no secrets' denies it")]
    [InlineData("get /metrics", "", "config/kind", "yes: access rule 'metrics' allows it")]
    [InlineData("get /healthz", "", "kind", "no: no access rule allows it; a rule that does: {subjects: {users: [\"jane\"]}, clusters: [\"kind\"], nonResourceURLs: [\"/healthz\"], verbs: [\"get\"]}")]
    [InlineData("get pods/exec web -n team", "admins", "kind", "yes: access rule 'everything' allows it")]
    [InlineData("list pods -n team", "devs", "own", "yes: no access rule denies it; the cluster judges the token that the caller brings")]
    [InlineData("get secrets -n team", "devs", "own", "no: access rule 'no secrets' denies it")]
    [InlineData("list pods -n team", "o'brien,devs", "impersonated", "yes: no access rule denies it; the cluster judges the impersonated user: kubectl auth can-i list pods -n team --as=jane '--as-group=o'\\''brien'")]
    public async Task The_answer_names_the_rule_that_decides(string action, string groups, string cluster, string answer)
    {
        var (code, output, errors) = await AskAsync(action, groups, cluster);

        output.Trim().Should().Be(answer);
        errors.Should().BeEmpty();
        code.Should().Be(answer.StartsWith("yes", StringComparison.Ordinal) ? CanCommand.Yes : CanCommand.No);
    }

    [Theory]
    [InlineData("get deployments -n team", "kind", "'deployments' is no resource of the core group; write the plural with its group, as in deployments.apps")]
    [InlineData("fetch pods -n team", "kind", "there is no verb 'fetch'; use one of get, list")]
    [InlineData("get /metrics -n team", "kind", "a path has neither a name nor a namespace")]
    [InlineData("get pods", "nowhere", "no single cluster is called 'nowhere'; the clusters are config/kind")]
    [InlineData("get pods", null, "--cluster is missing; the clusters are config/kind")]
    public async Task A_question_that_cannot_be_answered_is_neither_yes_nor_no(string action, string? cluster, string problem)
    {
        var (code, output, errors) = await AskAsync(action, "devs", cluster);

        code.Should().Be(CanCommand.Unanswered);
        output.Should().BeEmpty();
        errors.Should().StartWith(problem);
    }

    [Fact]
    public async Task A_claim_counts_as_it_does_in_a_token()
    {
        (await AskAsync("create pods/exec web -n team", "", "kind", "on-call=yes")).Code.Should().Be(CanCommand.Yes);
        (await AskAsync("create pods/exec web -n team", "", "kind", "on-call=no")).Code.Should().Be(CanCommand.No);
        (await AskAsync("create pods/exec web -n team", "", "kind", "on-call=no", "on-call=yes")).Code.Should().Be(CanCommand.Yes);
        (await AskAsync("create pods/exec web -n team", "", "kind", "on-call")).Errors.Should().StartWith("--claim has to be name=value");
    }

    [Fact]
    public async Task The_gateway_decides_the_same()
    {
        await using var upstream = new RawUpstream();
        var options = TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with { AccessRules = _rules };
        string[] subjects = ["", "devs", "admins"];
        await using var gateway = await TestGateway.StartAsync(options with { Auth = new AuthOptions { Static = [.. subjects.Select(static groups => TestGateway.Caller("jane", "token-" + groups, groups))] } });
        foreach (var groups in subjects)
        {
            foreach (var (verb, method, resource, path) in new[]
            {
                ("get", "GET", "pods web -n team", "/api/v1/namespaces/team/pods/web"), ("delete", "DELETE", "pods web -n team", "/api/v1/namespaces/team/pods/web"),
                ("list", "GET", "pods", "/api/v1/pods"), ("list", "GET", "secrets -n team", "/api/v1/namespaces/team/secrets"), ("get", "GET", "/metrics", "/metrics"),
                ("get", "GET", "/healthz", "/healthz"), ("create", "POST", "pods/exec web -n team", "/api/v1/namespaces/team/pods/web/exec"),
                ("get", "GET", "deployments.apps web -n team", "/apis/apps/v1/namespaces/team/deployments/web"), ("get", "GET", "pods/log web -n team", "/api/v1/namespaces/team/pods/web/log"),
            })
            {
                var (code, output, _) = await AskAsync($"{verb} {resource}", groups, "kind");

                var answer = await gateway.SendBareAsync(new RawRequest(method, "/clusters/kind" + path).WithBearer("token-" + groups).With("Content-Length", "0"));

                answer.Status.Should().Be(code == CanCommand.Yes ? 200 : 403, $"{groups}: {verb} {resource}: {output}".Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_wrong_configuration_is_no_answer()
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();

        var code = await CanCommand.RunAsync(
            static () => new ConfigurationResult(null, [new ConfigurationError("access.rules", "is wrong", null)]), Sources, new CanArguments("jane", [], [], null, "", "get", "pods", ""), output, errors);

        code.Should().Be(CanCommand.Unanswered);
        errors.ToString().Should().Contain("access.rules");
    }

    private static async Task<(int Code, string Output, string Errors)> AskAsync(string action, string groups, string? cluster, params string[] claims)
    {
        var words = action.Split(' ');
        var @namespace = Array.IndexOf(words, "-n") is >= 0 and var at ? words[at + 1] : "";
        var name = words.Length > 2 && words[2] is not "-n" ? words[2] : "";
        var rules = new ImpersonationDefinition { Users = ["jane"], Groups = ["o'brien"] };
        var options = TestGateway.Options(
            TestCluster.Held("kind", "http://127.0.0.1:1"),
            TestCluster.ClientSide("own", "http://127.0.0.1:1", "oidc", "idp"),
            TestCluster.Held("impersonated", "http://127.0.0.1:1") with { Credential = new CredentialDefinition.Impersonate(new CredentialDefinition.None("x"), null, rules) });
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var code = await CanCommand.RunAsync(
            () => new ConfigurationResult(options with { AccessRules = _rules }, []),
            Sources,
            new CanArguments("jane", groups.Split(',', StringSplitOptions.RemoveEmptyEntries), claims, cluster, @namespace, words[0], words[1], name),
            output,
            errors);
        return (code, output.ToString(), errors.ToString());
    }

    private static ClusterSourceResult Sources(ClusterLocator locator) => ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal));
}
