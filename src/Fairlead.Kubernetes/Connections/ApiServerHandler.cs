using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Fairlead.Kubernetes.Connections;

/// <summary>
/// Makes the one kind of handler that talks to API servers: verified TLS with the host name checked under a custom authority
/// too, nothing shared between callers, no redirects, no proxy but a configured one.
/// </summary>
public static class ApiServerHandler
{
    /// <summary>Makes a handler, which is a connection pool of its own.</summary>
    /// <param name="connection">Where to and how.</param>
    /// <param name="material">The certificates.</param>
    /// <param name="bounds">The bounds of its connections.</param>
    /// <param name="resolve">Resolves names, where the addresses have to be public; null for the system's resolver.</param>
    /// <param name="counts">Counts the connections; null where nobody does.</param>
    public static SocketsHttpHandler Create(ClusterConnection connection, TlsMaterial material, ConnectionBounds bounds, NameResolver? resolve = null, ConnectionCounts? counts = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(material);
        ArgumentNullException.ThrowIfNull(bounds);
        counts ??= new ConnectionCounts();
        var handler = UpstreamHandler.Create(bounds);
        handler.UseProxy = connection.Proxy is not null;
        handler.Proxy = connection.Proxy is { } proxy ? new WebProxy(proxy.Url) { Credentials = proxy.Credential } : null;
        handler.ConnectCallback = connection.PublicAddressesOnly
            ? (context, cancellationToken) => DialPublicAsync(context.DnsEndPoint, resolve ?? Dns.GetHostAddressesAsync, bounds, counts, cancellationToken)
            : (context, cancellationToken) => DialAsync(context.DnsEndPoint, bounds, counts, cancellationToken);
        handler.SslOptions = TlsOptions(connection, material);
        return handler;
    }

    private static SslClientAuthenticationOptions TlsOptions(ClusterConnection connection, TlsMaterial material) => new()
    {
        ClientCertificateContext = material.Client,
        CertificateChainPolicy = ServerTrust.For(material.Authority),
        // The callback never widens what the platform found; it only says in a type of its own what was wrong.
        RemoteCertificateValidationCallback = connection.InsecureSkipTlsVerify
#pragma warning disable CA5359 // Asked for by skipTLSVerify, which warns at start.
            ? static (_, _, _, _) => true
#pragma warning restore CA5359
            : static (_, _, chain, errors) => errors == SslPolicyErrors.None ? true : throw new ServerCertificateException(errors, chain),
    };

    /// <summary>What is dialled is what was looked at, however often a name changes its mind.</summary>
    /// <exception cref="NotPublicAddressException">The name leads elsewhere.</exception>
    private static async ValueTask<Stream> DialPublicAsync(DnsEndPoint endPoint, NameResolver resolve, ConnectionBounds bounds, ConnectionCounts counts, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(endPoint.Host.Trim('[', ']'), out var literal) ? [literal] : await resolve(endPoint.Host, cancellationToken).ConfigureAwait(false);
        if (!addresses.All(static address => AddressRanges.IsPublic(AddressRanges.Plain(address))))
        {
            throw new NotPublicAddressException();
        }

        SocketException? last = null;
        foreach (var address in addresses)
        {
            try
            {
                return await DialAsync(new IPEndPoint(address, endPoint.Port), bounds, counts, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException exception)
            {
                // The next address may answer.
                last = exception;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static async ValueTask<Stream> DialAsync(EndPoint endPoint, ConnectionBounds bounds, ConnectionCounts counts, CancellationToken cancellationToken)
    {
        counts.Attempt();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            UpstreamHandler.KeepAlive(socket, bounds.Ping);
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return counts.Opened(socket);
        }
        catch
        {
            counts.Fail();
            socket.Dispose();
            throw;
        }
    }
}
