using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using AwesomeAssertions;
using Fairlead.FirstRun;
using Xunit;

namespace Fairlead.Tests.FirstRun;

public sealed class GeneratedCertificateTests
{
    private static readonly GeneratedCertificate _generated = GeneratedCertificate.Create(DateTimeOffset.UtcNow);

    [Fact]
    public void Decision7_The_certificate_is_good_for_loopback_and_nothing_else()
    {
        var certificate = _generated.Server.TargetCertificate;

        foreach (var name in (string[])["localhost", "127.0.0.1", "::1"])
        {
            certificate.MatchesHostname(name).Should().BeTrue(name);
        }

        certificate.MatchesHostname("127.0.0.2").Should().BeFalse();
        certificate.MatchesHostname("gateway.test").Should().BeFalse();
        certificate.HasPrivateKey.Should().BeTrue();
    }

    [Fact]
    public void The_authority_vouches_for_it_and_another_run_does_not()
    {
        Verifies(_generated.AuthorityPem, _generated.Server).Should().BeTrue();
        Verifies(GeneratedCertificate.Create(DateTimeOffset.UtcNow).AuthorityPem, _generated.Server).Should().BeFalse();
    }

    [Fact]
    public void The_authoritys_key_is_not_kept()
    {
        _generated.AuthorityPem.Should().Contain("BEGIN CERTIFICATE").And.NotContain("PRIVATE");
        using var authority = X509Certificate2.CreateFromPem(_generated.AuthorityPem);
        authority.Extensions.OfType<X509BasicConstraintsExtension>().Single().Should().Match<X509BasicConstraintsExtension>(
            static constraints => constraints.CertificateAuthority && constraints.HasPathLengthConstraint && constraints.PathLengthConstraint == 0);
    }

    [Fact]
    public void It_is_valid_now_and_for_weeks()
    {
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var certificate = GeneratedCertificate.Create(now).Server.TargetCertificate;

        certificate.NotBefore.ToUniversalTime().Should().BeBefore(now.UtcDateTime);
        certificate.NotAfter.ToUniversalTime().Should().BeAfter(now.UtcDateTime.AddDays(7));
    }

    private static bool Verifies(string authorityPem, SslStreamCertificateContext server)
    {
        using var authority = X509Certificate2.CreateFromPem(authorityPem);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        return chain.Build(server.TargetCertificate);
    }
}
