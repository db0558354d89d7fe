using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Tests.Clusters;

public sealed class ClusterSourceReaderTests : IDisposable
{
    private static readonly PemPair Pair = PemPair.Create();
    private static readonly Dictionary<string, string> Nothing = [];
    private readonly TempFolder _folder = new();

    [Fact]
    public void Configured_clusters_are_given_as_they_are()
    {
        var clusters = new[] { Definition("a"), Definition("b") };
        var result = Read(new ClusterLocator.Config("config", clusters));
        result.Clusters.Should().Equal(clusters);
        result.Problems.Should().BeEmpty();
    }

    [Fact]
    public void B96_every_context_is_a_cluster_that_reports_a_service_account()
    {
        var path = Kubeconfig("""
            - { name: token, user: { token: t } }
            - { name: file, user: { tokenFile: tok } }
            - { name: cert, user: { client-certificate: c, client-key: k } }
            - { name: none, user: {} }
            """);

        var result = Read(new ClusterLocator.Kubeconfig("work", [path], []));

        result.Problems.Should().BeEmpty();
        result.Clusters.Select(cluster => cluster.QualifiedName).Should().Equal("work/token", "work/file", "work/cert", "work/none");
        result.Clusters.Should().OnlyContain(cluster => cluster.Credential.ReportedProvider == "serviceAccount" && cluster.Problem == null);
        result.Clusters.Select(cluster => cluster.Credential).Should().Equal(
            new CredentialDefinition.ServiceAccountToken(new Secret("t")),
            new CredentialDefinition.TokenFile(_folder.Of("tok")),
            new CredentialDefinition.ClientCertificate(
                new ClientCertificateSource(new PemSource.File(_folder.Of("c")), new PemSource.File(_folder.Of("k")))),
            new CredentialDefinition.None("serviceAccount"));
        result.Clusters[0].Connection.Server.Should().Be(new Uri("https://h"));
    }

    [Fact]
    public void B96_the_own_cluster_and_configured_client_certificates_report_a_service_account()
    {
        Read(new ClusterLocator.InCluster("inCluster", "main"), Pod("10.0.0.1")).Clusters[0].Credential.ReportedProvider.Should().Be("serviceAccount");
        new CredentialDefinition.ClientCertificate(new ClientCertificateSource(
            new PemSource.Inline(new Secret(Pair.Certificate)), new PemSource.Inline(new Secret(Pair.Key)))).ReportedProvider.Should().Be("serviceAccount");
    }

    [Fact]
    public void A_context_with_a_fault_is_a_cluster_with_a_problem_beside_working_ones()
    {
        var path = Kubeconfig("""
            - { name: good, user: { token: t } }
            - { name: broken, user: { token: "SENT INEL" } }
            """);
        var result = Read(new ClusterLocator.Kubeconfig("kubeconfig", [path], []));
        result.Problems.Should().BeEmpty();
        result.Clusters[0].Problem.Should().BeNull();
        result.Clusters[1].Problem.Should().Contain("context 'broken': token holds blanks").And.NotContain("INEL");
    }

    [Theory]
    [InlineData("exec: { command: SENTINEL }", "exec", "exec.apiVersion is missing")]
    [InlineData("exec: { command: login, apiVersion: client.authentication.k8s.io/v1beta1, args: [SENTINEL] }", "exec", "credentials.exec.allowedCommands: [login]")]
    [InlineData("auth-provider: { name: SENTINEL }", "auth-provider", "auth-provider is not supported in this version; kubectl has given it up too")]
    [InlineData("username: SENTINEL", "username", "username is not supported in this version; API servers take no passwords")]
    [InlineData("as: SENTINEL", "as", "as is not supported in this version; let the gateway impersonate")]
    public void A_credential_that_the_gateway_cannot_have_is_a_problem_of_its_own_credential_alone(string user, string kind, string problem)
    {
        var result = Read(new ClusterLocator.Kubeconfig("kubeconfig", [Kubeconfig($"- {{ name: c, user: {{ {user} }} }}")], []));

        result.Clusters[0].Problem.Should().BeNull("callers' own tokens reach the cluster");
        var credential = result.Clusters[0].Credential.Should().BeOfType<CredentialDefinition.Unavailable>().Subject;
        credential.Kind.Should().Be(kind);
        credential.Problem.Should().Contain(problem).And.NotContain("SENTINEL");
        CatalogFactory.FindProblem(result.Clusters[0], TimeProvider.System).Should().Be(credential.Problem);
    }

