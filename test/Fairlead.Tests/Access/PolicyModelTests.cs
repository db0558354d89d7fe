using System.Text.RegularExpressions;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Testing.Access;
using Xunit;

namespace Fairlead.Tests.Access;

/// <summary>Rules that are arranged for speed decide what rules decide that are read one after the other, as <c>docs/access.md</c> says.</summary>
public sealed class PolicyModelTests
{
    private static readonly ClusterDefinition[] _clusters =
    [
        Make.Held("a").Definition with { Labels = new ClusterLabels([new("env", "dev")]) }, Make.Held("b", "second").Definition with { Labels = new ClusterLabels([new("env", "prod")]) }, Make.Held("a", "second").Definition,
    ];

    private static readonly (string Method, string Target)[] _requests =
    [
        ("GET", "/api/v1/namespaces/n/pods/p"), ("GET", "/api/v1/namespaces/m/pods/q"), ("GET", "/api/v1/namespaces/n/pods"), ("GET", "/api/v1/pods"), ("GET", "/api/v1/pods?watch=1"), ("DELETE", "/api/v1/pods"),
        ("POST", "/api/v1/namespaces/n/pods"), ("POST", "/api/v1/namespaces/n/pods/p/exec"), ("GET", "/api/v1/namespaces/m/pods/p/log"), ("GET", "/apis/apps/v1/namespaces/n/deployments/p"), ("GET", "/api/v1/nodes"),
        ("GET", "/api/v1/nodes/p"), ("GET", "/api/v1/namespaces/n/services/p/proxy/x"), ("GET", "/api/v1/namespaces/m/services/https:q:1/proxy"), ("GET", "/version"), ("GET", "/apis/apps"), ("GET", "/metrics"), ("POST", "/metrics"), ("GET", "/healthz/x"),
        ("GET", "//metrics"), ("GET", "/metrics/"), ("GET", "/%6Detrics"), ("GET", "/healthz%2fx"), ("GET", "/version/"), ("GET", "//version"), ("GET", "/v%65rsion"), ("HEAD", "/openapi/v2"),
    ];

    private static readonly Gen<AccessRule> _rule =
        Gen.Select(
            Gen.Select(List("jane", "bob", "j*", "*"), List("devs", "ops", "d*", "x"), Claims(), List("a", "b", "second/*", "*", "config/a"), Labels(), Gen.Bool),
            Gen.Select(List("n", "m", "*", "n*"), List("pods", "*", "pods/*", "pods/exec", "deployments.apps", "nodes", "services/proxy"), List("p", "q*"), List("n/p", "*/q", "m/*"), List("/metrics", "/healthz/*", "/version", "*"), List("get", "list", "watch", "create", "delete", "deletecollection", "*", "post")))
        .Select(static (subject, what) => new AccessRule
        {
            Users = subject.Item1, Groups = subject.Item2, Claims = subject.Item3, Clusters = subject.Item4, ClusterLabels = subject.Item5, Denies = subject.Item6,
            Namespaces = what.Item1, Resources = what.Item2, ResourceNames = what.Item3, Services = what.Item4, NonResourceUrls = what.Item5, Verbs = what.Item6,
        });

    private static readonly Gen<Caller.Portal> _caller = Gen.Select(Pick.From("jane", "bob", "eve"), List("devs", "ops", "others", "d"), Claims())
        .Select(static (name, groups, claims) => new Caller.Portal(name, groups) { Claims = claims });

    [Fact]
    public void What_is_arranged_decides_as_what_is_read_in_order() =>
        Gen.Select(_rule.Array[0, 12], _caller, Pick.From(_clusters), Pick.From(_requests)).Sample(static (rules, caller, cluster, request) =>
        {
            var policy = new AccessPolicy(rules);
            var action = Make.Action(request.Method, request.Target);

            (policy.Denying(caller, cluster, action) is not null).Should().Be(rules.Any(rule => rule.Denies && Speaks(rule, caller, cluster, action)), "denied");
            (policy.Allowing(caller, cluster, action) is not null).Should().Be(rules.Any(rule => !rule.Denies && Speaks(rule, caller, cluster, action)), "allowed");
            policy.MayDeny(cluster, action).Should().Be(rules.Any(rule => rule.Denies && Covers(rule, cluster) && IsAbout(rule, action)), "may be denied");
            policy.Denying(Caller.ClusterTokenHolder.Instance, cluster, action).Should().Match<CompiledRule?>(rule => rule != null == policy.MayDeny(cluster, action), "somebody unknown is everybody");
            policy.Denying(caller, cluster, action).Should().Match<CompiledRule?>(rule => rule == null || rules.Contains(rule.Rule));
        }, iter: 20_000);

    [Fact]
    public void A_cluster_is_known_by_the_rules_that_name_it_and_hidden_by_one_that_denies_everything() =>
        Gen.Select(Gen.OneOf(_rule, _rule.Select(static rule => rule with { Namespaces = ["*"], Resources = ["*"], ResourceNames = [], Verbs = ["*"] })).Array[0, 6], _caller, Pick.From(_clusters)).Sample(static (rules, caller, cluster) =>
        {
            var policy = new AccessPolicy(rules);
            var isHidden = rules.Any(rule => rule.Denies && IsEverything(rule) && rule.Verbs.Contains("*", StringComparer.Ordinal) && IsFor(rule, caller) && Covers(rule, cluster));

            policy.Hides(caller, cluster).Should().Be(isHidden);
            policy.Knows(caller, cluster).Should().Be(!isHidden && rules.Any(rule => !rule.Denies && IsFor(rule, caller) && Covers(rule, cluster)));
            policy.Hides(Caller.ClusterTokenHolder.Instance, cluster).Should().BeFalse();
        }, iter: 10_000);

