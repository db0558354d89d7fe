using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Kubernetes.Connections;

/// <summary>Whom connections trust.</summary>
public static class ServerTrust
{
    /// <summary>
    /// The policy under which a server's certificate is checked. Nothing is downloaded for it: a certificate may name any place to get its issuer from, and whoever presents it would have the
    /// gateway ask there, past every rule about where it connects to. Servers have to send their intermediate certificates (RFC 8446 4.4.2).
    /// </summary>
    /// <param name="authority">The trusted roots; null means the system's.</param>
    public static X509ChainPolicy For(X509Certificate2Collection? authority)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = authority is null ? X509ChainTrustMode.System : X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        if (authority is not null)
        {
            policy.CustomTrustStore.AddRange(authority);
        }

        return policy;
    }
}
