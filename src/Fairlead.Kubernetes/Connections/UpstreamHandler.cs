using System.Net;
using System.Net.Sockets;

namespace Fairlead.Kubernetes.Connections;

/// <summary>What bounds the connections of a pool.</summary>
/// <param name="Connect">To connect, TLS included.</param>
/// <param name="Ping">Between HTTP/2 pings, and between TCP keep-alive probes, on connections with open requests.</param>
/// <param name="ReadAhead">How many bytes of one HTTP/2 response the upstream may send before they are read (RFC 9113, section 5.2), 65,535 to 16,777,216.</param>
public sealed record ConnectionBounds(TimeSpan Connect, TimeSpan Ping, int ReadAhead = ConnectionBounds.LeastReadAhead)
{
    /// <summary>The least that HTTP/2 allows at the start of a stream.</summary>
    public const int LeastReadAhead = 65_535;

    /// <summary>The most that the platform allows.</summary>
    public const int MostReadAhead = 16 * 1024 * 1024;
}

/// <summary>What all connections upstream have in common: nothing is shared between callers, nothing is followed, nothing is changed.</summary>
public static class UpstreamHandler
{
    // A name may lead elsewhere by then, and a server's certificate may be another.
    private static readonly TimeSpan _pooledLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Makes a handler, which is a connection pool of its own. How it connects and whom it trusts is left to the caller.</summary>
    /// <param name="bounds">The bounds. The window of a stream stays as large as it begins only where the process was started with <c>System.Net.SocketsHttpHandler.Http2FlowControl.DisableDynamicWindowSizing</c>.</param>
    public static SocketsHttpHandler Create(ConnectionBounds bounds)
    {
        ArgumentNullException.ThrowIfNull(bounds);
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
            ConnectTimeout = bounds.Connect,
            PooledConnectionLifetime = _pooledLifetime,
            InitialHttp2StreamWindowSize = bounds.ReadAhead,
            KeepAlivePingDelay = bounds.Ping,
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
