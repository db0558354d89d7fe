using AwesomeAssertions;
using Fairlead.Credentials;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Tests.Credentials;

public sealed class FileTokenTests
{
    [Fact]
    public void B51_The_request_after_a_rotation_has_the_new_token()
    {
        using var folder = new TempFolder();
        var token = new FileToken(folder.Write("token", "one\n"));
        token.Read().Credential!.Authorization!.Reveal().Should().Be("Bearer one");

        folder.Write("token", "two-longer");
        token.Read().Credential!.Authorization!.Reveal().Should().Be("Bearer two-longer");
    }

    [Fact]
    public void B51_So_it_has_after_the_link_swap_of_a_projected_volume()
    {
        using var folder = new MountedFolder();
        folder.Publish(("token", "one"));
        var token = new FileToken(folder.Of("token"));
        token.Read().Credential!.Authorization!.Reveal().Should().Be("Bearer one");

        folder.Publish(("token", "two"));

        token.Read().Credential!.Authorization!.Reveal().Should().Be("Bearer two");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("caf\u00e9")]
    public void B50_A_file_that_holds_no_token_is_reported_by_its_path_only(string content)
    {
        using var folder = new TempFolder();
        var path = folder.Write("token", content);

        var result = new FileToken(path).Read();

        result.Credential.Should().BeNull();
        result.Problem.Should().Contain(path);
    }

    [Fact]
    public void B50_A_missing_file_is_a_problem_until_it_is_there()
    {
        using var folder = new TempFolder();
        var token = new FileToken(folder.Of("token"));
        token.Read().Problem.Should().Contain(folder.Of("token"));

        folder.Write("token", "late");

        token.Read().Credential!.Authorization!.Reveal().Should().Be("Bearer late");
    }
}
