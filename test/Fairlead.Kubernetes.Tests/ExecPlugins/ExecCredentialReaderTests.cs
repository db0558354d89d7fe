using System.Text;
using System.Text.Json;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Kubernetes.Tests.ExecPlugins;

public sealed class ExecCredentialReaderTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private static readonly PemPair _pair = PemPair.Create();

    private static readonly string[] _words =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\"apiVersion\":\"client.authentication.k8s.io/v1\"", "\"kind\":\"ExecCredential\"", "\"status\":{", "\"token\":\"t\"", "\"token\":7",
        "\"token\":\"\\ud800\"", "\"clientCertificateData\":\"x\"", "\"clientKeyData\":\"-----BEGIN PRIVATE KEY-----\\nQQ==\\n-----END PRIVATE KEY-----\"",
        "\"clientCertificateData\":\"-----BEGIN CERTIFICATE-----\\nQQ==\\n-----END CERTIFICATE-----\"", "\"expirationTimestamp\":\"2999-01-01T00:00:00Z\"",
        "\"expirationTimestamp\":\"0001-01-01T00:00:00+14:00\"", "null", "1e999", " ", "\n", "//", "\u0000", "é",
    ];

    [Theory]
    [InlineData(ExecApiVersion.V1, "client.authentication.k8s.io/v1")]
    [InlineData(ExecApiVersion.V1Beta1, "client.authentication.k8s.io/v1beta1")]
    public void A_token_of_the_version_that_was_asked_for_is_taken(ExecApiVersion version, string name)
    {
        var given = Read(Document("""{"token":"t","unknown":[{}]}""", name), version);

        given.Should().Be(new ExecCredential(new Secret("t"), null, null));
    }

    [Theory]
    [InlineData(ExecApiVersion.V1, "client.authentication.k8s.io/v1beta1")]
    [InlineData(ExecApiVersion.V1Beta1, "client.authentication.k8s.io/v1")]
    [InlineData(ExecApiVersion.V1, "v1")]
    public void Another_version_is_refused(ExecApiVersion version, string name) =>
        Fail(Document("""{"token":"t"}""", name), version).Should().Contain("apiVersion");

    [Fact]
    public void A_certificate_with_its_key_is_taken_and_both_count_with_a_token()
    {
        var certificate = new ClientCertificateSource(new PemSource.Inline(new Secret(_pair.Certificate)), new PemSource.Inline(new Secret(_pair.Key)));

        Read(Document(Status(certificate: _pair.Certificate, key: _pair.Key))).Certificate.Should().Be(certificate);
        var both = Read(Document(Status("t", _pair.Certificate, _pair.Key)));
        (both.Token, both.Certificate).Should().Be((new Secret("t"), certificate));
    }

    [Fact]
    public void A_credential_ends_when_its_first_half_does()
    {
        var client = TestCertificates.Shared.Client("c");
        var end = new DateTimeOffset(client.Certificate.NotAfter);

        Read(Document(Status(certificate: client.Pem, key: client.KeyPem))).ExpiresAt.Should().Be(end);
        Read(Document(Status(certificate: client.Pem, key: client.KeyPem, expiration: "2999-01-01T00:00:00Z"))).ExpiresAt.Should().Be(end);
        var soon = DateTimeOffset.FromUnixTimeSeconds(_now.ToUnixTimeSeconds() + 60);
        Read(Document(Status(certificate: client.Pem, key: client.KeyPem, expiration: soon.ToString("yyyy-MM-ddTHH:mm:ssZ", null)))).ExpiresAt.Should().Be(soon);
    }

    [Theory]
    [InlineData("2999-01-01T00:00:00Z", 0)]
    [InlineData("2999-01-01T00:00:00.123456789Z", 0)]
    [InlineData("2999-01-01T02:00:00+02:00", 0)]
    [InlineData("2998-12-31T23:59:59-00:00", -1)]
    public void The_expiration_is_a_time_by_RFC_3339(string text, int seconds) =>
        Read(Document(Status("t", expiration: text))).ExpiresAt.Should().Be(new DateTimeOffset(2999, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(seconds));

    [Theory]
    [InlineData("")]
    [InlineData("SENTINEL")]
    [InlineData("2999-01-01")]
    [InlineData("2999-01-01T00:00:00")]
    [InlineData("2999-13-01T00:00:00Z")]
    [InlineData("01/01/2999 00:00:00")]
    [InlineData("2999-01-01T00:00:00Z\n")]
    public void Anything_else_is_no_expiration(string text) => Fail(Document(Status("t", expiration: text))).Should().Contain("expirationTimestamp");

    [Theory]
    [InlineData("""{"token":"t","expirationTimestamp":"2020-01-01T00:00:00Z"}""", "had expired already")]
    [InlineData("{}", "without token and client certificate")]
    [InlineData("""{"token":""}""", "without token and client certificate")]
    [InlineData("null", "without status")]
    [InlineData("""{"token":"SENT INEL"}""", "a token that holds blanks")]
    [InlineData("""{"token":"SENTINEL\r\nX-Evil: 1"}""", "a token that holds blanks")]
    [InlineData("""{"token":"Bearer SENTINEL"}""", "give the bare token")]
    [InlineData("""{"clientCertificateData":"SENTINEL"}""", "clientCertificateData without clientKeyData")]
    [InlineData("""{"clientKeyData":"SENTINEL","token":"t"}""", "clientKeyData without clientCertificateData")]
    [InlineData("""{"clientCertificateData":"SENTINEL","clientKeyData":"SENTINEL"}""", "do not belong together")]
    [InlineData("""{"token":{"SENTINEL":1}}""", "not an ExecCredential")]
    public void What_is_no_credential_is_refused_with_the_reason(string status, string reason) => Fail(Document(status)).Should().Contain(reason).And.NotContain("INEL");

    [Fact]
    public void A_key_of_another_certificate_is_refused() =>
        Fail(Document(Status(certificate: _pair.Certificate, key: PemPair.Create().Key))).Should().Contain("do not belong together");

    [Fact]
    public void T115_random_bytes_are_refused_and_nothing_else_happens() => Gen.Byte.Array[0, 300].Sample(IsSound, iter: 20_000);

    [Fact]
    public void T115_random_pieces_are_read_or_refused_and_nothing_else_happens() =>
        Gen.Int[0, _words.Length - 1].Array[0, 30].Select(static picks => Encoding.UTF8.GetBytes(string.Concat(picks.Select(static pick => _words[pick])))).Sample(IsSound, iter: 20_000);

    [Fact]
    public void T115_random_values_are_read_or_refused_and_nothing_else_happens() =>
        Gen.Select(Gen.String, Gen.String, Gen.String, Gen.String).Sample(
            static values => IsSound(Encoding.UTF8.GetBytes(Document(Status(values.Item1, values.Item2, values.Item3, values.Item4)))), iter: 5_000);

    [Fact]
    public void T115_bytes_that_are_changed_are_read_or_refused_and_nothing_else_happens()
    {
        var good = Encoding.UTF8.GetBytes(Document(Status("t", _pair.Certificate, _pair.Key, "2999-01-01T00:00:00Z")));
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Sample(
            change =>
            {
                var bytes = good.ToArray();
                bytes[change.Item1] = change.Item2;
                return IsSound(bytes);
            },
            iter: 5_000);
    }

    private static bool IsSound(byte[] bytes)
    {
        try
        {
            return ExecCredentialReader.Read(Plugin(ExecApiVersion.V1), bytes, _now) is { Token: not null } or { Certificate: not null };
        }
        catch (ExecPluginException)
        {
            return true;
        }
    }

    private static ExecPlugin Plugin(ExecApiVersion version) => new() { Command = "plugin", ApiVersion = version };

    private static ExecCredential Read(string text, ExecApiVersion version = ExecApiVersion.V1) => ExecCredentialReader.Read(Plugin(version), Encoding.UTF8.GetBytes(text), _now);

    private static string Fail(string text, ExecApiVersion version = ExecApiVersion.V1) => Assert.Throws<ExecPluginException>(() => Read(text, version)).ToString();

    private static string Document(string status, string version = "client.authentication.k8s.io/v1") => $$"""{"kind":"ExecCredential","apiVersion":"{{version}}","spec":{},"status":{{status}}}""";

    private static string Status(string? token = null, string? certificate = null, string? key = null, string? expiration = null) =>
        JsonSerializer.Serialize(new { token, clientCertificateData = certificate, clientKeyData = key, expirationTimestamp = expiration });
}
