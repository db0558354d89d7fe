using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.FirstRun;

/// <summary>A certificate for loopback and the authority that signed it, both made for this process and kept in memory.</summary>
internal sealed class GeneratedCertificate
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(30);

    private GeneratedCertificate(string authorityPem, SslStreamCertificateContext server)
    {
        AuthorityPem = authorityPem;
        Server = server;
    }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityPem { get; }

    /// <summary>The server's certificate with its key.</summary>
    public SslStreamCertificateContext Server { get; }

    /// <summary>Makes both.</summary>
    /// <param name="now">The time.</param>
    public static GeneratedCertificate Create(DateTimeOffset now)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Fairlead first run", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        var start = now.AddHours(-1);
        using var authority = authorityRequest.CreateSelfSigned(start, now + _lifetime);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var signed = request.Create(authority, start, now + _lifetime, RandomNumberGenerator.GetBytes(16));
        var server = signed.CopyWithPrivateKey(key);
        return new GeneratedCertificate(
            authority.ExportCertificatePem(),
            SslStreamCertificateContext.Create(server, additionalCertificates: null, offline: true));
    }
}
