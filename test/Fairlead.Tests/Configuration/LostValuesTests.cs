using AwesomeAssertions;
using Xunit;

namespace Fairlead.Tests.Configuration;

/// <summary>
/// A value that is lost would change what the rest means: a rule without its condition allows more, one without <c>effect: deny</c> allows what it was to deny, and
/// somebody who is no longer mapped is somebody else. So it stops the start.
/// </summary>
public sealed class LostValuesTests : IDisposable
{
    private const string Rule = "subjects: { users: [u] }, clusters: [a], namespaces: [n], resources: [pods], verbs: [get]";
    private readonly Loading _loading = new() { Environment = { ["SET"] = "x" } };

    public void Dispose() => _loading.Dispose();

    [Theory]
    [InlineData(Rule + ", effect: '${GONE}'", "effect")]
    [InlineData(Rule + ", resourceNames: '${GONE}'", "resourceNames")]
    [InlineData(Rule + ", resourceNames: [a, '${GONE}']", "resourceNames[1]")]
    [InlineData(Rule + ", clusterLabels: { env: '${GONE}' }", "clusterLabels.env")]
    [InlineData(Rule + ", clusterLabels: '${GONE}'", "clusterLabels")]
    [InlineData("subjects: { users: [u], claims: { team: '${GONE}' } }, clusters: [a], namespaces: [n], resources: [pods], verbs: [get]", "subjects.claims.team")]
    [InlineData("subjects: { users: [u], claims: { team: [a, '${GONE}'] } }, clusters: [a], namespaces: [n], resources: [pods], verbs: [get]", "subjects.claims.team[1]")]
    [InlineData("effect: deny, subjects: { users: [u, '${GONE}'] }, clusters: [a], namespaces: [n], resources: [pods], verbs: [get]", "subjects.users[1]")]
    [InlineData("effect: deny, subjects: { groups: [u, 'x-${GONE}-${SET}'] }, clusters: [a], namespaces: [n], resources: [pods], verbs: [get]", "subjects.groups[1]")]
    [InlineData("effect: deny, subjects: { users: [u] }, clusters: [{ $env: GONE }, a], namespaces: [n], resources: [pods], verbs: [get]", "clusters[0]")]
    [InlineData("subjects: { users: [u] }, clusters: [a], namespaces: [n], resources: [pods], verbs: '${GONE}'", "verbs")]
    public void A_rule_with_a_variable_that_is_not_set_is_an_error_that_names_both(string rule, string path)
    {
        var error = _loading.Error($"access: {{ rules: [{{ {rule} }}] }}");

        error.Path.Should().Be("access.rules[0]." + path);
        error.Message.Should().Be("has no value: the environment variable 'GONE' is not set");
    }

    [Theory]
    [InlineData("effect: ")]
    [InlineData("resourceNames: ~")]
    [InlineData("clusterLabels: { env: }")]
    [InlineData("namespaces: [n, null]")]
    public void A_rule_with_a_key_and_nothing_behind_it_is_an_error(string key)
    {
        var rule = key.StartsWith("namespaces", StringComparison.Ordinal) ? Rule.Replace("namespaces: [n]", key, StringComparison.Ordinal) : $"{Rule}, {key}";

        _loading.Error($"access: {{ rules: [{{ {rule} }}] }}").Message.Should().Be("has no value; give it one, or leave it out");
    }

    [Fact]
    public void A_variable_that_is_set_and_one_with_a_default_are_none() =>
        _loading.Options("access: { rules: [{ effect: '${GONE:-deny}', subjects: { users: ['${SET}'] }, clusters: [a], namespaces: [n], resources: [pods], verbs: [get] }] }")
            .AccessRules.Should().ContainSingle().Which.Should().Match<Fairlead.Configuration.AccessRule>(static rule => rule.Denies && rule.Users[0] == "x");

    [Theory]
    [InlineData("userMap: { ci: '${GONE}' }", "userMap.ci")]
    [InlineData("groupMap: { admins: '${GONE}' }", "groupMap.admins")]
    [InlineData("groupMap: '${GONE}'", "groupMap")]
    [InlineData("groups: [a, '${GONE}']", "groups[1]")]
    [InlineData("extras: { team: '${GONE}' }", "extras.team")]
    [InlineData("userMap: { ci: }", "userMap.ci")]
    public void So_is_somebody_who_is_lost_from_an_impersonation(string keys, string path)
    {
        var error = _loading.Error(Loading.Cluster($"name: c, url: https://h, authProvider: impersonate, impersonation: {{ serviceAccountToken: t, users: ['*'], {keys} }}"));

        error.Path.Should().Be("kubernetes.clusterLocatorMethods[0].clusters[0].impersonation." + path);
        error.Message.Should().StartWith("has no value");
    }

    [Theory]
    [InlineData("labels: { env: '${GONE}' }", "labels.env")]
    [InlineData("labels: { env: ~ }", "labels.env")]
    [InlineData("labels: '${GONE}'", "labels")]
    public void So_is_a_label_that_a_rule_may_deny_by(string keys, string path)
    {
        var error = _loading.Error(Loading.Cluster($"name: c, url: https://h, authProvider: passThrough, {keys}"));

        error.Path.Should().Be("kubernetes.clusterLocatorMethods[0].clusters[0]." + path);
        error.Message.Should().StartWith("has no value");
    }
}
