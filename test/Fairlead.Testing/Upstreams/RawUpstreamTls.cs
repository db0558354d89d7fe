using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Upstreams;

/// <summary>The server side of the handshake, which records what the client offered.</summary>
internal static class RawUpstreamTls
{
    /// <summary>Opens the connection; false when the handshake failed, which is recorded on it.</summary>
    public static async Task<bool> OpenAsync(
        RawUpstreamConnection connection, Stream stream, RawUpstreamOptions options, CancellationToken cancellationToken)
    {
        if (options.Certificate is not { } certificate)
        {
            connection.Open(stream);
            return true;
        }

        var recorder = new FirstBytesStream(stream);
        var tls = new SslStream(recorder);
        try
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
                    ApplicationProtocols = [.. options.Protocols.Select(name => new SslApplicationProtocol(name))],
                    ClientCertificateRequired = options.RequestClientCertificate || options.DemandClientCertificate,
                    EnabledSslProtocols = options.Versions,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
#pragma warning disable CA5359 // The upstream records what it is shown; judging it is the test's business.
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null || !options.DemandClientCertificate,
#pragma warning restore CA5359
                },
                cancellationToken);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            connection.HandshakeError = exception;
            return false;
        }
        finally
        {
            var hello = ClientHello.Parse(recorder.First);
            connection.ServerName = hello.ServerName;
            connection.OfferedProtocols = hello.Protocols;
        }

        connection.Open(tls);
        return true;
    }
}
