using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Kubernetes.Connections;

/// <summary>Looks whether a client certificate and a key belong together.</summary>
public static class ClientCertificatePair
{
    /// <summary>Whether the two fit; null when a file is missing or unreadable, which is not for the pair to judge.</summary>
    public static bool? Fits(ClientCertificateSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (Text(source.Certificate) is not { } certificate || Text(source.Key) is not { } key)
        {
            return null;
        }

        try
        {
            using var pair = X509Certificate2.CreateFromPem(certificate, key);
            return pair.HasPrivateKey;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            // Not supported: a curve that the platform does not know.
            return false;
        }
    }

    private static string? Text(PemSource source) => source switch
    {
        PemSource.Inline inline => inline.Pem.Reveal(),
        PemSource.File file => TextFile.TryRead(file.Path, out var text, out _) ? text : null,
        _ => null,
    };
}
