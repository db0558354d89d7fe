using AwesomeAssertions;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Tests.Clusters.Sources;

/// <summary>A folder of kubeconfigs: no file knows of another.</summary>
public sealed class KubeconfigFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Every_file_is_a_scope_of_its_own_and_names_of_others_mean_nothing_in_it()
    {
        Write("a.yaml", "https://a");
        Write("b.yaml", "https://b");
        _folder.Write("clusters/c.yaml", "contexts: [{ name: stolen, context: { cluster: c, user: u } }]");

        var result = Read();

        result.Clusters.Select(static one => (one.QualifiedName, one.Connection.Server.Host)).Should().Equal(("dir/a/ctx", "a"), ("dir/b/ctx", "b"), ("dir/c/stolen", "cluster.invalid"));
        result.Clusters[2].Problem.Should().Contain("no file has under 'clusters'");
        result.Problems.Should().BeEmpty();
    }

    [Fact]
    public void A_broken_file_breaks_its_own_contexts_and_hidden_ones_and_folders_are_none()
    {
        Write("a.yaml", "https://a");
        _folder.Write("clusters/b.yaml", "users: [");
        _folder.Write("clusters/.hidden", "users: [");
        _folder.Write("clusters/sub/c.yaml", "users: [");

        var result = Read();

        result.Clusters.Select(static one => one.Name).Should().Equal("ctx");
        result.Problems.Should().ContainSingle().Which.Should().Contain("b.yaml");
    }

    [Fact]
    public void A_file_beside_a_folder_has_no_scope()
    {
        Write("a.yaml", "https://a");
        var own = _folder.Write("own", Text("https://own"));

        Read(own, _folder.Of("clusters")).Clusters.Select(static one => one.QualifiedName).Should().Equal("dir/ctx", "dir/a/ctx");
    }

    [Fact]
    public void A_folder_that_is_missing_is_a_problem_until_it_is_there()
    {
        var missing = Read();
        missing.Problems.Should().ContainSingle();

        Write("a.yaml", "https://a");

        missing.Files.Should().Contain(static file => FileStamp.Of(file.Path) != file.Stamp, "its coming is seen");
        Read().Clusters.Should().ContainSingle();
    }

    [Fact]
    public void A_mounted_ConfigMap_that_is_exchanged_shows()
    {
        using var mounted = new MountedFolder();
        mounted.Publish(("a.yaml", Text("https://a")));
        var first = Read(mounted.Of("."));
        first.Clusters.Select(static one => one.QualifiedName).Should().Equal("dir/a/ctx");
        first.Files.Should().OnlyContain(static file => FileStamp.Of(file.Path) == file.Stamp);

        mounted.Publish(("a.yaml", Text("https://b")));

        first.Files.Should().Contain(static file => FileStamp.Of(file.Path) != file.Stamp);
        Read(mounted.Of(".")).Clusters[0].Connection.Server.Host.Should().Be("b");
    }

    public void Dispose() => _folder.Dispose();

    private static string Text(string server) => $$"""
        clusters: [{ name: c, cluster: { server: {{server}} } }]
        users: [{ name: u, user: { token: t } }]
        contexts: [{ name: ctx, context: { cluster: c, user: u } }]
        """;

    private void Write(string name, string server) => _folder.Write("clusters/" + name, Text(server));

    private ClusterSourceResult Read(params string[] paths) =>
        KubeconfigClusters.Read(new ClusterLocator.Kubeconfig("dir", paths.Length > 0 ? [.. paths] : [_folder.Of("clusters")], []));
}
