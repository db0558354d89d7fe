using System.Text;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.FirstRun;
using Fairlead.Kubernetes.Secrets;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Fairlead.Tests.FirstRun;

public sealed class KubeconfigFileTests
{
    private const string Authority = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

    [Fact]
    public void Decision7_It_has_a_context_for_every_cluster_and_the_first_is_in_force()
    {
        using var file = Write(Make.Held("kind"), Make.Held("prod"));
        var yaml = Read(file);

        yaml["current-context"].ToString().Should().Be("kind");
        Names(yaml, "contexts").Should().Equal("kind", "prod");
        Names(yaml, "clusters").Should().Equal("kind", "prod");
        Servers(yaml).Should().Equal("https://127.0.0.1:8443/gw/clusters/kind", "https://127.0.0.1:8443/gw/clusters/prod");
        yaml["users"][0]["user"]["token"].ToString().Should().Be("the-token");
        Encoding.UTF8.GetString(Convert.FromBase64String(yaml["clusters"][0]["cluster"]["certificate-authority-data"].ToString())).Should().Be(Authority);
    }

    [Fact]
    public void Decision2_Clusters_that_share_a_name_stand_under_their_qualified_names()
    {
        using var file = Write(Make.Held("prod"), Make.Held("prod", "other"));
        var yaml = Read(file);

        Names(yaml, "contexts").Should().Equal("config/prod", "other/prod");
        Servers(yaml).Should().Equal("https://127.0.0.1:8443/gw/clusters/config--prod", "https://127.0.0.1:8443/gw/clusters/other--prod");
    }

    [Theory]
    [InlineData("a b", "a__b")]
    [InlineData("arn:aws:eks:eu-1:1:cluster/prod", "arn%3Aaws%3Aeks%3Aeu-1%3A1%3Acluster--prod")]
    [InlineData("quote\"and\\back: {slash}", "quote%22and%5Cback%3A__%7Bslash%7D")]
    [InlineData("caf\u00e9", "caf%C3%A9")]
    [InlineData("yes", "yes")]
    public void A_name_is_quoted_for_YAML_and_escaped_for_the_URL(string name, string inUrl)
    {
        using var file = Write(Make.Held(name));
        var yaml = Read(file);

        Names(yaml, "contexts").Should().Equal(name);
        Servers(yaml).Should().Equal("https://127.0.0.1:8443/gw/clusters/" + inUrl);
    }

    [Fact]
    public void Only_its_owner_reads_it_and_it_goes_with_the_server()
    {
        string path;
        using (var file = Write(Make.Held("kind")))
        {
            path = file.Path;
            File.GetUnixFileMode(path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.GetUnixFileMode(Path.GetDirectoryName(path)!).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        File.Exists(path).Should().BeFalse();
        Directory.Exists(Path.GetDirectoryName(path)).Should().BeFalse();
    }

    [Fact]
    public void Without_clusters_there_is_no_context_in_force()
    {
        using var file = Write();

        Read(file).Children.ContainsKey("current-context").Should().BeFalse();
    }

    private static KubeconfigFile Write(params Cluster[] clusters) =>
        KubeconfigFile.Write(new Uri("https://127.0.0.1:8443"), "/gw", Authority, new Secret("the-token"), new ClusterCatalog(clusters));

    private static YamlMappingNode Read(KubeconfigFile file)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(file.Path)));
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static IEnumerable<string> Names(YamlMappingNode yaml, string list) => Items(yaml, list).Select(static item => item["name"].ToString());

    private static IEnumerable<string> Servers(YamlMappingNode yaml) => Items(yaml, "clusters").Select(static item => item["cluster"]["server"].ToString());

    private static IEnumerable<YamlNode> Items(YamlMappingNode yaml, string list) => yaml.Children[list] as YamlSequenceNode ?? Enumerable.Empty<YamlNode>();
}
