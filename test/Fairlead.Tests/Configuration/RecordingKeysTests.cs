using AwesomeAssertions;
using Fairlead.Configuration;
using Xunit;

namespace Fairlead.Tests.Configuration;

public sealed class RecordingKeysTests : IDisposable
{
    private readonly Loading _loading = new();

    public void Dispose() => _loading.Dispose();

    [Fact]
    public void Without_the_section_nothing_is_recorded() => _loading.Options("baseUrl: /").Recording.Should().BeNull();

    [Fact]
    public void A_folder_alone_means_every_session_and_none_without()
    {
        var options = _loading.Options("recording: { folder: /rec }").Recording!;

        options.Folder.Should().Be("/rec");
        options.Input.Should().BeFalse("passwords are typed");
        options.MaxSize.Should().Be(100 << 20);
        options.Rules.Should().Equal(RecordingRule.Everything);
    }

    [Fact]
    public void All_values_arrive()
    {
        var options = _loading.Options("""
            recording:
              folder: /rec
              input: true
              maxSize: unlimited
              rules:
                - { subjects: { users: [jane], groups: [devs] }, clusters: [prod-*], namespaces: [team-a, team-b] }
                - { required: false }
            """).Recording!;

        options.Input.Should().BeTrue();
        options.MaxSize.Should().BeNull();
        var (first, second) = (options.Rules[0], options.Rules[1]);
        first.IsRequired.Should().BeTrue();
        first.Sessions.Denies.Should().BeTrue("somebody unknown is recorded too");
        first.Sessions.Users.Should().Equal("jane");
        first.Sessions.Groups.Should().Equal("devs");
        first.Sessions.Clusters.Should().Equal("prod-*");
        first.Sessions.Namespaces.Should().Equal("team-a", "team-b");
        second.IsRequired.Should().BeFalse();
        second.Sessions.Users.Should().Equal("*");
        second.Sessions.Clusters.Should().Equal("*");
    }

    [Theory]
    [InlineData("recording: {}", "recording.folder", "is missing; recordings are files")]
    [InlineData("recording: { folder: /rec, rules: [] }", "recording.rules", "leave it out to record everything")]
    [InlineData("recording: { folder: /rec, rules: [{ clusters: [] }] }", "recording.rules[0].clusters", "leave it out to mean all")]
    [InlineData("recording: { folder: /rec, rules: [{ subjects: {} }] }", "recording.rules[0].subjects", "names nobody")]
    [InlineData("recording: { folder: /rec, rules: [{ required: maybe }] }", "recording.rules[0].required", "has to be true or false")]
    [InlineData("recording: { folder: /rec, rules: [{ resources: [pods] }] }", "recording.rules[0].resources", "unknown key")]
    [InlineData("recording: { folder: /rec, inputs: true }", "recording.inputs", "did you mean 'input'?")]
    [InlineData("recording: { folder: /rec, maxSize: 1 }", "recording.maxSize", "has to be between 4096")]
    public void What_is_wrong_is_said(string yaml, string path, string message)
    {
        var error = _loading.Error(yaml);

        error.Path.Should().Be(path);
        error.Message.Should().Contain(message);
    }
}
