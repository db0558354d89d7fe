using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Doors;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Fairlead.Tests.Clusters;

public sealed class ClusterStageTests
{
    private static readonly Identified _jane = Make.As(Make.Jane);
    private static readonly Identified _janeWithToken = Make.As(Make.Jane, "Bearer own");
    private static readonly Identified _stranger = Make.As(Caller.ClusterTokenHolder.Instance, "Bearer own");

    [Fact]
    public void B22_An_unknown_cluster_is_not_found()
    {
        var refusal = Refuse("zzz", _jane, [Make.Held("kind")], Make.Rule());

        refusal.Should().Be(new Refusal(RefusalReason.ClusterNotFound, "Cluster 'zzz' not found"));
    }

    [Fact]
    public void B21_Without_a_name_the_message_asks_for_the_header() =>
        Refuse(null, _jane, [Make.Held("a"), Make.Held("b")], Make.Rule()).Message.Should().Contain("Backstage-Kubernetes-Cluster");

    [Fact]
    public void B23_Without_any_cluster_none_is_found() =>
        Refuse("kind", _jane, []).Should().Be(new Refusal(RefusalReason.ClusterNotFound, "No Clusters configured"));

    [Theory]
    [InlineData("other")]
    [InlineData("config/other")]
    [InlineData("config--other")]
    public void B61_A_hidden_cluster_answers_like_an_unknown_one(string hidden)
    {
        Cluster[] clusters = [Make.Held("kind"), Make.Held("other")];

        var refusals = new[] { hidden, "zzz" }.Select(name => (name, Refuse(name, _jane, clusters, Make.Rule("kind"))));

        refusals.Should().AllSatisfy(static pair =>
            pair.Item2.Should().Be(new Refusal(RefusalReason.ClusterNotFound, $"Cluster '{pair.name}' not found")));
    }

    [Fact]
    public void B60_A_caller_without_any_rule_gets_the_same_403_for_every_name()
    {
        Cluster[] clusters = [Make.Held("kind"), Make.Held("prod"), Make.Held("prod", "other")];

        var messages = new[] { "kind", "zzz", "prod", "config/kind" }.Select(name =>
        {
            var refusal = Refuse(name, _jane, clusters, Make.Rule() with { Users = ["bob"] });
            refusal.Reason.Should().Be(RefusalReason.NotAllowed);
            return refusal.Message.Replace($"'{name}'", "''", StringComparison.Ordinal);
        });

        messages.Distinct(StringComparer.Ordinal).Should().ContainSingle().Which.Should().StartWith("Unauthorized");
    }

    [Fact]
    public void F13_A_client_side_cluster_is_there_for_everybody()
    {
        Cluster[] clusters = [Make.ClientSide("okta", "oidc", "okta"), Make.Held("kind")];

        Choose("okta", _jane, clusters, out _).Should().BeSameAs(clusters[0]);
        Refuse("kind", _jane, clusters).Message.Should().Be("Cluster 'kind' not found");
    }

    [Fact]
    public void F13_A_cluster_token_of_ones_own_reaches_any_cluster_by_its_name()
    {
        Cluster[] clusters = [Make.Held("kind"), Make.Held("other")];

        Choose("kind", _janeWithToken, clusters, out _).Should().BeSameAs(clusters[0]);
        Choose("kind", _stranger, clusters, out _).Should().BeSameAs(clusters[0]);
        Refuse("zzz", _janeWithToken, clusters).Message.Should().Be("Cluster 'zzz' not found");
    }

    [Fact]
    public void F13_A_stranger_without_a_token_sees_client_side_clusters_only()
    {
        Cluster[] clusters = [Make.ClientSide("okta", "oidc", "okta"), Make.Held("kind")];
        var stranger = Make.As(Caller.ClusterTokenHolder.Instance);

        Choose("okta", stranger, clusters, out _).Should().BeSameAs(clusters[0]);
        Refuse("kind", stranger, clusters, Make.Rule()).Message.Should().Be("Cluster 'kind' not found");
    }

    [Fact]
    public void B26_An_ambiguous_name_lists_the_qualified_names_in_one_order()
    {
        Cluster[] clusters = [Make.Held("prod", "zeta"), Make.Held("prod", "alpha")];
        var expected = new Refusal(RefusalReason.ClusterAmbiguous, "Cluster name 'prod' is ambiguous, use one of: alpha/prod, zeta/prod");

        Refuse("prod", _jane, clusters, Make.Rule()).Should().Be(expected);
        Refuse("prod", _jane, [clusters[1], clusters[0]], Make.Rule()).Should().Be(expected);
    }

    [Fact]
    public void Decision16_An_ambiguous_name_lists_only_what_the_caller_may_know_of()
    {
        Cluster[] clusters = [Make.Held("prod", "one"), Make.Held("prod", "two"), Make.ClientSide("prod", "google", locator: "three"), Make.Held("kind")];

        var refusal = Refuse("prod", _jane, clusters, Make.Rule("one/prod"));

        refusal.Reason.Should().Be(RefusalReason.ClusterAmbiguous);
        refusal.Message.Should().EndWith("one of: one/prod, three/prod");
    }

    [Fact]
    public void Decision16_An_ambiguity_among_hidden_clusters_only_answers_like_an_unknown_name()
    {
        Cluster[] clusters = [Make.Held("prod", "one"), Make.Held("prod", "two"), Make.Held("kind")];

        Refuse("prod", _jane, clusters, Make.Rule("kind")).Should().Be(new Refusal(RefusalReason.ClusterNotFound, "Cluster 'prod' not found"));
    }

    [Fact]
    public void Decision16_A_token_sent_along_gives_no_visibility()
    {
        Cluster[] clusters = [Make.Held("prod", "one"), Make.Held("prod", "two"), Make.Held("kind")];

        foreach (var identified in (Identified[])[_janeWithToken, _stranger])
        {
            var refusal = Refuse("prod", identified, clusters, Make.Rule("kind"));

            refusal.Reason.Should().Be(RefusalReason.ClusterAmbiguous);
            refusal.Message.Should().NotContain("one/").And.NotContain("two/");
        }
    }

    [Fact]
    public void B25_The_header_sent_twice_is_refused()
    {
        NameIn(Inbound.AtBackstage(cluster: new StringValues(["kind", "kind"])), out var refusal).Should().BeNull();

        refusal!.Reason.Should().Be(RefusalReason.InvalidRequest);
    }

    [Fact]
    public void The_name_stands_in_the_header_or_in_the_path()
    {
        NameIn(Inbound.AtBackstage(cluster: "kind"), out _).Should().Be("kind");
        NameIn(Inbound.AtBackstage(), out _).Should().BeNull();
        NameIn(Inbound.AtCluster(), out _).Should().Be("kind");
    }

    private static string? NameIn(InboundRequest request, out Refusal? refusal) =>
        ClusterStage.NameIn(
            request,
            (DoorRoute.Forwarded)request.Route,
            Make.As(Make.Jane),
            Make.Snapshot(),
            out refusal);

    private static Refusal Refuse(string? name, Identified identified, Cluster[] clusters, params AccessRule[] rules)
    {
        Choose(name, identified, clusters, out var refusal, rules).Should().BeNull();
        return refusal!;
    }

    private static Cluster? Choose(string? name, Identified identified, Cluster[] clusters, out Refusal? refusal, params AccessRule[] rules) =>
        ClusterStage.Choose(name, Door.Backstage, identified, new ClusterCatalog(clusters), new AccessPolicy(rules), out refusal);
}
