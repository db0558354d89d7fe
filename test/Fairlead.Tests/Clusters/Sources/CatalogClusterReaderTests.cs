using System.Text.Json;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Tests.Clusters.Sources;

/// <summary>Clusters of catalog entities (contract S39, F51, section 7).</summary>
public sealed class CatalogClusterReaderTests
{
    private static readonly PemPair _pair = PemPair.Create();

    private readonly List<string> _problems = [];

    [Fact]
    public void Every_annotation_has_its_place()
    {
        var cluster = Read(
            new() { AllowsSkipTlsVerify = true },
            Entity("prod", "team", "Production", ("auth-provider", "oidc"), ("oidc-token-provider", "okta"), ("dashboard-url", "https://d.example"), ("skip-metrics-lookup", "true")));

        cluster.Should().Be(new ClusterDefinition
        {
            Locator = "catalog",
            Scope = "team",
            Name = "prod",
            Title = "Production",
            DashboardUrl = "https://d.example",
            Connection = new ClusterConnection { Server = new Uri("https://api.example"), CertificateAuthority = new PemSource.Inline(new Secret(_pair.Certificate)), PublicAddressesOnly = true },
            Credential = new CredentialDefinition.ClientSide("oidc", "okta"),
        });
        cluster!.QualifiedName.Should().Be("catalog/team/prod");
        _problems.Should().BeEmpty();
    }

    [Fact]
    public void An_entity_without_namespace_is_in_default() => Read(new(), Entity("prod", null, null))!.QualifiedName.Should().Be("catalog/default/prod");

    [Fact]
    public void Each_of_Backstages_providers_gives_its_credential()
    {
        var key = new Secret("{}");
        CredentialDefinition? Of(string provider, params (string, string)[] more) => Read(new() { GoogleKey = key }, Entity("prod", null, null, [("auth-provider", provider), .. more]))?.Credential;

        Of("google").Should().Be(new CredentialDefinition.ClientSide("google", null));
        Of("aks").Should().Be(new CredentialDefinition.ClientSide("aks", null));
        Of("googleServiceAccount").Should().Be(new CredentialDefinition.GoogleServiceAccount(key));
        Of("azure").Should().Be(new CredentialDefinition.Azure());
        Of("aws").Should().Be(new CredentialDefinition.Aws("prod", null, null, null));
        Of("aws", ("x-k8s-aws-id", "other"), ("aws-assume-role", "arn:aws:iam::123456789012:role/r"), ("aws-external-id", "id"))
            .Should().Be(new CredentialDefinition.Aws("other", null, "arn:aws:iam::123456789012:role/r", "id"));
        _problems.Should().BeEmpty();
    }

    [Theory]
    [InlineData("auth-provider", "serviceAccount", "does not count in a catalog")]
    [InlineData("auth-provider", "clientCertificate", "does not count in a catalog")]
    [InlineData("auth-provider", "exec", "does not count in a catalog")]
    [InlineData("auth-provider", "impersonate", "does not count in a catalog")]
    [InlineData("auth-provider", "passThrough", "does not count in a catalog")]
    [InlineData("auth-provider", "localKubectlProxy", "does not count in a catalog")]
    [InlineData("auth-provider", "oidc", "needs kubernetes.io/oidc-token-provider")]
    [InlineData("api-server", "", "has to be a full URL")]
    [InlineData("api-server", "http://api.example", "has to be https")]
    [InlineData("api-server", "ftp://api.example", "has to be a full URL")]
    [InlineData("api-server", "file:///etc/passwd", "has to be a full URL")]
    [InlineData("api-server", "https://geheim:geheim@api.example", "must not hold user info")]
    [InlineData("api-server", "https://@api.example", "must not hold user info")]
    [InlineData("api-server", "https://api.example?geheim", "must not have a query")]
    [InlineData("api-server", "https://api.example#geheim", "must not have a fragment")]
    [InlineData("api-server", "https://127.0.0.1", "not public")]
    [InlineData("api-server", "https://127.1", "not public")]
    [InlineData("api-server", "https://2130706433", "not public")]
    [InlineData("api-server", "https://0x7f000001", "not public")]
    [InlineData("api-server", "https://10.0.0.1:6443", "not public")]
    [InlineData("api-server", "https://169.254.169.254", "not public")]
    [InlineData("api-server", "https://[::1]", "not public")]
    [InlineData("api-server", "https://[::ffff:10.0.0.1]", "not public")]
    [InlineData("api-server", "https://[fd00:ec2::254]", "not public")]
    [InlineData("api-server-certificate-authority", "geheim", "not valid base64")]
    [InlineData("aws-assume-role", "geheim", "the ARN of a role")]
    public void B102_An_entity_that_breaks_a_rule_is_ignored_with_the_reason_and_no_value(string annotation, string value, string words)
    {
        var entity = Entity("prod", "team", null, annotation is "aws-assume-role" ? [("auth-provider", "aws"), (annotation, value)] : [(annotation, value)]);

        Read(new(), entity).Should().BeNull();

        _problems.Should().ContainSingle().Which.Should().StartWith("entity resource:team/prod is ignored: ").And.Contain(words).And.NotContain("geheim");
    }

