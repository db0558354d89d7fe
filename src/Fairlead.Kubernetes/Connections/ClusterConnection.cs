namespace Fairlead.Kubernetes.Connections;

/// <summary>
/// How an API server is reached. Two clusters with equal connections may share a connection pool, as long as the TLS
/// client identity is the same too (see <see cref="ClientCertificateSource"/>).
/// </summary>
public sealed record ClusterConnection
{
    /// <summary>The API server's URL: http or https, an optional path, never a query or user info.</summary>
    public required Uri Server { get; init; }

    /// <summary>The certificate authority that has signed the server's certificate; null means the system's roots.</summary>
    public PemSource? CertificateAuthority { get; init; }

    /// <summary>Whether the server's certificate is accepted unseen.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>The name that the server's certificate has to carry, where it is not the URL's host (kubeconfig <c>tls-server-name</c>).</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The proxy to go through (kubeconfig <c>proxy-url</c>); null for none.</summary>
    public ProxyAddress? Proxy { get; init; }

    /// <summary>Whether connections are made to public addresses only: somebody who may not say where the gateway is sent to has written the URL.</summary>
    public bool PublicAddressesOnly { get; init; }
}

/// <summary>The two halves of a TLS client identity.</summary>
/// <param name="Certificate">The certificate, with its chain.</param>
/// <param name="Key">The private key.</param>
public sealed record ClientCertificateSource(PemSource Certificate, PemSource Key);
