using AwesomeAssertions;
using Fairlead.Access;
using Xunit;

namespace Fairlead.Tests.Access;

public sealed class StreamActionTests
{
    [Theory]
    [InlineData("GET", "exec")]
    [InlineData("POST", "exec")]
    [InlineData("GET", "attach")]
    [InlineData("POST", "attach")]
    [InlineData("GET", "portforward")]
    [InlineData("POST", "portforward")]
    public void B63_Opening_a_stream_into_a_pod_is_create_however_it_is_opened(string method, string subresource)
    {
        foreach (var isUpgrade in (bool[])[true, false])
        {
            var action = Parse(method, $"/api/v1/namespaces/n/pods/p/{subresource}?command=sh", isUpgrade);

            (action.Verb, action.QualifiedResource, action.IsLongRunning).Should().Be(("create", $"pods/{subresource}", true));
        }
    }

    [Theory]
    [InlineData("GET", false, "get")]
    [InlineData("POST", false, "create")]
    [InlineData("PUT", false, "update")]
    [InlineData("DELETE", false, "delete")]
    [InlineData("GET", true, "create")]
    public void A_proxy_sub_resource_has_the_verb_of_its_method_and_an_upgrade_is_create(string method, bool isUpgrade, string verb)
    {
        foreach (var target in (string[])["/api/v1/namespaces/n/services/s/proxy/x", "/api/v1/namespaces/n/pods/p/proxy", "/api/v1/nodes/n/proxy/metrics"])
        {
            var action = Parse(method, target, isUpgrade);

            (action.Verb, action.Subresource, action.IsProxied, action.IsLongRunning).Should().Be((verb, "proxy", true, true));
        }
    }

    [Theory]
    [InlineData("/api/v1/namespaces/n/services/s/proxy/a%2Fb")]
    [InlineData("/api/v1/namespaces/n/services/s/proxy//a//b")]
    [InlineData("/api/v1/namespaces/n/services/s/proxy/a%252Fb?x=%zz")]
    [InlineData("/api/v1/namespaces/n/services/s/proxy/%ff%zz%5C")]
    [InlineData("/api/v1/namespaces/n/services/s/proxy/")]
    [InlineData("/api/v1/namespaces/n/services/s/proxy")]
    public void T102_The_tail_of_a_proxy_sub_resource_is_free(string target)
    {
        var action = Parse("GET", target);

        (action.Namespace, action.QualifiedResource, action.Name).Should().Be(("n", "services/proxy", "s"));
    }

    [Theory]
    [InlineData("/api/v1/nodes/n/proxy/a//b%2Fc", "nodes/proxy")]
    [InlineData("/apis/example.com/v1/namespaces/n/things/t/proxy/a//b", "things.example.com/proxy")]
    [InlineData("/apis/example.com/v1/things/t/proxy/a//b", "things.example.com/proxy")]
    public void T102_So_is_the_tail_at_cluster_scope_and_in_other_groups(string target, string resource) =>
        Parse("GET", target).QualifiedResource.Should().Be(resource);

    [Theory]
    [InlineData("/api/v1/namespaces/proxy/pods/p%2Fx")]
    [InlineData("/api/v1/namespaces/n/pods/proxy//log")]
    [InlineData("/api/v1/namespaces/n/proxy/p//x")]
    [InlineData("/apis/proxy/v1//things")]
    public void T102_A_thing_that_is_only_called_proxy_frees_nothing(string target)
    {
        KubernetesActionParser.Parse(Inbound.Target(target), 0, "GET", isUpgrade: false, out var refusal).Should().BeNull();
        refusal!.Reason.Should().Be(RefusalReason.InvalidTarget);
    }

    [Theory]
    [InlineData("/api/v1/pods?watch=1", true)]
    [InlineData("/api/v1/watch/pods", true)]
    [InlineData("/api/v1/namespaces/n/pods/p/log?follow=true", true)]
    [InlineData("/api/v1/namespaces/n/pods/p/log?follow", true)]
    [InlineData("/api/v1/namespaces/n/pods/p/log?follow=false", false)]
    [InlineData("/api/v1/namespaces/n/pods/p/log", false)]
    [InlineData("/api/v1/pods", false)]
    [InlineData("/api/v1/namespaces/n/pods/p?watch=1", false)]
    [InlineData("/healthz?watch=1", false)]
    public void Only_what_may_go_on_for_ever_is_long_running(string target, bool expected) => Parse("GET", target).IsLongRunning.Should().Be(expected);

    [Theory]
    [InlineData("/api/v1/namespaces/n/pods/p/log", "get pods/log 'p' in namespace 'n'")]
    [InlineData("/api/v1/pods", "list pods at cluster scope")]
    [InlineData("/apis/apps/v1/namespaces/n/deployments/d/scale", "get deployments.apps/scale 'd' in namespace 'n'")]
    [InlineData("/healthz?token=SENTINEL", "get /healthz")]
    public void An_action_can_be_read_aloud(string target, string expected) => Parse("GET", target).ToString().Should().Be(expected);

    private static KubernetesAction Parse(string method, string target, bool isUpgrade = false)
    {
        var action = KubernetesActionParser.Parse(Inbound.Target(target), 0, method, isUpgrade, out var refusal);
        refusal.Should().BeNull();
        return action!;
    }
}
