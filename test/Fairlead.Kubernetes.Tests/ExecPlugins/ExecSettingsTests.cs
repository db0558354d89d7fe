using AwesomeAssertions;
using Fairlead.Kubernetes.ExecPlugins;
using Xunit;

namespace Fairlead.Kubernetes.Tests.ExecPlugins;

public sealed class ExecSettingsTests : IDisposable
{
    private readonly PluginFolder _plugins = new();

    public void Dispose() => _plugins.Dispose();

    [Theory]
    [InlineData("aws", "aws", "/usr/bin/aws", true)]
    [InlineData("aws", "aws-cli", "/usr/bin/aws-cli", false)]
    [InlineData("aws", "AWS", "/usr/bin/AWS", false)]
    [InlineData("aws", "/usr/bin/aws", "/usr/bin/aws", false)]
    [InlineData("/usr/bin/aws", "/usr/bin/aws", "/usr/bin/aws", true)]
    [InlineData("/usr/bin/aws", "aws", "/usr/bin/aws", true)]
    [InlineData("/usr/bin/aws", "aws", "/opt/bin/aws", false)]
    [InlineData("/usr/bin/aws", "/opt/bin/aws", "/opt/bin/aws", false)]
    [InlineData("/usr/bin/aws", "awx", "/usr/bin/aws", true)]
    [InlineData("*", "aws", "/usr/bin/aws", false)]
    public void A_name_allows_that_name_and_a_path_that_file(string entry, string command, string path, bool isAllowed) =>
        new ExecSettings { AllowedCommands = ["other", entry] }.Allows(command, path).Should().Be(isAllowed);

    [Fact]
    public void Nothing_is_allowed_unless_it_is_said() => new ExecSettings().Allows("aws", "/usr/bin/aws").Should().BeFalse();

    [Fact]
    public void The_settings_of_a_command_hold_what_may_allow_it()
    {
        var settings = new ExecSettings { AllowedCommands = ["aws", "/usr/bin/aws", "/opt/bin/aws", "gcloud", "/usr/bin/awsx"], MaxOutput = 7 };

        settings.For("aws").Should().Be(new ExecSettings { AllowedCommands = ["aws", "/usr/bin/aws", "/opt/bin/aws"], MaxOutput = 7 });
        settings.For("/usr/bin/aws").AllowedCommands.Should().Equal("/usr/bin/aws");
        settings.For("kubelogin").AllowedCommands.Should().BeEmpty();
    }

    [Fact]
    public void A_name_is_the_first_program_of_that_name_in_PATH()
    {
        var path = _plugins.Script("true");
        Directory.CreateDirectory(_plugins.Folder.Of("sub/plugin"));
        File.SetUnixFileMode(_plugins.Folder.Write("data/plugin", ""), UnixFileMode.UserRead);

        ExecCommand.Find("plugin", $"/nowhere:{_plugins.Folder.Of("sub")}:{_plugins.Folder.Of("data")}:{_plugins.Folder.Path}").Should().Be(path);
        ExecCommand.Find("plugin", $"{_plugins.Folder.Of("sub")}:{_plugins.Folder.Of("data")}").Should().BeNull();
        ExecCommand.Find("plugin", ".:relative:").Should().BeNull();
        ExecCommand.Find("plugin", null).Should().BeNull();
    }

    [Fact]
    public void A_path_is_taken_as_it_is() => ExecCommand.Find("/no/such/../file", "/usr/bin").Should().Be("/no/file");
}
