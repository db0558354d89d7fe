using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Xunit;

namespace Fairlead.Cli.Tests.Gateways;

/// <summary><c>fairlead kubeconfig</c> and its failures, at a real gateway.</summary>
public sealed class KubeconfigCommandTests : IAsyncLifetime
{
    private readonly Person _person = new();
    private TestGateway _gateway = null!;
    private string _token = "";
    private string _authority = "";

    private string Server => $"https://127.0.0.1:{_gateway.TlsPort}";

    public async ValueTask InitializeAsync()
    {
        var options = TestGateway.Options(Cluster("config", "prod"), Cluster("config", "only"), Cluster("config", "hidden"));
        _gateway = await TestGateway.StartAsync(options with
        {
            ClusterLocators = [.. options.ClusterLocators, new ClusterLocator.Config("second", [Cluster("second", "prod")])],
            Auth = options.Auth! with { Static = [.. options.Auth.Static, TestGateway.Caller("nobody", "nobodys-token")] },
            AccessRules = [new AccessRule { Groups = ["portal"], Clusters = ["prod", "only"], Namespaces = ["*"], Resources = ["*"], Verbs = ["*"] }],
        });
        _token = _person.Home.Write("token", TestGateway.Token);
        _authority = _person.Home.Write("ca.crt", TestCertificates.Shared.AuthorityPem);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _person.Dispose();
    }

    [Fact]
    public async Task It_has_the_clusters_that_the_caller_may_know_of_and_no_token()
    {
        (await RunAsync()).Should().Be(0, _person.Errors.ToString());

        var text = _person.Output.ToString();
        text.Should().Contain($"server: \"{Server}/clusters/config--prod\"").And.Contain($"server: \"{Server}/clusters/second--prod\"").And.Contain($"server: \"{Server}/clusters/only\"");
        text.Should().NotContain("hidden").And.NotContain(TestGateway.Token);
        text.Should().Contain("certificate-authority-data: ").And.Contain($"- \"{_token}\"");
    }

    [Fact]
    public async Task Merged_it_leaves_alone_what_is_there_and_refuses_names_that_are_taken()
    {
        var file = _person.Home.Write("config", "clusters:\n- name: only\n  cluster: {server: 'https://elsewhere'}\n");

        (await RunAsync("--merge", file)).Should().Be(1);
        _person.Errors.ToString().Should().Contain("only").And.Contain("--prefix");
        File.ReadAllText(file).Should().NotContain(Server);

        (await RunAsync("--merge", file, "--prefix", "gw-")).Should().Be(0, _person.Errors.ToString());
        File.ReadAllText(file).Should().Contain("https://elsewhere").And.Contain("name: \"gw-only\"").And.Contain("current-context: \"gw-config--prod\"");
        _person.Output.ToString().Should().Contain("gw-config--prod, gw-only, gw-second--prod");

        (await RunAsync("--merge", file, "--prefix", "gw-")).Should().Be(0, "they are its own now");
    }

    [Fact]
    public async Task An_authority_that_is_not_known_is_said_with_the_remedy()
    {
        (await _person.RunAsync("kubeconfig", "--server", Server, "--token-file", _token)).Should().Be(1);

        _person.Errors.ToString().Should().Contain("cannot be reached: the certificate of 127.0.0.1:").And.Contain("authority that this machine does not know").And.Contain("--certificate-authority FILE");
    }

    [Fact]
    public async Task A_wrong_authority_helps_nobody()
    {
        var wrong = _person.Home.Write("wrong.crt", new TestCertificates().AuthorityPem);

        (await _person.RunAsync("kubeconfig", "--server", Server, "--token-file", _token, "--certificate-authority", wrong)).Should().Be(1);

        _person.Errors.ToString().Should().Contain("neither by an authority of this system nor by the one of --certificate-authority");
    }

    [Theory]
    [InlineData("no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public async Task A_file_that_holds_no_authority_is_said(string text)
    {
        (await _person.RunAsync("kubeconfig", "--server", Server, "--token-file", _token, "--certificate-authority", _person.Home.Write("bad.crt", text))).Should().Be(1);

        _person.Errors.ToString().Should().Contain("certificate authority");
    }

    [Fact]
    public async Task A_name_that_does_not_stand_in_the_certificate_is_never_trusted()
    {
        (await _person.RunAsync("kubeconfig", "--server", $"https://[::ffff:127.0.0.1]:{_gateway.TlsPort}", "--token-file", _token, "--certificate-authority", _authority)).Should().Be(1);

        _person.Errors.ToString().Should().Contain("is for another name");
    }

    [Fact]
    public async Task A_token_that_the_gateway_does_not_know_lists_nothing()
    {
        _person.Home.Write("token", "unknown-token");

        (await RunAsync()).Should().Be(1);

        _person.Errors.ToString().Should().Contain("refuses (401)").And.Contain("does not know the owner of this token").And.NotContain("unknown-token");
    }

    [Fact]
    public async Task Somebody_whom_no_rule_names_learns_so()
    {
        _person.Home.Write("token", "nobodys-token");

        (await RunAsync()).Should().Be(1);

        _person.Errors.ToString().Should().Contain("refuses (403)").And.Contain("no access rule names any cluster for 'nobody'");
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_named_where_a_token_is_refused()
    {
        _person.Home.Write("token", "unknown-token");
        using var person = new Person { Time = new MovedTime(TimeSpan.FromMinutes(-10)) };

        (await person.RunAsync("kubeconfig", "--server", Server, "--token-file", _token, "--certificate-authority", _authority)).Should().Be(1);

        person.Errors.ToString().Should().Contain("clock is 10 minutes behind");
    }

    [Fact]
    public async Task A_gateway_without_a_login_for_the_command_line_says_what_its_operator_has_to_set()
    {
        (await _person.RunAsync("login", "--server", Server, "--certificate-authority", _authority)).Should().Be(1);

        _person.Errors.ToString().Should().Contain("auth.oidc.cli.clientId").And.Contain("--token-file");
    }

    [Fact]
    public async Task What_is_no_gateway_is_said()
    {
        (await _person.RunAsync("login", "--server", Server + "/elsewhere", "--certificate-authority", _authority)).Should().Be(1);

        _person.Errors.ToString().Should().Contain("/auth/cli: 404").And.Contain("base path");
    }

    [Fact]
    public async Task Its_list_is_for_GET_alone_and_hides_from_strangers()
    {
        (await _gateway.SendBareAsync(RawRequest.Get("/clusters"))).Status.Should().Be(401);
        (await _gateway.SendAsync(RawRequest.Get("/clusters"))).BodyText.Should().Contain("config--prod").And.NotContain("hidden");
        (await _gateway.SendAsync(RawRequest.Get("/clusters?x=1"))).Status.Should().Be(200);
        (await _gateway.SendAsync(RawRequest.Get("/clusters") with { Method = "POST" })).Status.Should().Be(405);
        (await _gateway.SendAsync(RawRequest.Get("/%63lusters"))).Status.Should().Be(400);
        (await _gateway.SendAsync(RawRequest.Get("/clusters/"))).Status.Should().Be(404);
    }

    private Task<int> RunAsync(params string[] more) => _person.RunAsync(["kubeconfig", "--server", Server, "--token-file", _token, "--certificate-authority", _authority, .. more]);

    private static ClusterDefinition Cluster(string locator, string name) => new()
    {
        Locator = locator, Name = name, Connection = new ClusterConnection { Server = new Uri("https://127.0.0.1:1") }, Credential = new CredentialDefinition.ServiceAccountToken(new Fairlead.Kubernetes.Secrets.Secret("t")),
    };

    private sealed class MovedTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
