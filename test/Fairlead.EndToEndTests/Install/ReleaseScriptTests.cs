using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.EndToEndTests.Install;

/// <summary>What <c>deploy/release.sh</c> refuses to release, in a clone of the repository. That it releases is shown by running it: it takes minutes.</summary>
public sealed class ReleaseScriptTests : IDisposable
{
    private readonly TempFolder _clone = new();

    [Fact]
    public async Task No_release_without_the_version_a_clean_tree_and_notes()
    {
        await RunAsync("git", "clone", "--quiet", "--depth", "1", $"file://{ExternalTools.RepositoryRoot()}", ".");
        await RunAsync("git", "config", "user.email", "nobody@example.com");
        await RunAsync("git", "config", "user.name", "nobody");
        _clone.Write("Directory.Build.props", "<Project><PropertyGroup><VersionPrefix>9.8.7</VersionPrefix></PropertyGroup></Project>");

        (await ReleaseAsync("9.8.6")).Should().Contain("Directory.Build.props says 9.8.7");
        (await ReleaseAsync("9.8.7")).Should().Contain("the work tree has changes");
        await RunAsync("git", "commit", "--quiet", "--all", "--message", "version");
        (await ReleaseAsync("9.8.7")).Should().Contain("Chart.yaml is not 9.8.7");
        _clone.Write("deploy/helm/fairlead/Chart.yaml", "apiVersion: v2\nname: fairlead\nversion: 9.8.7\nappVersion: 9.8.7\n");
        _clone.Write("CHANGELOG.md", "# Changelog\n\n## [9.8.7]\n\n## [9.8.6]\n\n- Something.\n");
        await RunAsync("git", "commit", "--quiet", "--all", "--message", "chart");
        (await ReleaseAsync("9.8.7")).Should().Contain("no notes under ## [9.8.7]");
    }

    /// <inheritdoc/>
    public void Dispose() => _clone.Dispose();

    private async Task<string> ReleaseAsync(string version)
    {
        var result = await ProcessRunner.RunAsync(_clone.PathOf("deploy/release.sh"), [version], workingDirectory: _clone.Path);
        result.ExitCode.Should().Be(1, result.ToString());
        Directory.Exists(_clone.PathOf("artifacts")).Should().BeFalse();
        return result.Errors;
    }

    private async Task RunAsync(string file, params string[] arguments) => (await ProcessRunner.RunAsync(file, arguments, workingDirectory: _clone.Path)).Succeeded();
}
