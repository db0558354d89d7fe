using AwesomeAssertions;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Kubernetes.Kubeconfigs;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Kubeconfigs;

public sealed class KubeconfigExecTests : IDisposable
{
    private const string V1 = "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never";
    private const string V1Beta1 = "apiVersion: client.authentication.k8s.io/v1beta1";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_plugin_is_read_with_everything_that_it_is_given()
    {
        var plugin = Plugin($$"""exec: { {{V1}}, command: aws, args: [eks, "", 'a "b" $(c)', 7], env: [{ name: A, value: "1" }, { name: B }], installHint: install it }""");

        plugin.Should().Be(new ExecPlugin
        {
            Command = "aws",
            Arguments = ["eks", "", "a \"b\" $(c)", "7"],
            Environment = [KeyValuePair.Create("A", "1"), KeyValuePair.Create("B", "")],
            ApiVersion = ExecApiVersion.V1,
        });
    }

    [Theory]
    [InlineData("./bin/login", "bin/login")]
    [InlineData("bin/../login", "login")]
    [InlineData("/opt/login", "/opt/login")]
    [InlineData("/opt/../login", "/login")]
    [InlineData("login", null)]
    public void A_path_starts_at_the_file_and_a_name_stays_one(string command, string? path) =>
        Plugin($$"""exec: { {{V1Beta1}}, command: {{command}} }""").Command.Should().Be(path is null ? command : _folder.Of(path));

    [Theory]
    [InlineData(V1Beta1)]
    [InlineData(V1Beta1 + ", interactiveMode: Never")]
    [InlineData(V1Beta1 + ", interactiveMode: IfAvailable")]
    [InlineData("apiVersion: client.authentication.k8s.io/v1, interactiveMode: IfAvailable")]
    public void A_plugin_that_can_do_without_a_terminal_is_taken(string keys) => Plugin($$"""exec: { {{keys}}, command: a }""").Command.Should().Be("a");

    [Theory]
    [InlineData("command: SENTINEL", "exec.apiVersion is missing")]
    [InlineData("command: SENTINEL, apiVersion: client.authentication.k8s.io/v1alpha1", "exec.apiVersion v1alpha1 is gone")]
    [InlineData("command: SENTINEL, apiVersion: SENTINEL", "exec.apiVersion is not known")]
    [InlineData(V1, "exec.command is missing")]
    [InlineData("command: a, apiVersion: client.authentication.k8s.io/v1", "exec.interactiveMode is missing")]
    [InlineData("command: a, interactiveMode: Always, " + V1Beta1, "exec.interactiveMode is Always")]
    [InlineData("command: a, interactiveMode: SENTINEL, " + V1Beta1, "exec.interactiveMode has to be")]
    [InlineData("command: a, args: SENTINEL, " + V1Beta1, "exec.args has to be a list")]
    [InlineData("command: a, args: [[SENTINEL]], " + V1Beta1, "exec.args has to be a list of strings")]
    [InlineData("command: a, env: [{ value: SENTINEL }], " + V1Beta1, "exec.env[].name is missing")]
    [InlineData("command: a, env: [{ name: a=SENTINEL }], " + V1Beta1, "exec.env[].name must not hold")]
    [InlineData("command: a, env: [SENTINEL], " + V1Beta1, "exec.env[].name is missing")]
    [InlineData("command: \"/a\\0SENTINEL\", " + V1Beta1, "exec.command is not a file path")]
    public void What_cannot_be_run_is_a_problem_of_the_credential_that_names_the_key(string keys, string problem)
    {
        var context = One($$"""exec: { {{keys}} }""");

        context.Problems.Should().ContainSingle().Which.Should().Contain($"context 'ctx': {problem}").And.NotContain("SENTINEL");
        context.Credential.Should().Be(new KubeconfigCredential.Unsupported("exec", [.. context.Problems]));
        context.Connection.Should().NotBeNull();
    }

    [Fact]
    public void Something_else_than_a_map_is_a_problem() => One("exec: SENTINEL").Problems.Should().ContainSingle().Which.Should().Contain("exec has to be a map").And.NotContain("SENTINEL");

    [Fact]
    public void The_cluster_and_its_extension_are_there_where_the_plugin_asks_for_them()
    {
        const string Extensions = """
            extensions:
            - { name: other, extension: { x: 1 } }
            - name: client.authentication.k8s.io/exec
              extension: { audience: "06", count: 0x1f, ratio: .5, huge: .inf, on: true, none: , list: [a, 1] }
            """;

        var plugin = Plugin($$"""exec: { {{V1}}, command: a, provideClusterInfo: true }""", Extensions);
        plugin.Cluster!.Server.Should().Be(new Uri("https://h"));
        plugin.ClusterConfig.Should().Be("""{"audience":"06","count":31,"ratio":0.5,"huge":".inf","on":true,"none":null,"list":["a",1]}""");

        var untold = Plugin($$"""exec: { {{V1}}, command: a }""", Extensions);
        (untold.Cluster, untold.ClusterConfig).Should().Be((null, null));
    }

    [Fact]
    public void A_token_or_a_certificate_beside_it_wins_as_in_client_go()
    {
        One($$"""{ token: t, exec: { {{V1}}, command: a } }""").Credential.Should().Be(new KubeconfigCredential.Token(new Secret("t")));
        One($$"""{ tokenFile: t, exec: { {{V1}}, command: a } }""").Credential.Should().Be(new KubeconfigCredential.TokenFile(_folder.Of("t")));
        One($$"""{ client-certificate: c, client-key: k, exec: { {{V1}}, command: a } }""").Credential.Should().BeOfType<KubeconfigCredential.ClientCertificate>();
    }

    [Theory]
    [InlineData("auth-provider: { name: gcp }", "auth-provider")]
    [InlineData("as: somebody", "as")]
    [InlineData("username: u", "username")]
    public void What_is_not_supported_is_not_supported_beside_it_either(string key, string kind) =>
        One($$"""{ {{key}}, exec: { {{V1}}, command: a } }""").Credential.Should().BeOfType<KubeconfigCredential.Unsupported>().Which.Kind.Should().Be(kind);

    private ExecPlugin Plugin(string user, string cluster = "")
    {
        var context = One(user, cluster);
        context.Problems.Should().BeEmpty();
        return context.Credential.Should().BeOfType<KubeconfigCredential.Exec>().Subject.Plugin;
    }

    private KubeconfigContext One(string user, string cluster = "")
    {
        var text = $"""
            clusters:
            - name: c
              cluster:
                server: https://h
                {cluster.ReplaceLineEndings("\n    ")}
            users:
            - name: u
              user:
                {user}
            contexts:
            - name: ctx
              context: {"{"} cluster: c, user: u {"}"}
            """;
        var kubeconfig = KubeconfigReader.Read([_folder.Write("config", text)]);
        kubeconfig.Errors.Should().BeEmpty();
        return kubeconfig.Contexts.Should().ContainSingle().Subject;
    }
}
