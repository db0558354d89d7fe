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
    public async Task A_pipe_is_not_waited_for_and_a_file_without_content_leaves_what_was_there()
    {
        Write("a.yaml", "https://a");
        var before = Read();
        _folder.Write("clusters/a.yaml", "");
        (await Fairlead.Testing.Processes.ProcessRunner.RunAsync("/usr/bin/env", ["mkfifo", _folder.Of("clusters/pipe")])).ExitCode.Should().Be(0);

        var after = await Task.Run(Read0).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        after.WithUnreadOf(before).Clusters.Select(static one => one.QualifiedName).Should().Equal("dir/a/ctx");

        ClusterSourceResult Read0() => Read();
    }

    [Fact]
    public void What_editors_leave_behind_is_passed_over()
    {
        Write("a.yaml", "https://a");
        foreach (var name in (string[])["a.yaml~", "#a.yaml#", "a.bak", "a.yaml.orig", "a.SAVE", "a.yaml.swp", "a.tmp"])
        {
            Write(name, "https://old");
        }

        var result = Read();

        result.Clusters.Select(static one => one.Connection.Server.Host).Should().Equal("a");
        result.Problems.Should().BeEmpty();
    }

    [Fact]
    public void A_broken_file_does_not_double_what_a_sound_one_of_its_scope_gives()
    {
        Write("a.yaml", "https://a");
        var before = Read();
        Write("a.yaml", "https://b");
        _folder.Write("clusters/a.json", "{");

        var after = Read().WithUnreadOf(before);

        after.Clusters.Select(static one => (one.QualifiedName, one.Connection.Server.Host)).Should().Equal(("dir/a/ctx", "b"));
    }

    [Fact]
    public void A_file_that_is_half_written_leaves_what_was_there_though_another_is_absent()
    {
        var (absent, own) = (_folder.Of("absent"), _folder.Write("own", Text("https://own")));
        var before = Read(absent, own);
        _folder.Write("own", "users: [");

        Read(absent, own).WithUnreadOf(before).Clusters.Select(static one => one.Connection.Server.Host).Should().Equal("own");
    }

    [Fact]
    public void A_folder_that_is_gone_for_the_moment_leaves_all_its_clusters()
    {
        Write("a.yaml", "https://a");
        var own = _folder.Write("own", Text("https://own"));
        string[] paths = [own, _folder.Of("clusters")];
        var before = Read(paths);
        Directory.Move(paths[1], _folder.Of("away"));

        var once = Read(paths).WithUnreadOf(before);
        var twice = Read(paths).WithUnreadOf(once);

        twice.Clusters.Select(static one => one.QualifiedName).Should().Equal("dir/ctx", "dir/a/ctx");
        twice.Problems.Should().ContainSingle().Which.Should().Contain(paths[1]);
        Directory.Move(_folder.Of("away"), paths[1]);
        File.Delete(_folder.Of("clusters/a.yaml"));
        Read(paths).WithUnreadOf(twice).Clusters.Select(static one => one.QualifiedName).Should().Equal("dir/ctx");
    }

    [Fact]
    public void A_file_that_is_deleted_takes_its_clusters_away()
    {
        Write("a.yaml", "https://a");
        Write("b.yaml", "https://b");
        var before = Read();
        File.Delete(_folder.Of("clusters/a.yaml"));

        Read().WithUnreadOf(before).Clusters.Select(static one => one.QualifiedName).Should().Equal("dir/b/ctx");
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
