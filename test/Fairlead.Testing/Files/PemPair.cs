using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Fairlead.Testing.Files;

/// <summary>A self-signed certificate and its key, as PEM text.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="Key">The key.</param>
public sealed record PemPair(string Certificate, string Key)
{
    /// <summary>The certificate as <c>...Data</c> keys carry it.</summary>
    public string CertificateData => Convert.ToBase64String(Encoding.ASCII.GetBytes(Certificate));

    /// <summary>The key as <c>...Data</c> keys carry it.</summary>
    public string KeyData => Convert.ToBase64String(Encoding.ASCII.GetBytes(Key));

    /// <summary>Makes a new pair.</summary>
    public static PemPair Create(string name = "CN=test")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return new PemPair(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