    [Fact]
    public void Some_of_it_is_allowed_and_some_denied()
    {
        var (allowed, denied) = (0, 0);
        Gen.Select(_rule.Array[0, 12], _caller, Pick.From(_clusters), Pick.From(_requests)).Sample((rules, caller, cluster, request) =>
        {
            var policy = new AccessPolicy(rules);
            var action = Make.Action(request.Method, request.Target);
            _ = policy.Denying(caller, cluster, action) is not null ? Interlocked.Increment(ref denied) : policy.Allowing(caller, cluster, action) is not null ? Interlocked.Increment(ref allowed) : 0;
        }, iter: 2_000);

        allowed.Should().BePositive();
        denied.Should().BePositive();
    }

    private static bool Speaks(AccessRule rule, Caller.Portal caller, ClusterDefinition cluster, KubernetesAction action) => IsFor(rule, caller) && Covers(rule, cluster) && IsAbout(rule, action);

    private static bool IsFor(AccessRule rule, Caller.Portal caller)
    {
        var isNamed = rule.Users.Count + rule.Groups.Count == 0 ? rule.Claims.Count > 0 : Any(rule.Users, caller.Name) || caller.Groups.Any(group => Any(rule.Groups, group));
        return isNamed && rule.Claims.All(claim => caller.Claims.TryGetValue(claim.Key, out var values) && values.Any(value => Any(claim.Value, value)));
    }

    private static bool Covers(AccessRule rule, ClusterDefinition cluster) =>
        rule.Clusters.Count + rule.ClusterLabels.Count > 0
        && (rule.Clusters.Count == 0 || Any(rule.Clusters, cluster.Name) || Any(rule.Clusters, cluster.QualifiedName))
        && rule.ClusterLabels.All(label => cluster.Labels.Find(label.Key) is { } value && Any(label.Value, value));

    private static bool IsAbout(AccessRule rule, KubernetesAction action)
    {
        var isDiscovery = !action.IsResourceRequest && action.Verb is "get" or "head" && Regex.IsMatch(action.Path, "^/(api|apis|openapi|version)(/|$)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        if (!rule.Denies && isDiscovery)
        {
            return true;
        }

        if (!rule.Verbs.Contains("*", StringComparer.Ordinal) && !rule.Verbs.Contains(action.Verb, StringComparer.Ordinal))
        {
            return false;
        }

        return action.IsResourceRequest
            ? IsAboutService(rule, action) || (IsIn(rule, action) && IsNamed(rule, action) && (rule.Resources.Contains("*", StringComparer.Ordinal) || Any(rule.Resources, action.QualifiedResource)))
            : IsEverything(rule) || Any(rule.NonResourceUrls, action.Path) || (rule.Denies && (Any(rule.NonResourceUrls, Served(action.Path)) || Any(rule.NonResourceUrls, Served(action.Path).TrimEnd('/'))));
    }

    private static bool IsEverything(AccessRule rule) =>
        rule.Resources.Contains("*", StringComparer.Ordinal) && rule.Namespaces.Contains("*", StringComparer.Ordinal) && rule.ResourceNames.Count == 0;

    private static string Served(string path) => Regex.Replace(Uri.UnescapeDataString(path), "/+", "/", RegexOptions.None, TimeSpan.FromSeconds(1));

    private static bool IsIn(AccessRule rule, KubernetesAction action)
    {
        var isList = action.Verb is "list" or "watch" or "deletecollection";
        return action.Namespace.Length > 0 ? Any(rule.Namespaces, action.Namespace)
            : rule.Namespaces.Contains("*", StringComparer.Ordinal) || (rule.Denies && rule.Namespaces.Count > 0 && isList && action.Resource is not "nodes");
    }

    private static bool IsNamed(AccessRule rule, KubernetesAction action) =>
        rule.ResourceNames.Count == 0
        || (action.Name.Length > 0 ? Any(rule.ResourceNames, action.Name) || (action.Subresource is "proxy" && Any(rule.ResourceNames, Plain(action.Name))) : rule.Denies && action.Verb is "list" or "watch" or "deletecollection");

    private static bool IsAboutService(AccessRule rule, KubernetesAction action) =>
        action is { Resource: "services", Subresource: "proxy" }
        && rule.Services.Any(service => Any([service.Split('/')[0]], action.Namespace) && Any([service.Split('/')[1]], Plain(action.Name)));

    private static string Plain(string name) => name.Split(':') is [_, var plain, _] ? plain : name.Split(':')[0];

    private static bool Any(IEnumerable<string> patterns, string text) => patterns.Any(pattern =>
        Regex.IsMatch(text, "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal) + "$", RegexOptions.Singleline, TimeSpan.FromSeconds(1)));

    private static Gen<IReadOnlyList<string>> List(params string[] words) => Gen.Frequency((3, Pick.From(words).Array[1, 2]), (1, Gen.Const(Array.Empty<string>()))).Select(static words => (IReadOnlyList<string>)words);

    private static Gen<Dictionary<string, IReadOnlyList<string>>> Claims() => Gen.Frequency((4, Gen.Const("")), (1, Pick.From("team=a", "team=b", "level=7", "team=*"))).Select(Map);

    private static Gen<Dictionary<string, IReadOnlyList<string>>> Labels() => Gen.Frequency((4, Gen.Const("")), (1, Pick.From("env=dev", "env=*", "zone=x"))).Select(Map);

    private static Dictionary<string, IReadOnlyList<string>> Map(string pair) => pair.Length == 0 ? [] : new(StringComparer.Ordinal) { [pair.Split('=')[0]] = [pair.Split('=')[1]] };
}
