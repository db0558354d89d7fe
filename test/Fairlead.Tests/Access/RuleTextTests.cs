using AwesomeAssertions;
using CsCheck;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Testing.Access;
using Fairlead.Tests.Configuration;
using Xunit;

namespace Fairlead.Tests.Access;

/// <summary>The rule that a refusal prints can be pasted, and allows what was refused.</summary>
public sealed class RuleTextTests
{
    private static readonly (string Method, string Target)[] _requests =
    [
        ("GET", "/api/v1/namespaces/n/pods/p"), ("GET", "/api/v1/pods?watch=1"), ("POST", "/api/v1/namespaces/n/pods/p/exec"), ("GET", "/apis/apps/v1/namespaces/n/deployments/p/scale"), ("DELETE", "/api/v1/nodes"),
        ("PATCH", "/apis/example.com/v1/things/t"), ("GET", "/api/v1/namespaces/n/services/s/proxy/x"), ("POST", "/metrics"), ("GET", "/a'b\"c"), ("OPTIONS", "/api"), ("GET", "/a:%20b"),
    ];

    [Fact]
    public void It_allows_what_was_asked_for_whatever_the_names_are()
    {
        using var loading = new Loading();
        foreach (var (method, target) in _requests)
        {
            foreach (var name in new[] { "jane", "true", "a: b", "#x", "[y]", "it's", "\"q\"", "back\\slash", "Ümläut", "- z", "" + '\u2028' + "line", "jane@example.com" })
            {
                var (caller, action) = (new Caller.Portal(name, []), Make.Action(method, target));
                var text = Printed(caller, action);

                var rules = loading.Options($"access:\n  rules:\n    - {text}\n").AccessRules;

                new AccessPolicy(rules).Allowing(caller, Make.Held("kind").Definition, action).Should().NotBeNull("{0}", text.Replace('{', '(').Replace('}', ')'));
                new AccessPolicy(rules).Allowing(new Caller.Portal("somebody", []), Make.Held("kind").Definition, action).Should().BeNull();
                new AccessPolicy(rules).Allowing(caller, Make.Held("other").Definition, action).Should().BeNull();
            }
        }
    }

    [Fact]
    public void Random_names_survive_the_quoting()
    {
        using var loading = new Loading();
        Gen.Select(Gen.String[Gen.Char[' ', '\u2100'], 1, 30], Pick.From(_requests)).Sample(
            (name, request) =>
            {
                var (caller, action) = (new Caller.Portal(name, []), Make.Action(request.Method, request.Target));
                if (name.AsSpan().ContainsAny('*', '$'))
                {
                    RuleText.Hint(caller, "kind", action).Should().BeEmpty();
                    return;
                }

                lock (loading)
                {
                    var rules = loading.Options($"access:\n  rules:\n    - {Printed(caller, action)}\n").AccessRules;
                    new AccessPolicy(rules).Allowing(caller, Make.Held("kind").Definition, action).Should().NotBeNull();
                }
            },
            iter: 500);
    }

    [Fact]
    public void It_allows_nothing_else_but_discovery()
    {
        using var loading = new Loading();
        (string Method, string Target)[] others =
        [
            .. _requests, ("DELETE", "/api/v1/namespaces/n/pods/p"), ("GET", "/api/v1/namespaces/m/pods/p"), ("GET", "/api/v1/pods"), ("GET", "/api/v1/namespaces/n/pods/p/log"), ("GET", "/apis/evil/v1/namespaces/n/deployments/p/scale"), ("GET", "/metrics"), ("POST", "/metrics/x"),
            ("GET", "/api/v1/namespaces/n/services/s"), ("GET", "/api/v1/namespaces/n/secrets/p"),
        ];
        foreach (var asked in _requests.Select(static request => Make.Action(request.Method, request.Target)))
        {
            var policy = new AccessPolicy(loading.Options($"access:\n  rules:\n    - {Printed(Make.Jane, asked)}\n").AccessRules);
            foreach (var other in others.Select(static request => Make.Action(request.Method, request.Target)))
            {
                var isAskedFor = Is(asked.Verb, other.Verb) && asked.IsResourceRequest == other.IsResourceRequest
                    && (asked.IsResourceRequest ? Is(asked.QualifiedResource, other.QualifiedResource) && (asked.Namespace.Length == 0 || Is(asked.Namespace, other.Namespace)) : Is(asked.Path, other.Path));

                (policy.Allowing(Make.Jane, Make.Held("kind").Definition, other) is not null).Should().Be(isAskedFor, "{0} was refused, {1} is tried", asked, other);
            }
        }
    }

    [Theory]
    [InlineData("*", "/api/v1/namespaces/n/pods/p")]
    [InlineData("j*", "/api/v1/namespaces/n/pods/p")]
    [InlineData("${HOME}", "/api/v1/namespaces/n/pods/p")]
    [InlineData("jane", "/a*")]
    [InlineData("jane", "/$a")]
    [InlineData("jane", "/api/v1/namespaces/*/pods/p")]
    [InlineData("jane", "/api/v1/namespaces/n/*/p")]
    [InlineData("jane", "/apis/*/v1/namespaces/n/things/p")]
    [InlineData("jane", "/api/v1/namespaces/n/pods/p/*")]
    public void A_name_that_would_be_more_than_itself_is_not_printed(string name, string target) =>
        RuleText.Hint(new Caller.Portal(name, []), "kind", Make.Action("GET", target)).Should().BeEmpty();

    private static bool Is(string one, string other) => string.Equals(one, other, StringComparison.Ordinal);

    private static string Printed(Caller.Portal caller, KubernetesAction action) => RuleText.Hint(caller, "kind", action)["; a rule that does: ".Length..];
}
