using AwesomeAssertions;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.Cli.Tests.Credentials;

/// <summary><c>fairlead credential</c>, as kubectl runs it.</summary>
public sealed class CredentialCommandTests : IDisposable
{
    private readonly Person _person = new();

    public void Dispose() => _person.Dispose();

    [Fact]
    public async Task Standard_output_has_the_credential_and_nothing_else()
    {
        var session = _person.Login();

        (await _person.RunAsync("credential", "--server", "https://gateway.test/")).Should().Be(0, _person.Errors.ToString());

        var credential = _person.Credential();
        credential.GetProperty("apiVersion").GetString().Should().Be("client.authentication.k8s.io/v1");
        credential.GetProperty("kind").GetString().Should().Be("ExecCredential");
        credential.GetProperty("status").GetProperty("token").GetString().Should().Be("kept-token");
        credential.GetProperty("status").GetProperty("expirationTimestamp").GetDateTimeOffset().Should().BeCloseTo(session.ExpiresAt.AddMinutes(-1), TimeSpan.FromSeconds(1));
        credential.GetProperty("status").GetRawText().Should().MatchRegex("\"expirationTimestamp\":\"[0-9-]{10}T[0-9:]{8}Z\"", "Go reads RFC 3339");
        _person.Errors.ToString().Should().BeEmpty();
    }

    [Fact]
    public async Task Where_there_is_one_login_the_gateway_need_not_be_named()
    {
        (await _person.RunAsync("credential")).Should().Be(1);
        _person.Errors.ToString().Should().Contain("--server").And.Contain("FAIRLEAD_SERVER");
        _person.Login();

        (await _person.RunAsync("credential")).Should().Be(0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}}""")]
    public async Task Where_nobody_can_sign_in_it_says_what_to_run(string? execInfo)
    {
        if (execInfo is not null)
        {
            _person.Environment["KUBERNETES_EXEC_INFO"] = execInfo;
        }

        (await _person.RunAsync("credential", "--server", "https://gateway.test")).Should().Be(1);

        _person.Output.ToString().Should().BeEmpty();
        _person.Errors.ToString().Should().Be("fairlead: You are not signed in; run: fairlead login --server https://gateway.test" + Environment.NewLine);
    }

    [Fact]
    public async Task Where_kubectl_says_that_somebody_is_there_it_signs_in()
    {
        using var port = new RefusedPort();
        _person.Environment["KUBERNETES_EXEC_INFO"] = """{"spec":{"interactive":true}}""";

        (await _person.RunAsync("credential", "--server", $"https://127.0.0.1:{port.Port}")).Should().Be(1);

        _person.Errors.ToString().Should().Contain("signing in at").And.Contain("cannot be reached", "the gateway was asked where");
        _person.Output.ToString().Should().BeEmpty();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("""{"spec":{"cluster":{"certificate-authority-data":"***"}}}""")]
    public async Task What_no_client_writes_is_an_error(string execInfo)
    {
        _person.Environment["KUBERNETES_EXEC_INFO"] = execInfo;

        (await _person.RunAsync("credential", "--server", "https://gateway.test")).Should().Be(1);

        _person.Errors.ToString().Should().Contain("KUBERNETES_EXEC_INFO");
    }

    [Fact]
    public async Task A_token_of_a_file_needs_no_gateway()
    {
        var file = _person.Home.Write("token", "machine-token\n");

        (await _person.RunAsync("credential", "--token-file", file)).Should().Be(0);

        _person.Credential().GetProperty("status").EnumerateObject().Should().ContainSingle("nobody says until when it is good").Which.Value.GetString().Should().Be("machine-token");
    }

    [Fact]
    public async Task A_signed_token_of_a_file_is_read_again_before_it_expires()
    {
        await using var provider = await ScriptedProvider.StartAsync();
        var expires = DateTimeOffset.UtcNow.AddMinutes(10).ToUnixTimeSeconds();
        var file = _person.Home.Write("token", provider.Token(("exp", expires)));

        (await _person.RunAsync("credential", "--token-file", file)).Should().Be(0);

        _person.Credential().GetProperty("status").GetProperty("expirationTimestamp").GetDateTimeOffset().ToUnixTimeSeconds().Should().Be(expires - 60);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("two\nlines")]
    public async Task A_file_without_a_token_is_an_error_that_does_not_show_it(string text)
    {
        (await _person.RunAsync("credential", "--token-file", _person.Home.Write("token", text))).Should().Be(1);
        (await _person.RunAsync("credential", "--token-file", _person.Home.PathOf("missing"))).Should().Be(1);

        _person.Errors.ToString().Should().Contain("holds no token").And.Contain("cannot be read").And.NotContain("words").And.NotContain("lines");
        _person.Output.ToString().Should().BeEmpty();
    }

    [Theory]
    [InlineData("credentials")]
    [InlineData("credential", "--unknown")]
    [InlineData("login", "--device", "--no-browser")]
    public async Task A_wrong_command_line_is_told_apart_from_a_failure(params string[] arguments)
    {
        (await _person.RunAsync(arguments)).Should().Be(2);

        _person.Errors.ToString().Should().NotBeEmpty();
    }

    [Fact]
    public async Task The_version_is_that_of_the_server()
    {
        (await _person.RunAsync("--version")).Should().Be(0);

        _person.Output.ToString().Trim().Should().Be(Fairlead.Commands.ProductVersion.Text);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_said_in_words()
    {
        _person.Home.Write("cache", "a file, where a folder should be");

        (await _person.RunAsync("credential", "--server", "https://gateway.test")).Should().Be(1);

        _person.Errors.ToString().Should().StartWith("fairlead: ").And.NotContain("   at ");
    }
}
