using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Clouds;
using Xunit;

namespace Fairlead.Tests.Configuration;

/// <summary>The keys of <c>aws</c>, <c>azure</c> and <c>googleServiceAccount</c>.</summary>
public sealed class CloudKeysTests : IDisposable
{
    private const string Role = "arn:aws-us-gov:iam::123456789012:role/team/portal@x";

    private readonly Loading _loading = new();

    [Theory]
    [InlineData("", "c", null, null, null)]
    [InlineData($", region: us-gov-west-1, assumeRole: '{Role}', externalId: 'a:1'", "c", "us-gov-west-1", Role, "a:1")]
    [InlineData($", authMetadata: {{ kubernetes.io/x-k8s-aws-id: id, kubernetes.io/aws-assume-role: '{Role}', kubernetes.io/aws-external-id: ext }}", "id", null, Role, "ext")]
    [InlineData($", assumeRole: 'arn:aws:iam::1:role/x', authMetadata: {{ kubernetes.io/aws-assume-role: '{Role}' }}", "c", null, Role, null)]
    public void S29_aws_has_a_cluster_id_a_region_and_a_role(string keys, string id, string? region, string? role, string? externalId) =>
        Credential($"authProvider: aws{keys}").Should().Be(new CredentialDefinition.Aws(id, region, role, externalId));

    [Theory]
    [InlineData("externalId: ext", "externalId", "needs assumeRole")]
    [InlineData($"assumeRole: '{Role}', externalId: 'a b'", "externalId", "2 to 1224")]
    [InlineData("assumeRole: portal", "assumeRole", "the ARN of a role")]
    [InlineData("assumeRole: 'arn:aws:iam::123456789012:user/portal'", "assumeRole", "the ARN of a role")]
    [InlineData("assumeRole: '${GONE}'", "assumeRole", "'GONE' is not set")]
    [InlineData("authMetadata: { kubernetes.io/aws-assume-role: '${GONE}' }", "authMetadata['kubernetes.io/aws-assume-role']", "'GONE' is not set")]
    [InlineData("region: 'eu.evil.example'", "region", "the name of a region")]
    [InlineData("region: 'EU-WEST-1'", "region", "the name of a region")]
    [InlineData("region: '-eu'", "region", "the name of a region")]
    [InlineData("region: 'eu/'", "region", "the name of a region")]
    [InlineData("authMetadata: { kubernetes.io/x-k8s-aws-id: \"a\\nb\" }", "authMetadata", "visible ASCII")]
    public void A_key_that_cannot_be_meant_so_stops_the_start(string keys, string key, string message)
    {
        var error = _loading.Error(Loading.Cluster($"name: c, url: https://h, authProvider: aws, {keys}"));
        error.Path.Should().Be($"kubernetes.clusterLocatorMethods[0].clusters[0].{key}");
        error.Message.Should().Contain(message);
    }

    [Fact]
    public void The_keys_of_aws_are_named_as_without_effect_elsewhere() =>
        _loading.Options(Loading.Cluster($"name: c, url: https://h, authProvider: azure, assumeRole: '{Role}', region: eu-west-1")).Notices
            .Should().ContainSingle().Which.Should().Contain("have no effect here").And.Contain("assumeRole").And.Contain("region");

    [Fact]
    public void S29_azure_and_google_need_no_key()
    {
        Credential("authProvider: azure").Should().Be(new CredentialDefinition.Azure());
        Credential("authProvider: googleServiceAccount").Should().Be(new CredentialDefinition.GoogleServiceAccount(null));
    }

    [Fact]
    public void The_key_of_a_google_account_is_that_of_all_clusters()
    {
        var key = new GoogleKey().Json;
        _loading.Environment["KEY"] = key;

        Clusters(_loading.Options(Loading.Cluster("name: c, url: https://h, authProvider: googleServiceAccount") + "\n  googleServiceAccountCredentials: ${KEY}"))
            .Single().Credential.Should().Be(new CredentialDefinition.GoogleServiceAccount(new Secret(key)));
    }

    [Theory]
    [InlineData("geheim", "is not JSON")]
    [InlineData("""{"type":"service_account","private_key":"geheim""", "is not JSON")]
    [InlineData("\"geheim\"", "'type' has to be service_account")]
    [InlineData("""["geheim"]""", "'type' has to be service_account")]
    [InlineData("""{"type":"authorized_user","client_id":"a","client_secret":"geheim","refresh_token":"b"}""", "'type' has to be service_account")]
    [InlineData("""{"type":"service_account"}""", "'client_email' and an RSA 'private_key'")]
    [InlineData("""{"type":"service_account","client_email":"a@b","private_key":"geheim"}""", "'client_email' and an RSA 'private_key'")]
    public void A_key_that_is_none_stops_the_start_and_is_not_shown(string value, string message)
    {
        _loading.Environment["KEY"] = value;
        var error = _loading.Error("kubernetes:\n  googleServiceAccountCredentials: ${KEY}\n");
        error.Path.Should().Be("kubernetes.googleServiceAccountCredentials");
        error.Message.Should().Contain(message).And.NotContain("geheim");
    }

    [Fact]
    public void A_key_whose_variable_is_not_set_never_becomes_the_account_of_the_machine() =>
        _loading.Error("kubernetes:\n  googleServiceAccountCredentials: ${GONE}\n").Message.Should().Contain("'GONE' is not set");

    /// <inheritdoc/>
    public void Dispose() => _loading.Dispose();

    private static IReadOnlyList<ClusterDefinition> Clusters(GatewayOptions options) => [.. options.ClusterLocators.OfType<ClusterLocator.Config>().SelectMany(static locator => locator.Clusters)];

    private CredentialDefinition Credential(string keys) => Clusters(_loading.Options(Loading.Cluster($"name: c, url: https://h, {keys}"))).Single().Credential;
}
