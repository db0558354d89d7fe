using System.Text;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Resources;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Tests.Clusters.Sources;

/// <summary>What Secrets say of clusters.</summary>
public sealed class ClusterSecretTests
{
    private static readonly PemPair _pair = PemPair.Create();

    [Fact]
    public void Argo_CDs_token_authority_and_server_name_are_read()
    {
        var cluster = Argo($$"""{ "bearerToken": "tok", "tlsClientConfig": { "serverName": "api", "caData": "{{_pair.CertificateData}}" }, "proxyUrl": "http://proxy:3128", "disableCompression": true }""");

        cluster.Should().Be(new ClusterSecret.Described(
            "prod",
            new ClusterConnection
            {
                Server = new Uri("https://10.0.0.1:6443"),
                CertificateAuthority = new PemSource.Inline(new Secret(_pair.Certificate)),
                TlsServerName = "api",
                Proxy = new ProxyAddress(new Uri("http://proxy:3128"), null),
            },
            new CredentialDefinition.ServiceAccountToken(new Secret("tok")),
            null));
    }

    [Fact]
    public void Argo_CDs_certificate_EKS_account_and_nothing_at_all_are_credentials()
    {
        Argo($$"""{ "bearerToken": "tok", "tlsClientConfig": { "certData": "{{_pair.CertificateData}}", "keyData": "{{_pair.KeyData}}" } }""").Credential.Should().Be(
            new CredentialDefinition.ClientCertificate(new ClientCertificateSource(new PemSource.Inline(new Secret(_pair.Certificate)), new PemSource.Inline(new Secret(_pair.Key)))));
        Argo("""{ "awsAuthConfig": { "clusterName": "eks", "roleARN": "arn:aws:iam::123456789012:role/r" } }""").Credential.Should().Be(
            new CredentialDefinition.Aws("eks", null, "arn:aws:iam::123456789012:role/r", null));
        Argo("""{ "tlsClientConfig": { "insecure": true } }""").Should().Match<ClusterSecret.Described>(static one => one.Connection.InsecureSkipTlsVerify && one.Credential is CredentialDefinition.None);
    }

    [Theory]
    [InlineData("""{ "username": "geheim", "password": "geheim" }""", "username")]
    [InlineData("""{ "execProviderConfig": { "command": "geheim" } }""", "execProviderConfig names a program")]
    [InlineData("""{ "bearerToken": "ge heim" }""", "bearerToken")]
    [InlineData("""{ "awsAuthConfig": { "clusterName": "geheim", "profile": "geheim" } }""", "profile")]
    [InlineData("""{ "awsAuthConfig": { "clusterName": "geheim", "roleARN": "geheim" } }""", "awsAuthConfig cannot be used")]
    [InlineData("""{ "awsAuthConfig": { "clusterName": "geheim", "roleARN": "arn:aws:sts::1:role/geheim" } }""", "awsAuthConfig cannot be used")]
    [InlineData("""{ "awsAuthConfig": {} }""", "awsAuthConfig cannot be used")]
    [InlineData("""{ "tlsClientConfig": { "certData": "geheim" } }""", "certData")]
    [InlineData("""{ "tlsClientConfig": { "certData": "Z2VoZWlt" } }""", "certData")]
    public void A_credential_that_a_Secret_may_not_bring_along_is_none_and_callers_own_tokens_reach_the_cluster(string config, string words)
    {
        var cluster = Argo(config);

        cluster.Problem.Should().BeNull();
        cluster.Credential.Should().BeOfType<CredentialDefinition.Unavailable>().Which.Problem.Should().Contain(words).And.NotContain("geheim").And.NotContain("ge heim");
    }

    [Theory]
    [InlineData("""{ "tlsClientConfig": { "caData": "geheim" } }""", "tlsClientConfig.caData")]
    [InlineData("""{ "tlsClientConfig": { "serverName": "geheim/b" } }""", "tlsClientConfig.serverName has to be a host name")]
    [InlineData("""{ "proxyUrl": "gopher://geheim" }""", "proxyUrl")]
    public void A_connection_that_a_Secret_may_not_bring_along_is_a_problem_of_its_cluster_that_shows_no_value(string config, string words) =>
        Argo(config).Problem.Should().Contain(words).And.NotContain("geheim");

    [Theory]
    [InlineData("https://api", "geheim{")]
    [InlineData("https://api", "[]")]
    [InlineData("https://api", "null")]
    [InlineData("https://api", """{ "bearerToken": { "geheim": 1 } }""")]
    [InlineData("https://api", """{ "tlsClientConfig": "geheim" }""")]
    [InlineData("api", "{}")]
    [InlineData("https://geheim@api", "{}")]
    public void A_Secret_that_makes_no_sense_gives_nothing_and_shows_nothing(string server, string config) =>
        ArgoCdSecret.Read(Secret(("server", server), ("config", config))).Should().BeOfType<ClusterSecret.Broken>().Which.Fault.Should().NotContain("geheim");

    [Fact]
    public void A_cluster_of_Argo_CD_without_a_name_goes_by_its_server() =>
        ArgoCdSecret.Read(Secret(("server", "https://api"))).Should().BeOfType<ClusterSecret.Described>().Which.Name.Should().Be("https://api");

