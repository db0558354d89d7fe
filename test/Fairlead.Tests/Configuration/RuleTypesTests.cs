using AwesomeAssertions;
using Xunit;

namespace Fairlead.Tests.Configuration;

/// <summary>Wrong types, empty lists and unknown keys of <c>access.rules</c>, <c>labels</c> and <c>claims</c>: each is one error that names the key.</summary>
public sealed class RuleTypesTests : IDisposable
{
    private static readonly string[] _lists = ["clusters", "namespaces", "resources", "resourceNames", "services", "nonResourceURLs", "verbs"];
    private readonly Loading _loading = new();

    /// <summary>Every list of a rule.</summary>
    public static TheoryData<string> Lists { get; } = new(_lists);

    public void Dispose() => _loading.Dispose();

    [Theory]
    [MemberData(nameof(Lists))]
    public void A_list_has_to_be_one_of_texts_and_not_empty(string key)
    {
        Error(Rule(key, "x")).Should().Be(($"access.rules[0].{key}", "has to be a list, this is a string"));
        Error(Rule(key, "{ a: b }")).Should().Be(($"access.rules[0].{key}", "has to be a list, this is a map"));
        Error(Rule(key, "[7]")).Should().Be(($"access.rules[0].{key}[0]", "has to be a string, this is a number; put it in quotes"));
        Error(Rule(key, "[true]")).Should().Be(($"access.rules[0].{key}[0]", "has to be a string, this is true or false; put it in quotes"));
        Error(Rule(key, "[[a]]")).Should().Be(($"access.rules[0].{key}[0]", "has to be a string, this is a list"));
        Error(Rule(key, "['']")).Should().Be(($"access.rules[0].{key}[0]", "must not be empty"));
        Error(Rule(key, "[]")).Should().Be(($"access.rules[0].{key}", "the list is empty and would match nothing; [\"*\"] means all"));
    }

    [Theory]
    [InlineData("clusterLabels: prod", "clusterLabels", "has to be a map, this is a string")]
    [InlineData("clusterLabels: { env: true }", "clusterLabels.env", "has to be a string, this is true or false; put it in quotes")]
    [InlineData("clusterLabels: { env: [1] }", "clusterLabels.env[0]", "has to be a string, this is a number; put it in quotes")]
    [InlineData("clusterLabels: { env: { a: b } }", "clusterLabels.env", "has to be a string or a list of strings, this is a map")]
    [InlineData("clusterLabels: {}", "clusterLabels", "is empty and would say nothing; leave it out")]
    [InlineData("effect: 7", "effect", "has to be a string, this is a number; put it in quotes")]
    [InlineData("effect: Deny", "effect", "has to be one of allow, deny")]
    [InlineData("name: 7", "name", "has to be a string, this is a number; put it in quotes")]
    [InlineData("efect: deny", "efect", "unknown key; did you mean 'effect'?")]
    [InlineData("nonResourceUrls: [/metrics]", "nonResourceUrls", "unknown key; did you mean 'nonResourceURLs'?")]
    [InlineData("subject: { users: [u] }", "subject", "unknown key; did you mean 'subjects'?")]
    [InlineData("services: ['*']", "services[0]", "has to be namespace/name, such as monitoring/grafana or team-a/*")]
    [InlineData("services: [/web]", "services[0]", "has to be namespace/name, such as monitoring/grafana or team-a/*")]
    [InlineData("services: [team/]", "services[0]", "has to be namespace/name, such as monitoring/grafana or team-a/*")]
    public void Another_key_that_is_wrong_says_how_to_mend_it(string key, string path, string message) =>
        Error($"subjects: {{ users: [u] }}, clusters: [a], namespaces: [n], resources: [pods], verbs: [get], {key}").Should().Be(($"access.rules[0].{path}", message));

    [Theory]
    [InlineData("users", "u", "", "has to be a list, this is a string")]
    [InlineData("users", "[7]", "[0]", "has to be a string, this is a number; put it in quotes")]
    [InlineData("users", "['']", "[0]", "must not be empty")]
    [InlineData("groups", "devs", "", "has to be a list, this is a string")]
    [InlineData("groups", "[true]", "[0]", "has to be a string, this is true or false; put it in quotes")]
    [InlineData("claims", "[team]", "", "has to be a map, this is a list")]
    [InlineData("claims", "{ team: 7 }", ".team", "has to be a string, this is a number; put it in quotes")]
    [InlineData("claims", "{ team: { a: b } }", ".team", "has to be a string or a list of strings, this is a map")]
    [InlineData("claims", "{ team: '' }", ".team", "must not be empty")]
    [InlineData("claims", "{ team: [] }", ".team", "has no value and would match nothing; \"*\" means any")]
    [InlineData("claims", "{}", "", "is empty and would say nothing; leave it out")]
    [InlineData("role", "[a]", "", "unknown key; known here: claims, groups, users")]
    public void A_subject_that_is_wrong_is_one_error_beside_a_good_one(string key, string value, string path, string message)
    {
        var other = key is "users" ? "groups" : "users";

        Error($"subjects: {{ {other}: [a], {key}: {value} }}, clusters: [a], namespaces: [n], resources: [pods], verbs: [get]").Should().Be(($"access.rules[0].subjects.{key}{path}", message));
    }

