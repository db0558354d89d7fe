using System.Net;
using System.Net.Sockets;

namespace Fairlead.Kubernetes.Connections;

/// <summary>Times that shape a connection pool.</summary>
/// <param name="Connect">To connect, TLS included.</param>
/// <param name="Ping">Between HTTP/2 pings, and between TCP keep-alive probes, on connections with open requests.</param>
public sealed record ConnectionTimes(TimeSpan Connect, TimeSpan Ping);

/// <summary>What all connections upstream have in common: nothing is shared between callers, nothing is followed, nothing is changed.</summary>
public static class UpstreamHandler
{
    // A name may lead elsewhere by then, and a server's certificate may be another.
    private static readonly TimeSpan _pooledLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Makes a handler, which is a connection pool of its own. How it connects and whom it trusts is left to the caller.</summary>
    /// <param name="times">The times.</param>
    public static SocketsHttpHandler Create(ConnectionTimes times)
    {
        ArgumentNullException.ThrowIfNull(times);
        return new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            // Else Location is read as UTF-8 where it can be, and what is no Latin-1 goes out as '?'.
            ResponseHeaderEncodingSelector = static (_, _) => System.Text.Encoding.Latin1,
            RequestHeaderEncodingSelector = static (name, request) =>
            {
                AtMostOnceHandler.Writing(name, request);
                return HeaderLines.EncodingFor(name, request);
            },
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = times.Connect,
            PooledConnectionLifetime = _pooledLifetime,
            KeepAlivePingDelay = times.Ping,
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
    }

    /// <summary>Has TCP find out about a dead peer: HTTP/1.1 has no pings, and a long watch or an exec session may be silent for ever.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="after">How long a connection is silent before it is probed, in whole seconds.</param>
    public static void KeepAlive(Socket socket, TimeSpan after)
    {
        ArgumentNullException.ThrowIfNull(socket);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Math.Max(1, (int)after.TotalSeconds));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }
}
