using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Kubernetes.Connections;

/// <summary>Times that shape a connection pool.</summary>
/// <param name="Connect">To connect, TLS included.</param>
/// <param name="Ping">Between HTTP/2 pings, and between TCP keep-alive probes, on connections with open requests.</param>
public sealed record ConnectionTimes(TimeSpan Connect, TimeSpan Ping);

/// <summary>
/// Makes the one kind of handler that talks to API servers: verified TLS with the host name checked under a custom authority
/// too, nothing shared between callers, no redirects, no proxy but a configured one.
/// </summary>
public static class ApiServerHandler
{
    private static readonly TimeSpan _pooledLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Makes a handler, which is a connection pool of its own.</summary>
    /// <param name="connection">Where to and how.</param>
    /// <param name="material">The certificates.</param>
    /// <param name="times">The times.</param>
    public static SocketsHttpHandler Create(ClusterConnection connection, TlsMaterial material, ConnectionTimes times)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(material);
        ArgumentNullException.ThrowIfNull(times);
        return new SocketsHttpHandler
        {
            UseProxy = connection.ProxyUrl is not null,
            Proxy = connection.ProxyUrl is { } proxy ? ProxyFor(proxy) : null,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = times.Connect,
            PooledConnectionLifetime = _pooledLifetime,
            KeepAlivePingDelay = times.Ping,
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectCallback = (context, cancellationToken) => DialAsync(context.DnsEndPoint, times, cancellationToken),
            SslOptions = TlsOptions(connection, material),
        };
    }

    private static WebProxy ProxyFor(Uri url)
    {
        var proxy = new WebProxy(url);
        if (url.UserInfo.Length > 0)
        {
            var parts = url.UserInfo.Split(':', 2);
            proxy.Credentials = new NetworkCredential(
                Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }

        return proxy;
    }

    private static SslClientAuthenticationOptions TlsOptions(ClusterConnection connection, TlsMaterial material) => new()
    {
        ClientCertificateContext = material.Client,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = material.Authority is { } authority ? ChainPolicy(authority) : null,
        // The callback never widens what the platform found; it only says in a type of its own what was wrong.
        RemoteCertificateValidationCallback = connection.InsecureSkipTlsVerify
#pragma warning disable CA5359 // Asked for by skipTLSVerify, which warns at start.
            ? static (_, _, _, _) => true
#pragma warning restore CA5359
            : static (_, _, chain, errors) => errors == SslPolicyErrors.None ? true : throw new ServerCertificateException(errors, chain),
    };

    private static X509ChainPolicy ChainPolicy(X509Certificate2Collection authority)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authority);
        return policy;
    }

    private static async ValueTask<Stream> DialAsync(DnsEndPoint endPoint, ConnectionTimes times, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // HTTP/1.1 has no pings: a dead peer of a long watch or an exec session shows in TCP only.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Math.Max(1, (int)times.Ping.TotalSeconds));
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
