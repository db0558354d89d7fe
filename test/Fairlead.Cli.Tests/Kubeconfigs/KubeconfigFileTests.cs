using AwesomeAssertions;
using Fairlead.Cli.Kubeconfigs;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.Cli.Tests.Kubeconfigs;

/// <summary>How a kubeconfig file is changed.</summary>
public sealed class KubeconfigFileTests : IDisposable
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_is_its_owners_alone()
    {
        var path = _folder.PathOf(".kube/config");

        KubeconfigFile.Change(path, Add);

        File.ReadAllText(path).Should().Contain("https://gw/clusters/c");
        File.GetUnixFileMode(path).Should().Be(OwnerReadsAndWrites);
        Directory.EnumerateFiles(_folder.PathOf(".kube")).Should().ContainSingle("neither a lock nor a half-written file is left");
    }

    [Fact]
    public void A_link_stays_one_and_the_file_behind_it_keeps_its_mode()
    {
        var real = _folder.Write("dotfiles/kube", "apiVersion: v1\nkind: Config\n");
        File.SetUnixFileMode(real, OwnerReadsAndWrites | UnixFileMode.GroupRead);
        var link = _folder.PathOf("config");
        File.CreateSymbolicLink(link, real);

        KubeconfigFile.Change(link, Add);

        new FileInfo(link).LinkTarget.Should().Be(real);
        File.ReadAllText(real).Should().Contain("https://gw/clusters/c");
        File.GetUnixFileMode(real).Should().Be(OwnerReadsAndWrites | UnixFileMode.GroupRead);
    }

    [Fact]
    public void While_kubectl_changes_it_nobody_else_does()
    {
        var path = _folder.Write("config", "apiVersion: v1\n");
        var held = _folder.Write("config.lock", "");

        FluentActions.Invoking(() => KubeconfigFile.Change(path, Add)).Should().Throw<CommandFailure>().WithMessage($"*delete {held}*");

        File.ReadAllText(path).Should().Be("apiVersion: v1\n");
        File.Exists(held).Should().BeTrue("it is somebody else's");
    }

    [Fact]
    public void A_change_that_fails_changes_nothing_and_holds_nothing()
    {
        var path = _folder.Write("config", "apiVersion: v1\n");

        FluentActions.Invoking(() => KubeconfigFile.Change(path, static _ => throw new CommandFailure("no"))).Should().Throw<CommandFailure>();

        File.ReadAllText(path).Should().Be("apiVersion: v1\n");
        Directory.EnumerateFiles(_folder.Path).Should().ContainSingle();
    }

    [Theory]
    [InlineData("/a/config:/b/config", "/a/config")]
    [InlineData(":/b/config", "/b/config")]
    [InlineData(null, "/home/me/.kube/config")]
    public void The_file_is_the_one_that_kubectl_would_write_to(string? variable, string file) =>
        KubeconfigFile.Default(name => name is "KUBECONFIG" ? variable : name is "HOME" ? "/home/me" : null).Should().Be(file);

    [Fact]
    public void Kubectl_starts_the_program_by_its_name_where_that_finds_it()
    {
        var program = _folder.Write("opt/1.0/fairlead", "");
        Directory.CreateDirectory(_folder.PathOf("bin"));
        Directory.CreateDirectory(_folder.PathOf("other"));
        File.CreateSymbolicLink(_folder.PathOf("bin/fairlead"), program);
        _folder.Write("other/fairlead", "");

        PluginCommand.Of(program, _ => _folder.PathOf("bin")).Should().Be("fairlead");
        PluginCommand.Of(program, _ => $"{_folder.PathOf("other")}:{_folder.PathOf("bin")}").Should().Be(program, "another program of that name comes first");
        PluginCommand.Of(program, _ => "relative:").Should().Be(program);
    }

    private static void Add(KubeconfigDocument document) => document.SetCluster("c", "https://gw/clusters/c", null, "u");
}
