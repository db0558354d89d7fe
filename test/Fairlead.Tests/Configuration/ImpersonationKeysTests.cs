using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Tests.Configuration;

/// <summary>The account of <c>authProvider: impersonate</c>, and whom it may pretend to be.</summary>
public sealed class ImpersonationKeysTests : IDisposable
{
    private static readonly PemPair _pair = PemPair.Create();
    private readonly Loading _loading = new();

    public void Dispose() => _loading.Dispose();

    [Fact]
    public void The_account_has_a_token_a_file_or_a_certificate()
    {
        Bound("serviceAccountToken: t").Impersonator.Should().Be(new CredentialDefinition.ServiceAccountToken(new Secret("t")));
        Bound("tokenFile: token").Impersonator.Should().Be(new CredentialDefinition.TokenFile(_loading.Folder.Of("token")));
        Bound("clientCertFile: c.crt, clientKeyFile: c.key").Impersonator.Should().Be(
            new CredentialDefinition.ClientCertificate(new ClientCertificateSource(new PemSource.File(_loading.Folder.Of("c.crt")), new PemSource.File(_loading.Folder.Of("c.key")))));
        Bound($"clientCertData: {_pair.CertificateData}, clientKeyData: {_pair.KeyData}").Certificate.Should().NotBeNull("requests travel with it");
        Bound("serviceAccountToken: t").Certificate.Should().BeNull();
    }

    [Fact]
    public void The_account_for_look_ups_is_another_or_none()
    {
        var without = Bound("serviceAccountToken: t");
        (without.Account, without.HasAccount).Should().Be((null, false));

        var with = Bound("serviceAccountToken: t", ", serviceAccountToken: lookups");
        with.Account.Should().Be(new CredentialDefinition.ServiceAccountToken(new Secret("lookups")));
        with.Impersonator.Should().Be(new CredentialDefinition.ServiceAccountToken(new Secret("t")));
    }

    [Fact]
    public void A_caller_who_is_mapped_needs_no_other_list_and_the_uid_is_sent_unless_it_is_switched_off()
    {
        var rules = Bound("serviceAccountToken: t", users: "userMap: { ci: 'system:serviceaccount:a:b' }").Rules;

        rules.Users.Should().BeEmpty();
        rules.Groups.Should().BeEmpty();
        rules.SendsUid.Should().BeTrue();
        Bound("serviceAccountToken: t, uid: false").Rules.SendsUid.Should().BeFalse();
    }

    [Fact]
    public void Two_definitions_are_equal_where_they_say_the_same()
    {
        const string All = "serviceAccountToken: t, groups: [a, b], userMap: { x: y, z: w }, groupMap: { g: h }, extras: { k: c }";

        Bound(All).Should().Be(Bound(All));
        Bound(All).Should().NotBe(Bound(All.Replace("w", "v", StringComparison.Ordinal)));
        Bound(All).Should().NotBe(Bound(All.Replace("g: h", "g: i", StringComparison.Ordinal)));
        Bound(All).Should().NotBe(Bound(All.Replace("[a, b]", "[a]", StringComparison.Ordinal)));
        Bound(All).Should().NotBe(Bound(All + ", uid: false"));
    }

    [Theory]
    [InlineData("tokenFile: a, clientCertFile: b, clientKeyFile: c", "serviceAccountToken", "exactly one of serviceAccountToken, tokenFile, and clientCert")]
    [InlineData("clientCertFile: b", "clientKeyFile", "needs clientKeyFile or clientKeyData")]
    [InlineData("clientKeyFile: b", "clientCertFile", "needs clientCertFile or clientCertData")]
    [InlineData("clientCertFile: b, clientCertData: QQ==, clientKeyFile: c", "clientCertData", "must not stand together")]
    [InlineData("tokenFile: ''", "tokenFile", "must not be empty")]
    [InlineData("tokenFile: [a]", "tokenFile", "has to be a string")]
    [InlineData("serviceAccountToken: 7", "serviceAccountToken", "has to be a string")]
    [InlineData("serviceAccountToken: t, groups: a", "groups", "has to be a list")]
    [InlineData("serviceAccountToken: t, groups: ['team-*']", "groups[0]", "is a pattern; RBAC grants impersonation by exact names or for all")]
    [InlineData("serviceAccountToken: t, userMap: [a]", "userMap", "has to be a map")]
    [InlineData("serviceAccountToken: t, userMap: { a: 7 }", "userMap.a", "has to be a string")]
    [InlineData("serviceAccountToken: t, userMap: { a: '' }", "userMap.a", "must not be empty")]
    [InlineData("serviceAccountToken: t, userMap: { a: ' b' }", "userMap", "the value of 'a' cannot stand in a header")]
    [InlineData("serviceAccountToken: t, groupMap: { a: 'b ' }", "groupMap", "the value of 'a' cannot stand in a header")]
    [InlineData("serviceAccountToken: t, groupMap: { a: [b] }", "groupMap.a", "has to be a string")]
    [InlineData("serviceAccountToken: t, uid: maybe", "uid", "has to be true or false")]
    [InlineData("serviceAccountToken: t, extras: { 'a b': c }", "extras", "'a b' is no key of an extra")]
    [InlineData("serviceAccountToken: t, extras: { 'a%2fb': c }", "extras", "is no key of an extra")]
    [InlineData("serviceAccountToken: t, extras: [a]", "extras", "has to be a map")]
    [InlineData("serviceAccountToken: t, user: [a]", "user", "did you mean 'users'?")]
    [InlineData("serviceAccountToken: t, groupmap: { a: b }", "groupmap", "did you mean 'groupMap'?")]
    public void A_key_that_is_wrong_is_named(string keys, string path, string message) =>
        _loading.Load(Yaml(keys, "", "users: [jane]")).Errors.Should().Contain(error =>
            error.Path == "kubernetes.clusterLocatorMethods[0].clusters[0].impersonation." + path && error.Message.Contains(message, StringComparison.Ordinal));

    [Theory]
    [InlineData(", clientCertFile: a, clientKeyFile: b", "clientCertFile", "needs authProvider: clientCertificate")]
    [InlineData(", serviceAccountToken: 'a b'", "serviceAccountToken", "serviceAccountToken")]
    public void A_credential_beside_the_section_that_means_nothing_is_an_error(string cluster, string path, string message) =>
        _loading.Load(Yaml("serviceAccountToken: t", cluster, "users: [jane]")).Errors.Should().Contain(error =>
            error.Path == "kubernetes.clusterLocatorMethods[0].clusters[0]." + path && error.Message.Contains(message, StringComparison.Ordinal));

    [Theory]
    [InlineData("serviceAccount, serviceAccountToken: t")]
    [InlineData("passThrough")]
    [InlineData("google")]
    public void The_section_is_for_no_other_provider(string provider)
    {
        var result = _loading.Load(Loading.Cluster($"name: c, url: https://h, authProvider: {provider}, impersonation: {{ serviceAccountToken: t, users: [jane] }}"));

        result.Options.Should().BeNull();
        result.Errors.Should().ContainSingle().Which.Path.Should().EndWith("clusters[0].impersonation");
    }

    private static string Yaml(string keys, string cluster, string users) =>
        Loading.Cluster($"name: c, url: https://h, authProvider: impersonate{cluster}, impersonation: {{ {users}, {keys} }}");

    private CredentialDefinition.Impersonate Bound(string keys, string cluster = "", string users = "users: [jane]") =>
        ((ClusterLocator.Config)_loading.Options(Yaml(keys, cluster, users)).ClusterLocators[0]).Clusters[0].Credential.Should().BeOfType<CredentialDefinition.Impersonate>().Subject;
}
