using AwesomeAssertions;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Connections;

public sealed class TlsMaterialTests
{
    [Fact]
    public void B46_A_pair_from_files_is_loaded_with_its_end()
    {
        using var folder = new TempFolder();
        var client = TestCertificates.Shared.Client("jane");

        var material = TlsMaterial.Load(Connection(null), Files(folder, client.Pem, client.KeyPem));

        material.Client!.TargetCertificate.Subject.Should().Contain("CN=jane");
        material.Client.TargetCertificate.HasPrivateKey.Should().BeTrue();
        material.ClientNotAfter.Should().Be(client.Certificate.NotAfter.ToUniversalTime());
        material.Authority.Should().BeNull();
    }

    [Fact]
    public void B48_A_key_of_another_certificate_is_reported_with_both_files()
    {
        using var folder = new TempFolder();
        var client = TestCertificates.Shared.MismatchedClient("jane");

        var message = Fails(Connection(null), Files(folder, client.Pem, client.KeyPem));

        message.Should().Contain(folder.Of("client.crt")).And.Contain(folder.Of("client.key")).And.NotContain("BEGIN");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no PEM at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void B48_So_is_what_is_no_certificate(string certificate)
    {
        using var folder = new TempFolder();

        Fails(Connection(null), Files(folder, certificate, TestCertificates.Shared.Client("jane").KeyPem)).Should().Contain(folder.Of("client.crt"));
    }

    [Fact]
    public void A_pair_that_is_written_in_the_configuration_is_never_repeated_in_a_message()
    {
        var client = TestCertificates.Shared.MismatchedClient("jane");

        var message = Fails(Connection(null), new ClientCertificateSource(Inline(client.Pem), Inline(client.KeyPem)));

        message.Should().Contain("inline").And.NotContain("BEGIN").And.NotContain(client.KeyPem[40..60]);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var folder = new TempFolder();
        var client = TestCertificates.Shared.Client("jane");
        var source = Files(folder, client.Pem, client.KeyPem);

        File.Delete(folder.Of("client.key"));
        Fails(Connection(null), source).Should().Contain(folder.Of("client.key")).And.Contain("client key");
        Fails(Connection(new PemSource.File(folder.Of("ca.crt"))), null).Should().Contain(folder.Of("ca.crt")).And.Contain("authority");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no PEM at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")]
    public void T77_An_authority_without_a_certificate_trusts_nobody_instead_of_everybody(string text)
    {
        using var folder = new TempFolder();

        Fails(Connection(new PemSource.File(folder.Write("ca.crt", text))), null).Should().Contain(folder.Of("ca.crt"));
    }

    [Fact]
    public void B71_All_certificates_of_an_authority_file_are_trusted()
    {
        var bundle = TestCertificates.Shared.AuthorityPem + "\n" + new TestCertificates().AuthorityPem;

        TlsMaterial.Load(Connection(Inline(bundle)), null).Authority.Should().HaveCount(2);
    }

    [Fact]
    public void B72_An_authority_is_not_read_where_nothing_is_verified() =>
        TlsMaterial.Load(Connection(new PemSource.File("/nowhere/ca.crt")) with { InsecureSkipTlsVerify = true }, null).Authority.Should().BeNull();

    [Fact]
    public void B71_It_is_stale_when_a_file_was_exchanged()
    {
        using var folder = new MountedFolder();
        folder.Publish(("ca.crt", TestCertificates.Shared.AuthorityPem));
        var material = TlsMaterial.Load(Connection(new PemSource.File(folder.Of("ca.crt"))), null);
        material.IsStale().Should().BeFalse();

        folder.Publish(("ca.crt", TestCertificates.Shared.AuthorityPem));

        material.IsStale().Should().BeTrue();
    }

    [Fact]
    public void What_was_read_from_no_file_is_never_stale() =>
        TlsMaterial.Load(Connection(Inline(TestCertificates.Shared.AuthorityPem)), null).IsStale().Should().BeFalse();

    private static ClusterConnection Connection(PemSource? authority) => new() { Server = new Uri("https://kube.test"), CertificateAuthority = authority };

    private static PemSource.Inline Inline(string pem) => new(new Secret(pem));

    private static ClientCertificateSource Files(TempFolder folder, string certificate, string key) =>
        new(new PemSource.File(folder.Write("client.crt", certificate)), new PemSource.File(folder.Write("client.key", key)));

    private static string Fails(ClusterConnection connection, ClientCertificateSource? client) =>
        FluentActions.Invoking(() => TlsMaterial.Load(connection, client)).Should().Throw<TlsMaterialException>().Which.Message;
}