    [Fact]
    public void A_plugin_that_is_allowed_is_the_clusters_credential_with_its_own_settings()
    {
        var path = Kubeconfig("- { name: c, user: { exec: { command: login, apiVersion: client.authentication.k8s.io/v1beta1 } } }");

        var result = Read(new ClusterLocator.Kubeconfig("kubeconfig", [path], []) { Exec = new ExecSettings { AllowedCommands = ["login", "other"] } });

        result.Clusters[0].Credential.Should().Be(new CredentialDefinition.Exec(
            new ExecPlugin { Command = "login", ApiVersion = ExecApiVersion.V1Beta1 }, new ExecSettings { AllowedCommands = ["login"] }));
    }

    [Fact]
    public void Only_the_contexts_that_are_named_are_taken_and_unknown_ones_are_a_problem_of_the_source()
    {
        var path = Kubeconfig("- { name: a, user: {} }\n- { name: b, user: {} }");
        var result = Read(new ClusterLocator.Kubeconfig("kubeconfig", [path], ["b", "zzz"]));
        result.Clusters.Select(cluster => cluster.Name).Should().Equal("b");
        result.Problems.Should().ContainSingle().Which.Should().Contain("source 'kubeconfig': no context 'zzz'");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("users: [")]
    public void F49_a_missing_or_malformed_file_is_a_problem_of_its_source_alone(string? text)
    {
        var path = text is null ? _folder.Of("missing") : _folder.Write("bad", text);
        var result = Read(new ClusterLocator.Kubeconfig("kubeconfig", [path], ["x"]));
        result.Clusters.Should().BeEmpty();
        result.Problems.Should().ContainSingle().Which.Should().StartWith($"source 'kubeconfig': {path}");
    }

    [Theory]
    [InlineData("10.96.0.1", "https://10.96.0.1:443")]
    [InlineData("fd00::1", "https://[fd00::1]:443")]
    [InlineData("kubernetes.default", "https://kubernetes.default:443")]
    public void The_own_cluster_is_reached_under_the_mounted_account(string host, string server)
    {
        var result = Read(new ClusterLocator.InCluster("inCluster", "main"), Pod(host));
        result.Clusters.Should().Equal(new ClusterDefinition
        {
            Locator = "inCluster",
            Name = "main",
            Connection = new ClusterConnection { Server = new Uri(server), CertificateAuthority = new PemSource.File(_folder.Of("ca.crt")) },
            Credential = new CredentialDefinition.TokenFile(_folder.Of("token")),
            IsInCluster = true,
            IsDirect = true,
        });
    }

    [Theory]
    [InlineData(null, "443")]
    [InlineData("10.0.0.1", null)]
    [InlineData("10.0.0.1", "https")]
    [InlineData("a b", "443")]
    public void Outside_a_pod_the_own_cluster_is_a_problem_of_its_source(string? host, string? port)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (host is not null)
        {
            environment["KUBERNETES_SERVICE_HOST"] = host;
        }

        if (port is not null)
        {
            environment["KUBERNETES_SERVICE_PORT"] = port;
        }

        var result = Read(new ClusterLocator.InCluster("inCluster", "main"), environment);
        result.Clusters.Should().BeEmpty();
        result.Problems.Should().ContainSingle().Which.Should().Contain("does not run in a pod");
    }

    [Fact]
    public void A_kubectl_proxy_is_the_cluster_local_without_a_credential()
    {
        var cluster = Read(new ClusterLocator.LocalKubectlProxy("localKubectlProxy")).Clusters.Should().ContainSingle().Subject;
        cluster.Name.Should().Be("local");
        cluster.Connection.Should().Be(new ClusterConnection { Server = new Uri("http://127.0.0.1:8001") });
        cluster.Credential.Should().Be(new CredentialDefinition.None("localKubectlProxy"));
    }

    public void Dispose() => _folder.Dispose();

    private static ClusterDefinition Definition(string name) => new()
    {
        Locator = "config",
        Name = name,
        Connection = new ClusterConnection { Server = new Uri("https://h") },
        Credential = new CredentialDefinition.ClientSide("google", null),
    };

    private static Dictionary<string, string> Pod(string host) =>
        new(StringComparer.Ordinal) { ["KUBERNETES_SERVICE_HOST"] = host, ["KUBERNETES_SERVICE_PORT"] = "443" };

    private ClusterSourceResult Read(ClusterLocator locator, Dictionary<string, string>? environment = null) =>
        ClusterSourceReader.Read(locator, environment ?? Nothing, _folder.Path);

    // One context per user, of the same name, all on one cluster.
    private string Kubeconfig(string users)
    {
        var names = users.Split('\n').Select(line => line["- { name: ".Length..line.IndexOf(',', StringComparison.Ordinal)]);
        return _folder.Write("config", $"""
            clusters:
            - name: c
              cluster: {"{"} server: https://h {"}"}
            users:
            {users}
            contexts:
            {string.Join('\n', names.Select(name => $"- {{ name: {name}, context: {{ cluster: c, user: {name} }} }}"))}
            """);
    }
}
