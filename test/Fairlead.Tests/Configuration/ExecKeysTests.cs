using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.ExecPlugins;
using Xunit;

namespace Fairlead.Tests.Configuration;

/// <summary><c>credentials.exec</c>, and <c>authProvider: exec</c> with its keys.</summary>
public sealed class ExecKeysTests : IDisposable
{
    private readonly Loading _loading = new();

    public void Dispose() => _loading.Dispose();

    [Fact]
    public void A_plugin_is_bound_with_everything_that_it_is_given()
    {
        var definition = Cluster("exec: { command: login, args: [a b, '', '$${X}'], env: [{ name: A, value: x }, { name: B, value: '' }], apiVersion: client.authentication.k8s.io/v1beta1, provideClusterInfo: true }", "login");

        definition.Credential.Should().Be(new CredentialDefinition.Exec(
            new ExecPlugin
            {
                Command = "login",
                Arguments = ["a b", "", "${X}"],
                Environment = [KeyValuePair.Create("A", "x"), KeyValuePair.Create("B", "")],
                ApiVersion = ExecApiVersion.V1Beta1,
                Cluster = new ClusterConnection { Server = new Uri("https://h") },
            },
            new ExecSettings { AllowedCommands = ["login"] }));
        definition.Credential.ReportedProvider.Should().Be("serviceAccount");
        definition.Problem.Should().BeNull();
    }

    [Fact]
    public void The_command_is_enough_and_a_path_starts_at_the_file()
    {
        var path = _loading.Folder.Of("bin/login");

        var exec = Cluster("exec: { command: ./bin/login }", path).Credential.Should().BeOfType<CredentialDefinition.Exec>().Subject;

        exec.Plugin.Should().Be(new ExecPlugin { Command = path, ApiVersion = ExecApiVersion.V1 });
    }

    [Fact]
    public void A_plugin_that_nobody_has_allowed_is_a_problem_that_says_what_to_add()
    {
        var definition = Cluster("exec: { command: aws-iam-authenticator }", "other");

        definition.Problem.Should().BeNull("callers' own tokens need no plugin");
        definition.Credential.Should().BeOfType<CredentialDefinition.Unavailable>().Which.Problem.Should().EndWith("credentials.exec.allowedCommands: [aws-iam-authenticator]");
        CatalogFactory.FindProblem(definition, TimeProvider.System).Should().Contain("credentials.exec.allowedCommands: [aws-iam-authenticator]");
    }

    [Theory]
    [InlineData("authProvider: exec", "exec", "needs exec")]
    [InlineData("authProvider: exec, exec: {}", "exec.command", "is missing")]
    [InlineData("authProvider: exec, exec: { command: '' }", "exec.command", "must not be empty")]
    [InlineData("authProvider: exec, exec: { command: a, apiVersion: client.authentication.k8s.io/v1alpha1 }", "exec.apiVersion", "v1alpha1 is gone")]
    [InlineData("authProvider: exec, exec: { command: a, apiVersion: v1 }", "exec.apiVersion", "is not known")]
    [InlineData("authProvider: exec, exec: { command: a, args: b }", "exec.args", "has to be a list")]
    [InlineData("authProvider: exec, exec: { command: a, args: [7] }", "exec.args[0]", "has to be a string")]
    [InlineData("authProvider: exec, exec: { command: a, args: ['${UNSET}', b] }", "exec.args[0]", "'UNSET' is not set")]
    [InlineData("authProvider: exec, exec: { command: a, env: [{ value: x }] }", "exec.env[0].name", "is missing")]
    [InlineData("authProvider: exec, exec: { command: a, env: [{ name: a=b }] }", "exec.env[0].name", "must not hold '='")]
    [InlineData("authProvider: exec, exec: { command: a, interactiveMode: Never }", "exec.interactiveMode", "unknown key")]
    [InlineData("authProvider: google, exec: { command: a }", "exec", "needs authProvider: exec")]
    public void What_is_wrong_is_named_with_its_key(string keys, string path, string message)
    {
        var error = _loading.Error(Loading.Cluster($"name: c, url: https://h, {keys}"));

        error.Path.Should().EndWith("clusters[0]." + path);
        error.Message.Should().Contain(message);
    }

    [Fact]
    public void The_settings_reach_configured_clusters_and_kubeconfigs()
    {
        var options = _loading.Options("""
            credentials: { exec: { allowedCommands: [aws, /opt/../usr/bin/login], timeout: 5s, maxOutput: 4096 } }
            kubernetes:
              clusterLocatorMethods:
                - { type: kubeconfig, path: one }
                - { type: config, clusters: [{ name: c, url: https://h, authProvider: exec, exec: { command: login } }] }
            """);

        options.ClusterLocators[0].Should().BeOfType<ClusterLocator.Kubeconfig>().Which.Exec.Should().Be(
            new ExecSettings { AllowedCommands = ["aws", "/usr/bin/login"], Timeout = TimeSpan.FromSeconds(5), MaxOutput = 4096 });
        options.ClusterLocators[1].Should().BeOfType<ClusterLocator.Config>().Which.Clusters[0].Credential.Should().BeOfType<CredentialDefinition.Exec>()
            .Which.Settings.AllowedCommands.Should().Equal("/usr/bin/login");
    }

    [Theory]
    [InlineData("credentials: { exec: { allowedCommands: [bin/login] } }", "credentials.exec.allowedCommands[0]", "absolute path")]
    [InlineData("credentials: { exec: { timeout: 2m } }", "credentials.exec.timeout", "between")]
    [InlineData("credentials: { exec: { maxOutput: 1 } }", "credentials.exec.maxOutput", "between")]
    [InlineData("credentials: { exec: { allowed: [] } }", "credentials.exec.allowed", "unknown key")]
    [InlineData("credentials: { aws: {} }", "credentials.aws", "unknown key")]
    public void Settings_that_are_wrong_are_named(string yaml, string path, string message)
    {
        var error = _loading.Error(yaml);

        error.Path.Should().Be(path);
        error.Message.Should().Contain(message);
    }

    private ClusterDefinition Cluster(string keys, string allowed)
    {
        var options = _loading.Options($"credentials: {{ exec: {{ allowedCommands: ['{allowed}'] }} }}\n{Loading.Cluster($"name: c, url: https://h, authProvider: exec, {keys}")}");
        return options.ClusterLocators.Should().ContainSingle().Which.Should().BeOfType<ClusterLocator.Config>().Which.Clusters.Should().ContainSingle().Subject;
    }
}