    [Theory]
    [InlineData("access: []", "access", "has to be a map, this is a list")]
    [InlineData("access: { rules: {} }", "access.rules", "has to be a list, this is a map")]
    [InlineData("access: { rules: [allow] }", "access.rules[0]", "has to be a map, this is a string")]
    [InlineData("access: { rule: [] }", "access.rule", "unknown key; did you mean 'rules'?")]
    [InlineData("auth: { jwt: [{ issuer: https://a, audiences: [a], claims: team }] }", "auth.jwt[0].claims", "has to be a list, this is a string")]
    [InlineData("auth: { jwt: [{ issuer: https://a, audiences: [a], claims: [7] }] }", "auth.jwt[0].claims[0]", "has to be a string, this is a number; put it in quotes")]
    [InlineData("auth: { jwt: [{ issuer: https://a, audiences: [a], claims: { team: a } }] }", "auth.jwt[0].claims", "has to be a list, this is a map")]
    [InlineData("auth: { oidc: { issuer: https://a, clientId: b, claims: team } }", "auth.oidc.claims", "has to be a list, this is a string")]
    [InlineData("auth: { static: [{ subject: s, tokenSha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b, claims: [team] }] }", "auth.static[0].claims", "has to be a map, this is a list")]
    [InlineData("auth: { static: [{ subject: s, tokenSha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b, claims: { level: 7 } }] }", "auth.static[0].claims.level", "has to be a string, this is a number; put it in quotes")]
    [InlineData("timeouts: { revocation: 30 }", "timeouts.revocation", "has to be a duration such as 500ms, 15s, 2m or 1h")]
    [InlineData("timeouts: { revocation: never }", "timeouts.revocation", "has to be a duration such as 500ms, 15s, 2m or 1h")]
    [InlineData("timeouts: { revocation: 0s }", "timeouts.revocation", "has to be between 300ms and 600s")]
    [InlineData("timeouts: { revocations: 5s }", "timeouts.revocations", "unknown key; did you mean 'revocation'?")]
    public void Keys_around_the_rules_are_as_strict(string yaml, string path, string message)
    {
        var error = _loading.Error(yaml);

        (error.Path, error.Message).Should().Be((path, message));
    }

    [Theory]
    [InlineData("labels: prod", "labels", "has to be a map, this is a string")]
    [InlineData("labels: { env: 7 }", "labels.env", "has to be a string, this is a number; put it in quotes")]
    [InlineData("labels: { env: [prod] }", "labels.env", "has to be a string, this is a list")]
    [InlineData("label: { env: prod }", "label", "unknown key; did you mean 'labels'?")]
    public void Labels_are_texts(string key, string path, string message)
    {
        var error = _loading.Error(Loading.Cluster($"name: c, url: https://h, authProvider: passThrough, {key}"));

        (error.Path, error.Message).Should().Be(("kubernetes.clusterLocatorMethods[0].clusters[0]." + path, message));
    }

    [Fact]
    public void Claims_of_a_provider_are_kept_once_each() =>
        _loading.Options("auth: { oidc: { issuer: https://a, clientId: b, claims: [team, level, team] } }").Auth!.Oidc[0].Claims.Kept.Should().Equal("team", "level");

    private static string Rule(string key, string value) => "subjects: { users: [u] }, " + string.Join(", ", _lists.Select(other => $"{other}: {(string.Equals(other, key, StringComparison.Ordinal) ? value : Good(other))}"));

    private static string Good(string key) => key switch
    {
        "services" => "[team/web]",
        "nonResourceURLs" => "[/metrics]",
        "verbs" => "[get]",
        _ => "[a]",
    };

    private (string Path, string Message) Error(string rule)
    {
        var error = _loading.Error($"access: {{ rules: [{{ {rule} }}] }}");
        return (error.Path, error.Message);
    }
}
