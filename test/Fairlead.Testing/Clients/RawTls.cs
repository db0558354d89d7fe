using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Testing.Clients;

/// <summary>The client side of a TLS handshake.</summary>
public sealed record RawTls
{
    /// <summary>The name sent as SNI and checked when <see cref="Authority"/> is given.</summary>
    public string ServerName { get; init; } = "localhost";

    /// <summary>The CA that the server's certificate has to come from; null accepts any certificate.</summary>
    public X509Certificate2? Authority { get; init; }

    /// <summary>A client certificate to offer.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The ALPN protocols to offer; null leaves it to the client in use.</summary>
    public IReadOnlyList<string>? Protocols { get; init; }

    internal async Task<SslStream> AuthenticateAsync(Stream stream, string protocol, CancellationToken cancellationToken)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = ServerName,
            ApplicationProtocols = [.. (Protocols ?? [protocol]).Select(name => new SslApplicationProtocol(name))],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (ClientCertificate is { } certificate)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        }

        if (Authority is { } authority)
        {
            options.CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority },
                RevocationMode = X509RevocationMode.NoCheck,
            };
        }
        else
        {
#pragma warning disable CA5359 // A test that gives no authority asks not to check.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
