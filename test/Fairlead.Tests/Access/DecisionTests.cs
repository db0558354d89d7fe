using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Credentials.Impersonation;
using Fairlead.Doors;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.Tests.Access;

public sealed class DecisionTests
{
    private static readonly CredentialPlan _own = new CredentialPlan.Own(new Secret("Bearer own"));
    private static readonly RequestedImpersonation _asRoot = new(new ImpersonatedUser("root", ["system:masters"], null, []), null);
    private static readonly CredentialPlan _held = CredentialPlan.Held.Instance;

    [Fact]
    public void B35_A_token_of_the_callers_own_needs_no_rule() =>
        Refuse(Inbound.AtBackstage(), Make.Jane, _own).Should().BeNull();

    [Fact]
    public void F17_A_credential_that_the_gateway_holds_needs_a_rule_and_the_refusal_says_which()
    {
        Refuse(Inbound.AtBackstage(), Make.Jane, _held, Make.Rule()).Should().BeNull();

        var refusal = Refuse(Inbound.AtBackstage(), Make.Jane, _held, Make.Rule(verbs: "delete"));

        refusal!.Reason.Should().Be(RefusalReason.NotAllowed);
        refusal.Message.Should().StartWith("Unauthorized").And.Contain("list pods").And.Contain("'kind'").And.Contain("'jane'").And.Contain("rule");
    }

    [Fact]
    public void Decision9_Somebody_whom_only_a_cluster_knows_never_uses_what_the_gateway_holds() =>
        Refuse(Inbound.AtCluster(), Caller.ClusterTokenHolder.Instance, _held, Make.Rule() with { Users = ["(judged by the cluster)"], Groups = [""] })!
            .Reason.Should().Be(RefusalReason.NotAllowed);

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    public void B66_Decision5_Impersonation_passes_at_the_cluster_door_with_the_callers_own_token_only(bool atClusterDoor, bool withOwnToken, bool passes)
    {
        var request = atClusterDoor ? Inbound.AtCluster(impersonation: _asRoot) : Inbound.AtBackstage(impersonation: _asRoot);

        var refusal = Refuse(request, Make.Jane, withOwnToken ? _own : _held, Make.Rule());

        if (passes)
        {
            refusal.Should().BeNull();
        }
        else
        {
            refusal!.Reason.Should().Be(RefusalReason.ImpersonationNotAllowed);
        }
    }

    [Fact]
    public void Decision5_It_does_not_pass_to_a_cluster_that_judges_no_tokens()
    {
        var open = Make.Cluster(TestCluster.Of("local", Make.Url, new CredentialDefinition.None("localKubectlProxy")));

        Refuse(Inbound.AtCluster(impersonation: _asRoot), Make.Jane, _own, open, Make.Rule())!.Reason.Should().Be(RefusalReason.ImpersonationNotAllowed);
    }

    [Fact]
    public void F21_A_token_of_the_callers_own_proves_nothing_there()
    {
        var open = Make.Cluster(TestCluster.Of("local", Make.Url, new CredentialDefinition.None("localKubectlProxy")));

        Refuse(Inbound.AtBackstage(), Make.Jane, _own, open)!.Reason.Should().Be(RefusalReason.NotAllowed);
        Refuse(Inbound.AtBackstage(), Make.Jane, _own, open, Make.Rule()).Should().BeNull();
    }

    [Fact]
    public void T02_What_is_no_impersonation_is_refused_rather_than_dropped()
    {
        var refusal = Refuse(Inbound.AtCluster(impersonation: new RequestedImpersonation(null, "Impersonate-Future is no header of it")), Make.Jane, _own);

        refusal!.Reason.Should().Be(RefusalReason.InvalidRequest);
        refusal.Message.Should().Contain("Impersonate-Future");
    }

    [Fact]
    public void F52_Who_has_decided_can_be_said_afterwards()
    {
        JudgementOf(_held, Make.Rule() with { Label = "mine" })!.ToString().Should().Be("rule mine");
        JudgementOf(_held, Make.Rule() with { Label = "not-mine", Denies = true }, Make.Rule())!.ToString().Should().Be("rule not-mine");
        JudgementOf(_held)!.ToString().Should().Be("no rule");
        JudgementOf(_own)!.ToString().Should().Be("cluster");
        JudgementOf(_own, Make.Rule() with { Label = "not-mine", Denies = true })!.ToString().Should().Be("rule not-mine");
    }

    private static Judgement? JudgementOf(CredentialPlan plan, params AccessRule[] rules)
    {
        var request = Inbound.AtCluster();
        Decision.Refuse(request, (DoorRoute.Proxy)request.Route, Make.Jane, Make.Held("kind"), Make.Action("GET", "/api/v1/namespaces/n/pods"), plan, new AccessPolicy(rules), out var judgement);
        return judgement;
    }

    private static Refusal? Refuse(InboundRequest request, Caller caller, CredentialPlan plan, params AccessRule[] rules) =>
        Refuse(request, caller, plan, Make.Held("kind"), rules);

    private static Refusal? Refuse(InboundRequest request, Caller caller, CredentialPlan plan, Cluster cluster, params AccessRule[] rules) => Decision.Refuse(
        request, (DoorRoute.Proxy)request.Route, caller, cluster, Make.Action("GET", "/api/v1/namespaces/n/pods"), plan, new AccessPolicy(rules), out _);
}
