using AwesomeAssertions;
using CsCheck;
using Fairlead.Kubernetes.Connections;
using Fairlead.Testing.Certificates;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Connections;

public sealed class PemFaultTests
{
    private static readonly string _certificate = TestCertificates.Shared.AuthorityPem.TrimEnd() + "\n";
    private static readonly string _key = TestCertificates.Shared.Client("jane").KeyPem.TrimEnd() + "\n";
    private static readonly int _lines = _certificate.Split('\n').Length - 1;

    [Fact]
    public void Whole_text_has_none_with_comments_blanks_and_other_blocks_around_it_too()
    {
        PemFault.Find(_certificate, PemContent.Certificate, isWhole: true).Should().BeNull();
        PemFault.Find("# the root\n\n" + _certificate.Replace("\n", "\r\n", StringComparison.Ordinal) + "\n" + _key, PemContent.Certificate, isWhole: true).Should().BeNull();
        PemFault.Find(_certificate + _key, PemContent.PrivateKey, isWhole: true).Should().BeNull();
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        PemFault.Find("", PemContent.Certificate, isWhole: true).Should().Contain("no PEM certificate");
        PemFault.Find(_certificate, PemContent.PrivateKey, isWhole: true).Should().Contain("no PEM private key");
    }

    [Fact]
    public void The_second_certificate_of_a_bundle_counts_like_the_first()
    {
        var broken = _certificate.Split('\n');
        broken[3] = broken[3][..^4] + "*" + broken[3][^3..];

        PemFault.Find(_certificate + string.Join('\n', broken), PemContent.Certificate, isWhole: true).Should().Be($"line {_lines + 4}: not base64");
    }

    [Fact]
    public void A_line_says_where_a_block_is_cut_off_mixed_up_or_encrypted()
    {
        Fault(_certificate[..(_certificate.Length / 2)]).Should().StartWith("line 1:").And.Contain("does not end");
        Fault("\n-----END CERTIFICATE-----\n").Should().StartWith("line 2:").And.Contain("has not begun");
        Fault(_certificate.Replace("END CERTIFICATE", "END PRIVATE KEY", StringComparison.Ordinal)).Should().StartWith($"line {_lines}:");
        Fault("-----BEGIN CERTIFICATE-----\n" + _certificate).Should().StartWith("line 2:").And.Contain("line 1");
        Fault("-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----").Should().StartWith("line 1:").And.Contain("base64");
        Fault("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----").Should().StartWith("line 1:").And.Contain("not one");
        Fault("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----").Should().StartWith("line 1:").And.Contain("password");
        Fault("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n").Should().StartWith("line 2:").And.Contain("password");

        static string? Fault(string text) => PemFault.Find(text, PemContent.Certificate, isWhole: true);
    }

    [Fact]
    public void T115_No_text_crashes_it_and_none_is_repeated() =>
        Gen.Select(Gen.Int[0, _key.Length - 1], Gen.String, Gen.Bool).Sample((at, insert, isKey) =>
        {
            var fault = PemFault.Find(_key.Insert(at, insert), isKey ? PemContent.PrivateKey : PemContent.Certificate, isWhole: true);
            fault?.Should().NotContain(_key.Split('\n')[1]);
        });

    [Theory]
    [InlineData(" ")]
    [InlineData("")]
    [InlineData("\\n")]
    [InlineData("\t")]
    [InlineData("\r")]
    public void T73_A_key_whose_line_breaks_are_lost_is_not_repeated(string instead)
    {
        var fault = PemFault.Find(_key.Replace("\n", instead, StringComparison.Ordinal), PemContent.PrivateKey, isWhole: true);

        foreach (var line in _key.Split('\n')[1..^2])
        {
            fault?.Should().NotContain(line[..16]);
        }

        if (instead is not "\r")
        {
            fault.Should().Contain("line 1:");
        }
    }
}
