using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.Tests.Clusters.Sources;

/// <summary>What the clusters of all sources are called (contract F10, F11).</summary>
public sealed class FoundClustersTests
{
    [Fact]
    public void A_prefix_stands_before_every_name_and_an_alias_instead_of_one()
    {
        var found = Find(Config("config", "a", "b", "c") with { Prefix = "eu-", Aliases = [new("b", "second")] });

        found.Definitions.Select(static one => one.QualifiedName).Should().Equal("config/eu-a", "config/second", "config/eu-c");
        found.Problems.Should().BeEmpty();
    }

    [Fact]
    public void An_alias_with_the_scope_says_more_than_one_without()
    {
        var config = new ClusterLocator.Config("config", [Of("config", "prod") with { Scope = "x" }, Of("config", "prod") with { Scope = "y" }]) { Aliases = [new("prod", "plain"), new("y/prod", "scoped")] };

        Find(config).Definitions.Select(static one => one.QualifiedName).Should().Equal("config/x/plain", "config/y/scoped");
    }

    [Fact]
    public void An_alias_that_no_cluster_has_is_a_problem_of_its_source() =>
        Find(Config("config", "a") with { Aliases = [new("zzz", "b")] }).Problems.Should().Equal(("config", "aliases: it has no cluster 'zzz'"));

    [Fact]
    public void Two_clusters_of_one_qualified_name_are_both_left_out()
    {
        var found = Find(Config("config", "a", "b", "c") with { Aliases = [new("a", "same"), new("b", "same")] });

        found.Definitions.Select(static one => one.Name).Should().Equal("c");
        found.Problems.Should().ContainSingle().Which.Problem.Should().Contain("several clusters are called 'config/same'");
    }

    [Theory]
    [InlineData("config/prod")]
    [InlineData("config--prod")]
    [InlineData("catalog--stage")]
    [InlineData("catalog--default--stage")]
    [InlineData("default/stage")]
    [InlineData("other/stage")]
    [InlineData("other--stage")]
    public async Task T45_A_cluster_from_elsewhere_cannot_take_anothers_qualified_name(string name)
    {
        await using var portal = Remote.Portal(("default", "stage"), ("default", name));
        var catalog = new ClusterLocator.BackstageCatalog("catalog", TimeSpan.FromMinutes(1)) { Url = new Uri(portal.Url) };
        var options = new GatewayOptions { ClusterLocators = [Config("config", "prod"), catalog] };
        var remote = Remote.Nobody();
        (await remote.AskAsync(catalog, CancellationToken.None)).Should().BeTrue(remote.StateOf(catalog)?.Problem);

        var found = FoundClusters.By(options, Local, remote, []);

        found.Definitions.Select(static one => one.QualifiedName).Should().Equal("config/prod", "catalog/default/stage");
        found.Problems.Should().ContainSingle().Which.Problem.Should().Contain("part qualified names");
    }

