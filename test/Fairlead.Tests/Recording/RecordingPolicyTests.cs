using AwesomeAssertions;
using Fairlead.Callers;
using Fairlead.Configuration;
using Fairlead.Recording;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.Tests.Recording;

public sealed class RecordingPolicyTests
{
    [Theory]
    [InlineData("GET", "/api/v1/namespaces/n/pods/p/exec?command=sh", "Required")]
    [InlineData("POST", "/api/v1/namespaces/n/pods/p/exec", "Required")]
    [InlineData("GET", "/api/v1/namespaces/n/pods/p/attach", "Required")]
    [InlineData("GET", "/api/v1/namespaces/n/pods/p/%65xec", "Required")]
    [InlineData("GET", "/api/v1/namespaces/n/pods/p/exec/", "Required")]
    [InlineData("GET", "/api/v1/namespaces/n/pods/p/exec/more?follow=1&watch=1", "Required")]
    [InlineData("GET", "/api/v1/nodes/n/proxy/run/n/p/c", "Impossible")]
    [InlineData("GET", "/api/v1/nodes/https:n:10250/proxy/exec/n/p/c?command=sh", "Impossible")]
    [InlineData("GET", "/api/v1/proxy/nodes/n/exec/n/p/c", "Impossible")]
    [InlineData("GET", "/api/v1/namespaces/n/pods/p/portforward", "None")]
    [InlineData("GET", "/api/v1/namespaces/n/pods/p/log?follow=1", "None")]
    [InlineData("GET", "/api/v1/namespaces/n/pods/exec", "None")]
    [InlineData("GET", "/api/v1/namespaces/n/services/p/exec", "None")]
    [InlineData("GET", "/apis/apps/v1/namespaces/n/pods/p/exec", "None")]
    [InlineData("GET", "/api/v1/nodes/n", "None")]
    public void T30_The_parsed_action_says_whether_it_is_a_session(string method, string target, string need) =>
        Need(RecordingRule.Everything, Make.Jane, method, target).Should().Be(need);

    [Fact]
    public void A_rule_speaks_of_callers_clusters_and_namespaces()
    {
        var rule = new RecordingRule(new AccessRule { Denies = true, Groups = ["devs"], Clusters = ["prod-*"], Namespaces = ["team-*"] }, IsRequired: true);

        Need(rule, Make.Jane, "GET", "/api/v1/namespaces/team-a/pods/p/exec", "prod-1").Should().Be("Required");
        Need(rule, Make.Jane, "GET", "/api/v1/namespaces/other/pods/p/exec", "prod-1").Should().Be("None");
        Need(rule, Make.Jane, "GET", "/api/v1/namespaces/team-a/pods/p/exec", "test-1").Should().Be("None");
        Need(rule, new Caller.Portal("bob", []), "GET", "/api/v1/namespaces/team-a/pods/p/exec", "prod-1").Should().Be("None");
        Need(rule, Make.Jane, "GET", "/api/v1/nodes/n/proxy/exec/team-a/p/c", "prod-1").Should().Be("Impossible", "a kubelet has pods of every namespace");
        Need(rule, Make.Jane, "GET", "/api/v1/nodes/n/proxy/metrics", "test-1").Should().Be("None");
    }

    [Fact]
    public void Whoever_is_not_known_by_name_is_recorded_as_anybody_is()
    {
        var rule = new RecordingRule(new AccessRule { Denies = true, Users = ["jane"], Clusters = ["*"], Namespaces = ["*"] }, IsRequired: true);

        Need(rule, Caller.ClusterTokenHolder.Instance, "GET", "/api/v1/namespaces/n/pods/p/exec").Should().Be("Required");
        Need(rule, new Caller.ClusterTokenHolder(new ClusterUser("bob", [])), "GET", "/api/v1/namespaces/n/pods/p/exec").Should().Be("None");
    }

    [Fact]
    public void Where_one_rule_requires_it_and_another_does_not_it_is_required()
    {
        var policy = new RecordingPolicy(new RecordingOptions
        {
            Folder = "/",
            Rules =
            [
                new RecordingRule(new AccessRule { Denies = true, Users = ["*"], Clusters = ["*"], Namespaces = ["*"] }, IsRequired: false),
                new RecordingRule(new AccessRule { Denies = true, Users = ["*"], Clusters = ["*"], Namespaces = ["prod"] }, IsRequired: true),
            ],
        });

        policy.NeedOf(Make.Jane, TestCluster.Held("kind", Make.Url), Make.Action("GET", "/api/v1/namespaces/prod/pods/p/exec")).Should().Be(RecordingNeed.Required);
        policy.NeedOf(Make.Jane, TestCluster.Held("kind", Make.Url), Make.Action("GET", "/api/v1/namespaces/test/pods/p/exec")).Should().Be(RecordingNeed.Wanted);
        policy.NeedOf(Make.Jane, TestCluster.Held("kind", Make.Url), Make.Action("GET", "/api/v1/nodes/n/proxy/metrics")).Should().Be(RecordingNeed.Impossible);
    }

    private static string Need(RecordingRule rule, Caller caller, string method, string target, string cluster = "kind") =>
        new RecordingPolicy(new RecordingOptions { Folder = "/", Rules = [rule] }).NeedOf(caller, TestCluster.Held(cluster, Make.Url), Make.Action(method, target)).ToString();
}
