using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Testing.Certificates;

/// <summary>A certificate with its private key, as an object, as PEM text, or as files.</summary>
public sealed record TestCertificate(X509Certificate2 Certificate, string Pem, string KeyPem)
{
    /// <summary>Writes <c>name.crt</c> and <c>name.key</c> and gives both paths.</summary>
    public (string CertificateFile, string KeyFile) WriteTo(TempFolder folder, string name)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return (folder.Write(name + ".crt", Pem), folder.Write(name + ".key", KeyPem));
    }
}