    [Fact]
    public async Task T45_An_alias_is_for_the_cluster_that_is_meant_and_not_for_one_that_calls_itself_so()
    {
        await using var portal = Remote.Portal(("other", "team/prod"), ("team", "stage"));
        var catalog = new ClusterLocator.BackstageCatalog("catalog", TimeSpan.FromMinutes(1)) { Url = new Uri(portal.Url), Aliases = [new("team/prod", "prod"), new("team/stage", "stage-1")] };
        var remote = Remote.Nobody();
        (await remote.AskAsync(catalog, CancellationToken.None)).Should().BeTrue(remote.StateOf(catalog)?.Problem);

        FoundClusters.By(new GatewayOptions { ClusterLocators = [catalog] }, Local, remote, []).Definitions.Select(static one => one.QualifiedName).Should().Equal("catalog/team/stage-1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task T47_The_gateways_own_cloud_identity_is_for_no_server_of_somebody_elses_choice(bool isAllowed)
    {
        await using var portal = Remote.PortalWith("azure", ("team", "stage"));
        var catalog = new ClusterLocator.BackstageCatalog("catalog", TimeSpan.FromMinutes(1)) { Url = new Uri(portal.Url), AllowsGatewayCredentials = isAllowed };
        var remote = Remote.Nobody();
        (await remote.AskAsync(catalog, CancellationToken.None)).Should().BeTrue(remote.StateOf(catalog)?.Problem);

        var cluster = FoundClusters.By(new GatewayOptions { ClusterLocators = [catalog] }, Local, remote, []).Definitions.Should().ContainSingle().Subject;

        cluster.Credential.Should().BeOfType(isAllowed ? typeof(CredentialDefinition.Azure) : typeof(CredentialDefinition.Unavailable));
        (CatalogFactory.FindProblem(cluster, TimeProvider.System) is { } problem && problem.Contains("dangerouslyAllowGatewayCredentials: true", StringComparison.Ordinal)).Should().Be(!isAllowed);
    }

    [Fact]
    public async Task What_a_source_has_said_stands_when_it_is_asked_in_another_way()
    {
        await using var portal = Remote.Portal(("team", "stage"));
        var catalog = new ClusterLocator.BackstageCatalog("catalog", TimeSpan.FromMinutes(1)) { Url = new Uri(portal.Url) };
        var remote = Remote.Nobody();
        await remote.AskAsync(catalog, CancellationToken.None);

        var changed = catalog with { Token = new("another"), Refresh = TimeSpan.FromHours(1), Prefix = "eu-" };
        remote.Keep([changed]);

        FoundClusters.By(new GatewayOptions { ClusterLocators = [changed] }, Local, remote, []).Definitions.Select(static one => one.Name).Should().Equal("eu-stage");
        remote.Find(catalog with { Url = new Uri("https://other.test") }).Clusters.Should().BeEmpty();
    }

    [Fact]
    public void F49_What_cannot_be_read_for_the_moment_stands_as_it_was()
    {
        var last = new Dictionary<ClusterLocator, ClusterSourceResult>();
        var results = new Queue<ClusterSourceResult>([
            new([Of("k", "a") with { Scope = "one" }, Of("k", "b") with { Scope = "two" }], []),
            new([Of("k", "b") with { Scope = "two" }], ["one.yaml: line 3"]) { Unread = ["one"] },
            new([Of("k", "b") with { Scope = "two" }], ["one.yaml: line 4"]) { Unread = ["one"] },
            new([Of("k", "b") with { Scope = "two" }], []),
        ]);
        var options = new GatewayOptions { ClusterLocators = [new ClusterLocator.Kubeconfig("k", ["/folder"], [])] };

        string[][] names = [.. Enumerable.Range(0, 4).Select(_ => FoundClusters.By(options, _ => results.Dequeue(), Remote.Nobody(), last).Definitions.Select(static one => one.Name).Order(StringComparer.Ordinal).ToArray())];

        names.Should().BeEquivalentTo<string[]>([["a", "b"], ["a", "b"], ["a", "b"], ["b"]]);
    }

    [Fact]
    public async Task T45_A_name_is_not_taken_while_another_source_has_not_said_whether_it_is_its_own()
    {
        await using var portal = Remote.Portal(("team", "prod"));
        var catalog = new ClusterLocator.BackstageCatalog("catalog", TimeSpan.FromMinutes(1)) { Url = new Uri(portal.Url) };
        var other = new ClusterLocator.BackstageCatalog("other", TimeSpan.FromMinutes(1)) { Url = new Uri(portal.Url) };
        var remote = Remote.Nobody();
        await remote.AskAsync(catalog, CancellationToken.None);
        var silent = new ClusterLocator.BackstageCatalog("silent", TimeSpan.FromMinutes(1));
        var options = new GatewayOptions { ClusterLocators = [catalog, other, silent] };

        FoundClusters.By(options, Local, remote, []).FullNameOnly.Should().Equal("catalog/team/prod");
        await remote.AskAsync(other, CancellationToken.None);
        FoundClusters.By(options, Local, remote, []).FullNameOnly.Should().BeEmpty();
    }

    [Fact]
    public void T45_A_context_of_a_folder_takes_no_name_below_another_source()
    {
        var options = new GatewayOptions { ClusterLocators = [Config("config", "prod"), new ClusterLocator.Kubeconfig("teams", ["/folder"], [])] };

        var found = FoundClusters.By(
            options, locator => locator is ClusterLocator.Kubeconfig ? new([Of("teams", "config/prod") with { Scope = "a" }, Of("teams", "config--prod") with { Scope = "a" }, Of("teams", "arn:aws:eks:eu-central-1:1:cluster/prod") with { Scope = "a" }], []) : Local(locator), Remote.Nobody(), []);

        found.Definitions.Select(static one => one.Name).Should().Equal("prod", "arn:aws:eks:eu-central-1:1:cluster/prod");
    }

    [Fact]
    public void What_stood_for_one_configuration_does_not_stand_for_another()
    {
        var last = new Dictionary<ClusterLocator, ClusterSourceResult>();
        var locator = new ClusterLocator.Kubeconfig("k", ["/folder"], []) { Exec = new() { AllowedCommands = ["aws"] } };
        FoundClusters.By(new GatewayOptions { ClusterLocators = [locator] }, _ => new([Of("k", "a")], []), Remote.Nobody(), last).Definitions.Should().ContainSingle();

        FoundClusters.By(new GatewayOptions { ClusterLocators = [locator with { Exec = new() }] }, _ => new([], ["half-written"]) { Unread = [null] }, Remote.Nobody(), last).Definitions.Should().BeEmpty();
    }

    [Fact]
    public async Task T47_Logins_of_callers_go_to_no_server_of_somebody_elses_choice()
    {
        await using var portal = Remote.Portal(("team", "stage"));
        var catalog = new ClusterLocator.BackstageCatalog("catalog", TimeSpan.FromMinutes(1)) { Url = new Uri(portal.Url) };
        var remote = Remote.Nobody();
        await remote.AskAsync(catalog, CancellationToken.None);

        FoundClusters.By(new GatewayOptions { ClusterLocators = [catalog] }, Local, remote, []).Definitions.Single().Credential.Should().BeOfType<CredentialDefinition.ClientSide>().Which.TakesIssuedTokens.Should().BeFalse();
    }

    private static FoundClusters Find(ClusterLocator.Config config) => FoundClusters.By(new GatewayOptions { ClusterLocators = [config] }, Local, Remote.Nobody(), []);

    private static ClusterSourceResult Local(ClusterLocator locator) => ClusterSourceReader.Read(locator, new Dictionary<string, string>(StringComparer.Ordinal));

    private static ClusterLocator.Config Config(string name, params string[] clusters) => new(name, [.. clusters.Select(cluster => Of(name, cluster))]);

    private static ClusterDefinition Of(string locator, string name) => TestCluster.Held(name, "https://h") with { Locator = locator };
}
