using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Bench;

/// <summary>The certificate of the upstream, and the authority that signs it.</summary>
internal static class UpstreamCertificates
{
    /// <summary>Makes both, on P-256.</summary>
    public static (string Authority, X509Certificate2 Server) Create()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=bench", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var start = DateTimeOffset.UtcNow.AddHours(-1);
        using var authority = authorityRequest.CreateSelfSigned(start, start.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, start, start.AddDays(2), RandomNumberGenerator.GetBytes(8));
        return (authority.ExportCertificatePem(), signed.CopyWithPrivateKey(key));
    }
}
