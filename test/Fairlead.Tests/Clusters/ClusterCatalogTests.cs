using AwesomeAssertions;
using CsCheck;
using Fairlead.Clusters;
using Fairlead.Tests.Doors;
using Xunit;

namespace Fairlead.Tests.Clusters;

public sealed class ClusterCatalogTests
{
    [Theory]
    [InlineData("prod")]
    [InlineData("config/prod")]
    [InlineData("config--prod")]
    public void B31_A_unique_cluster_goes_by_its_plain_and_its_qualified_name(string name) =>
        Found(new ClusterCatalog([Make.Held("kind"), Make.Held("prod")]), name).Should().Be("config/prod");

    [Theory]
    [InlineData("my cluster")]
    [InlineData("my__cluster")]
    [InlineData("config/my cluster")]
    [InlineData("config--my__cluster")]
    public void Decision2_So_does_one_with_a_blank_in_its_name(string name) =>
        Found(new ClusterCatalog([Make.Held("my cluster")]), name).Should().Be("config/my cluster");

    [Theory]
    [InlineData("arn:aws:eks:eu-1:1:cluster/prod")]
    [InlineData("arn:aws:eks:eu-1:1:cluster--prod")]
    [InlineData("kube/arn:aws:eks:eu-1:1:cluster/prod")]
    [InlineData("kube--arn:aws:eks:eu-1:1:cluster--prod")]
    public void Decision2_And_one_with_a_slash(string name) =>
        Found(new ClusterCatalog([Make.Held("arn:aws:eks:eu-1:1:cluster/prod", "kube")]), name).Should().Be("kube/arn:aws:eks:eu-1:1:cluster/prod");

    [Theory]
    [InlineData("KIND")]
    [InlineData("kin")]
    [InlineData("kindx")]
    [InlineData(" kind")]
    [InlineData("kind ")]
    [InlineData("other/kind")]
    [InlineData("Config/kind")]
    [InlineData("config/")]
    [InlineData("/kind")]
    [InlineData("config%2Fkind")]
    [InlineData("kind, kind")]
    public void B24_T45_Anything_but_an_exact_name_is_unknown(string name) =>
        new ClusterCatalog([Make.Held("kind")]).Find(name).Should().Be(new ClusterLookup.Unknown(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void B19_B20_B21_B23_No_name_means_the_only_cluster_there_is(string? name)
    {
        Found(new ClusterCatalog([Make.Held("kind")]), name).Should().Be("config/kind");
        new ClusterCatalog([]).Find(name).Should().Be(new ClusterLookup.Unnamed(0));
        new ClusterCatalog([Make.Held("a"), Make.Held("b")]).Find(name).Should().Be(new ClusterLookup.Unnamed(2));
    }

    [Fact]
    public void B26_B27_A_shared_name_is_ambiguous_and_the_qualified_names_are_not()
    {
        var catalog = new ClusterCatalog([Make.Held("prod"), Make.Held("prod", "other"), Make.Held("kind")]);

        Candidates(catalog, "prod").Should().BeEquivalentTo("config/prod", "other/prod");
        Found(catalog, "config/prod").Should().Be("config/prod");
        Found(catalog, "other--prod").Should().Be("other/prod");
        catalog.Clusters.Select(catalog.AddressableName).Should().Equal("config/prod", "other/prod", "kind");
    }

    [Fact]
    public void F10_A_plain_name_that_equals_anothers_qualified_name_is_ambiguous()
    {
        var catalog = new ClusterCatalog([Make.Held("prod"), Make.Held("config/prod", "kube")]);

        Candidates(catalog, "config/prod").Should().BeEquivalentTo("config/prod", "kube/config/prod");
        Candidates(catalog, "config--prod").Should().BeEquivalentTo("config/prod", "kube/config/prod");
        Found(catalog, "prod").Should().Be("config/prod");
        Found(catalog, "kube/config/prod").Should().Be("kube/config/prod");
        catalog.Clusters.Select(catalog.AddressableName).Should().Equal("prod", "kube/config/prod");
    }

    [Fact]
    public void Decision2_A_spelling_that_two_names_share_in_a_URL_is_ambiguous()
    {
        var catalog = new ClusterCatalog([Make.Held("a b"), Make.Held("a__b")]);

        Candidates(catalog, "a__b").Should().BeEquivalentTo("config/a b", "config/a__b");
        Found(catalog, "a b").Should().Be("config/a b");
    }

    [Fact]
    public void B28_The_order_of_the_sources_changes_no_answer() =>
        Gen.Select(Gen.Select(Targets.OneOf("a", "b", "a--b"), Targets.OneOf("x", "y", "a/x", "b--x", "x y", "x__y", "a")).Array[1, 6], Gen.Int)
            .Sample(static (names, seed) =>
            {
                var clusters = names.Distinct().Select(static name => Make.Held(name.Item2, name.Item1)).ToArray();
                var shuffled = clusters.ToArray();
                new Random(seed).Shuffle(shuffled);
                var (one, other) = (new ClusterCatalog(clusters), new ClusterCatalog(shuffled));
                return clusters.SelectMany(Spellings).All(name => string.Equals(Describe(one, name), Describe(other, name), StringComparison.Ordinal))
                    && clusters.All(cluster => string.Equals(one.AddressableName(cluster), other.AddressableName(cluster), StringComparison.Ordinal));
            });

    [Fact]
    public void F10_Every_spelling_leads_to_its_cluster_or_to_an_ambiguity_with_it_and_never_to_another() =>
        Gen.Select(Targets.OneOf("a", "b", "a--b"), Targets.OneOf("x", "y", "a/x", "b--x", "x y", "x__y", "a")).Array[1, 6].Sample(static names =>
        {
            var catalog = new ClusterCatalog([.. names.Distinct().Select(static name => Make.Held(name.Item2, name.Item1))]);
            return catalog.Clusters.Select(catalog.AddressableName).Distinct(StringComparer.Ordinal).Count() == catalog.Clusters.Count
                && catalog.Clusters.All(cluster => Spellings(cluster).All(name => catalog.Find(name) switch
                {
                    ClusterLookup.Found found => ReferenceEquals(found.Cluster, cluster),
                    ClusterLookup.Ambiguous ambiguous => ambiguous.Candidates.Count > 1 && ambiguous.Candidates.Contains(cluster),
                    _ => false,
                }));
        });

    private static string[] Spellings(Cluster cluster) =>
        [cluster.Definition.Name, cluster.Definition.QualifiedName, ClusterNames.ForUrl(cluster.Definition.Name), ClusterNames.ForUrl(cluster.Definition.QualifiedName)];

    private static string? Found(ClusterCatalog catalog, string? name) => (catalog.Find(name) as ClusterLookup.Found)?.Cluster.Definition.QualifiedName;

    private static IEnumerable<string> Candidates(ClusterCatalog catalog, string name) =>
        ((ClusterLookup.Ambiguous)catalog.Find(name)).Candidates.Select(static cluster => cluster.Definition.QualifiedName);

    private static string Describe(ClusterCatalog catalog, string name) =>
        Found(catalog, name) ?? string.Join(' ', Candidates(catalog, name).Order(StringComparer.Ordinal));
}