    [Theory]
    [InlineData("https://①②⑦.0.0.1")]
    [InlineData("https://１２７.0.0.1")]
    public void B102_Digits_in_disguise_are_judged_as_what_is_dialled(string url)
    {
        // Without ICU, names are not folded, and none of these becomes an address.
        var isAddress = System.Net.IPAddress.TryParse(new Uri(url).IdnHost, out _);

        (Read(new(), Entity("prod", null, null, ("api-server", url))) is null).Should().Be(isAddress);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", "127.0.0.1")]
    [InlineData("https://[::1]:6443", "::1")]
    [InlineData("https://API.corp.example.", "api.corp.example")]
    [InlineData("http://api.corp.example", "*.example")]
    [InlineData("http://corp.example", "*.corp.example")]
    public void B102_A_listed_host_may_be_http_and_anywhere(string url, string pattern) =>
        Read(new() { AllowedHosts = [pattern] }, Entity("prod", null, null, ("api-server", url)))!.Connection.PublicAddressesOnly.Should().BeFalse();

    [Theory]
    [InlineData("http://127.0.0.1", "auth-provider", "serviceAccount")]
    [InlineData("http://user@127.0.0.1", "auth-provider", "google")]
    [InlineData("http://x127.0.0.1.example", "auth-provider", "google")]
    public void B102_A_listed_host_changes_nothing_else(string url, string key, string value) =>
        Read(new() { AllowedHosts = ["127.0.0.1", "*.org"] }, Entity("prod", null, null, ("api-server", url), (key, value))).Should().BeNull();

    [Theory]
    [InlineData(true, "true", true)]
    [InlineData(true, "false", false)]
    [InlineData(true, "TRUE", false)]
    [InlineData(false, "true", false)]
    public void The_check_of_certificates_is_skipped_only_where_that_is_allowed(bool allowed, string value, bool skips)
    {
        var connection = Read(new() { AllowsSkipTlsVerify = allowed }, Entity("prod", null, null, ("skip-tls-verify", value)))!.Connection;

        connection.InsecureSkipTlsVerify.Should().Be(skips);
        (connection.CertificateAuthority is null).Should().Be(skips);
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("/relative")]
    public void A_link_that_is_none_is_left_out_and_the_cluster_stays(string link)
    {
        Read(new(), Entity("prod", null, null, ("dashboard-url", link)))!.DashboardUrl.Should().BeNull();
        _problems.Should().ContainSingle().Which.Should().Contain("dashboard-url is left out");
    }

    [Fact]
    public void Whatever_an_entity_holds_it_is_a_cluster_or_a_problem()
    {
        var value = Gen.OneOf(
            Gen.Const("\"kubernetes-cluster\""), Gen.Const("null"), Gen.Const("{}"), Gen.Const("[1]"), Gen.Const("7"), Gen.Const("\"https://api.example\""),
            Gen.String[Gen.Char[' ', '~'], 0, 12].Select(static text => JsonSerializer.Serialize(text)));
        var keys = new[] { "api-server", "api-server-certificate-authority", "auth-provider", "oidc-token-provider", "aws-assume-role", "dashboard-url", "skip-tls-verify" };
        Gen.Select(value, value, value, value.Array[keys.Length]).Sample((name, scope, title, values) =>
        {
            var annotations = string.Join(',', keys.Zip(values, static (key, one) => $"\"kubernetes.io/{key}\": {one}"));
            using var json = JsonDocument.Parse($$"""{ "metadata": { "name": {{name}}, "namespace": {{scope}}, "title": {{title}}, "annotations": { {{annotations}} } } }""");
            var problems = new List<string>();

            var entity = SourceJson.TryRead(json.RootElement, SourceJson.Default.CatalogEntity);
            var cluster = entity is null ? null : new CatalogClusterReader(Locator).Read(entity, problems);

            return entity is null || cluster is not null || problems.Count == 1;
        });
    }

    private static ClusterLocator.BackstageCatalog Locator { get; } = new("catalog", TimeSpan.FromMinutes(1));

    private static CatalogEntity Entity(string name, string? scope, string? title, params (string Key, string Value)[] annotations)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["kubernetes.io/api-server"] = "https://api.example",
            ["kubernetes.io/api-server-certificate-authority"] = _pair.CertificateData,
            ["kubernetes.io/auth-provider"] = "google",
            ["serviceAccountToken"] = "geheim",
        };
        foreach (var (key, value) in annotations)
        {
            all["kubernetes.io/" + key] = value;
        }

        return new CatalogEntity(new CatalogMetadata(name, scope, title, all));
    }

    private ClusterDefinition? Read(Options options, CatalogEntity entity) =>
        new CatalogClusterReader(Locator with { AllowedHosts = [.. options.AllowedHosts], AllowsSkipTlsVerify = options.AllowsSkipTlsVerify, GoogleKey = options.GoogleKey }).Read(entity, _problems);

    private sealed record Options
    {
        public string[] AllowedHosts { get; init; } = [];

        public bool AllowsSkipTlsVerify { get; init; }

        public Secret? GoogleKey { get; init; }
    }
}
