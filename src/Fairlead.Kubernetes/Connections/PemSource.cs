using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Kubernetes.Connections;

/// <summary>Where PEM text comes from: written in the configuration, or a file that may be exchanged at any time.</summary>
public abstract record PemSource
{
    private PemSource()
    {
    }

    /// <summary>PEM text written in the configuration, already decoded from base64. May hold a private key.</summary>
    /// <param name="Pem">The PEM text.</param>
    public sealed record Inline(Secret Pem) : PemSource;

    /// <summary>A PEM file; it is read again when its content changes.</summary>
    /// <param name="Path">The absolute path.</param>
    public sealed record File(string Path) : PemSource;
}