    [Fact]
    public void Whatever_config_holds_it_is_a_cluster_or_a_problem_and_never_printed()
    {
        var value = Gen.OneOf(Gen.Const("null"), Gen.Const("\"geheim\""), Gen.Const("{}"), Gen.Const("[\"geheim\"]"), Gen.Const("true"), Gen.Const("{\"certData\":\"geheim\",\"insecure\":true}"), Gen.Const("{\"clusterName\":\"geheim\"}"));
        Gen.Select(value.Array[7], Gen.Int[0, 40]).Sample((values, cut) =>
        {
            var keys = new[] { "bearerToken", "username", "password", "tlsClientConfig", "awsAuthConfig", "execProviderConfig", "proxyUrl" };
            var config = $"{{{string.Join(',', keys.Zip(values, static (key, one) => $"\"{key}\":{one}"))}}}";
            var read = ArgoCdSecret.Read(Secret(("server", "https://api"), ("name", "x"), ("config", cut < 20 ? config : config[..^(cut - 19)])));

            return read is ClusterSecret.Broken { Fault: var fault } ? !fault.Contains("geheim", StringComparison.Ordinal)
                : read is ClusterSecret.Described described && !(described.Problem ?? "").Contains("geheim", StringComparison.Ordinal)
                    && (described.Credential is CredentialDefinition.Aws || !read.ToString().Contains("geheim", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void The_kubeconfig_of_Cluster_API_gives_its_current_context_under_the_clusters_name()
    {
        var read = ClusterApiSecret.Read(Capi("prod-kubeconfig", Kubeconfig($"client-certificate-data: {_pair.CertificateData}, client-key-data: {_pair.KeyData}")));

        read.Should().BeOfType<ClusterSecret.Described>().Which.Should().Match<ClusterSecret.Described>(static one =>
            one.Name == "prod" && one.Problem == null && one.Connection.Server == new Uri("https://api:6443") && one.Credential is CredentialDefinition.ClientCertificate);
    }

    [Theory]
    [InlineData("user: { exec: { command: geheim, apiVersion: client.authentication.k8s.io/v1 } }", "exec names a program")]
    [InlineData("user: { tokenFile: /geheim }", "tokenFile names a file")]
    [InlineData("user: { client-certificate: /geheim, client-key: /geheim }", "client-key names a file")]
    [InlineData("user: { token: t, client-key: geheim }", "client-key names a file")]
    public void A_kubeconfig_in_a_Secret_names_neither_files_nor_programs(string user, string words)
    {
        var read = ClusterApiSecret.Read(Capi("prod-kubeconfig", Kubeconfig(user[8..^2]))).Should().BeOfType<ClusterSecret.Described>().Subject;

        (read.Problem ?? read.Credential.Should().BeOfType<CredentialDefinition.Unavailable>().Subject.Problem).Should().Contain(words).And.NotContain("geheim");
        read.Credential.Should().BeOfType<CredentialDefinition.Unavailable>();
    }

    [Fact]
    public void A_program_in_a_kubeconfig_of_a_Secret_keeps_no_caller_with_a_token_out() =>
        ClusterApiSecret.Read(Capi("prod-kubeconfig", Kubeconfig("exec: { command: geheim, apiVersion: client.authentication.k8s.io/v1 }"))).Should().BeOfType<ClusterSecret.Described>().Which.Problem.Should().BeNull();

    [Fact]
    public void An_authority_in_a_file_is_refused_too()
    {
        var text = Kubeconfig("token: t").Replace("server: ", "certificate-authority: /etc/passwd, server: ", StringComparison.Ordinal);

        ClusterApiSecret.Read(Capi("prod-kubeconfig", text)).Should().BeOfType<ClusterSecret.Described>().Which.Problem.Should().Contain("certificate-authority names a file");
    }

    [Theory]
    [InlineData("prod-ca")]
    [InlineData("prod-user-kubeconfig")]
    public void Other_Secrets_of_the_same_cluster_are_nobodys_business(string name) => ClusterApiSecret.Read(Capi(name, "geheim")).Should().BeOfType<ClusterSecret.Unrelated>();

    [Theory]
    [InlineData("geheim: [")]
    [InlineData("- geheim")]
    [InlineData("{ current-context: geheim }")]
    [InlineData("")]
    public void A_value_that_is_no_kubeconfig_gives_nothing_and_shows_nothing(string text) =>
        ClusterApiSecret.Read(Capi("prod-kubeconfig", text)).Should().BeOfType<ClusterSecret.Broken>().Which.Fault.Should().NotContain("geheim");

    private static ClusterSecret.Described Argo(string config) =>
        ArgoCdSecret.Read(Secret(("name", "prod"), ("server", "https://10.0.0.1:6443"), ("config", config))).Should().BeOfType<ClusterSecret.Described>().Subject;

    private static SecretObject Secret(params (string Key, string Value)[] data) =>
        new(data.ToDictionary(static one => one.Key, static one => Convert.ToBase64String(Encoding.UTF8.GetBytes(one.Value)), StringComparer.Ordinal));

    private static SecretObject Capi(string name, string value) => Secret(("value", value)) with
    {
        Type = "cluster.x-k8s.io/secret",
        Metadata = new ObjectMeta(name, "default", Labels: new Dictionary<string, string>(StringComparer.Ordinal) { ["cluster.x-k8s.io/cluster-name"] = "prod" }),
    };

    private static string Kubeconfig(string user) => $$"""
        apiVersion: v1
        kind: Config
        clusters: [{ name: c, cluster: { server: https://api:6443 } }]
        users: [{ name: u, user: { {{user}} } }]
        contexts: [{ name: a, context: { cluster: none, user: u } }, { name: b, context: { cluster: c, user: u } }]
        current-context: b
        """;
}
