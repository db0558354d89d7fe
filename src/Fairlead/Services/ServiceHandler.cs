using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Services;

/// <summary>Makes the handlers that talk to Services: verified TLS, no redirects, no proxy, nothing shared between Services.</summary>
internal static class ServiceHandler
{
    private static readonly TimeSpan _pooledIdle = TimeSpan.FromSeconds(60);

    /// <summary>Makes a handler, which is a connection pool of its own.</summary>
    /// <param name="target">Where its connections go, whatever a URL says.</param>
    /// <param name="dialer">Opens them.</param>
    /// <param name="material">Trusted roots beside the system's, and the client certificate.</param>
    /// <param name="names">The names of which the Service's certificate has to carry one.</param>
    /// <param name="skipVerify">Whether its certificate is accepted unseen.</param>
    /// <param name="bounds">The bounds of its connections.</param>
    public static SocketsHttpHandler Create(
        DialTarget target, ServiceDialer dialer, TlsMaterial material, IReadOnlyList<string> names, bool skipVerify, ConnectionBounds bounds)
    {
        var handler = UpstreamHandler.Create(bounds);
        handler.PooledConnectionIdleTimeout = _pooledIdle;
        handler.ConnectCallback = (_, cancellationToken) => dialer.ConnectAsync(target, cancellationToken);
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificateContext = material.Client,
            CertificateChainPolicy = ServerTrust.For(null),
            RemoteCertificateValidationCallback = skipVerify
#pragma warning disable CA5359 // Asked for by skipTLSVerify of the Service, which warns at start.
                ? static (_, _, _, _) => true
#pragma warning restore CA5359
                : (_, certificate, chain, errors) => Verify(certificate as X509Certificate2, chain, errors, material.Authority, names),
        };
        return handler;
    }

    /// <summary>What the platform found wrong is forgiven where the Service's own authority, or one of its other names, says otherwise.</summary>
    private static bool Verify(
        X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, X509Certificate2Collection? authority, IReadOnlyList<string> names)
    {
        if (certificate is not null && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && names.Any(name => certificate.MatchesHostname(name, allowWildcards: true, allowCommonName: false)))
        {
            errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
        }

        if (certificate is not null && authority is not null && errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && IsSignedBy(certificate, chain, authority))
        {
            errors &= ~SslPolicyErrors.RemoteCertificateChainErrors;
        }

        return errors == SslPolicyErrors.None ? true : throw new ServerCertificateException(errors, chain);
    }

    private static bool IsSignedBy(X509Certificate2 certificate, X509Chain? sent, X509Certificate2Collection authority)
    {
        using var chain = new X509Chain { ChainPolicy = ServerTrust.For(authority) };

        // Server authentication: a client's certificate of the same authority proves nothing here.
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1"));
        foreach (var element in sent?.ChainElements.Skip(1) ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        foreach (var extra in sent?.ChainPolicy.ExtraStore ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(extra);
        }

        return chain.Build(certificate);
    }
}
