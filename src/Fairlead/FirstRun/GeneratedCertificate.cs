using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.FirstRun;

/// <summary>A certificate for loopback and the authority that signed it, both made for this process and kept in memory.</summary>
internal sealed class GeneratedCertificate
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(30);
    private static readonly TimeSpan _leastRest = TimeSpan.FromDays(10);

    private GeneratedCertificate(string authorityPem, SslStreamCertificateContext server, string pem)
    {
        AuthorityPem = authorityPem;
        Server = server;
        Pem = pem;
    }

    /// <summary>The server's certificate, the authority's, and the server's key, as one text. The authority's key is not kept: nobody signs with it again.</summary>
    public string Pem { get; }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityPem { get; }

    /// <summary>The server's certificate with its key.</summary>
    public SslStreamCertificateContext Server { get; }

    /// <summary>Reads <see cref="Pem"/>; null for another text, and for certificates that end soon.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="now">The time.</param>
    public static GeneratedCertificate? TryRead(string pem, DateTimeOffset now)
    {
        try
        {
            var both = new X509Certificate2Collection();
            both.ImportFromPem(pem);
            var server = X509Certificate2.CreateFromPem(pem, pem);
            return both.Count == 2 && server.NotAfter.ToUniversalTime() - now.UtcDateTime > _leastRest
                ? new GeneratedCertificate(both[1].ExportCertificatePem(), SslStreamCertificateContext.Create(server, additionalCertificates: null, offline: true), pem)
                : null;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

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
            SslStreamCertificateContext.Create(server, additionalCertificates: null, offline: true),
            $"{server.ExportCertificatePem()}\n{authority.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }
}
