using System.Net;
using System.Net.Security;
using Fairlead.Configuration;
using Fairlead.Draining;
using Fairlead.Limits;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Fairlead.Listeners;

/// <summary>The listeners and their limits (decision 29; engine facts, section 8).</summary>
internal static class KestrelSetup
{
    private const int ReadAhead = 128 * 1024;

    /// <summary>How much is read of a connection before it is taken, in bytes: a head has to fit.</summary>
    public static int ReadAheadOf(LimitOptions limits) => Math.Max(ReadAhead, LineOf(limits) + limits.RequestHeaders);

    // The limit is on the target; the method and the version come on top.
    private static int LineOf(LimitOptions limits) => limits.RequestLine + 256;

    /// <summary>The address of the management listener, which the transport tells from the public ones by it.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port.</param>
    internal sealed class ManagementEndPoint(IPAddress address, int port) : IPEndPoint(address, port);

    /// <summary>Configures <paramref name="kestrel"/>.</summary>
    public static void Apply(KestrelServerOptions kestrel, GatewayOptions options, ServerCertificate? certificate, ConnectionGate gate, ClientConnections connections)
    {
        kestrel.AddServerHeader = false;
        // Upstreams' values are bytes, and leave as they came.
        kestrel.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
        kestrel.RequestHeaderEncodingSelector = ConnectionHeaderEncoding.For;
        kestrel.AllowSynchronousIO = false;
        // A line that ends in LF alone ends only for some readers; what such a line hides from a proxy in front would count here. Read by the server from nowhere else.
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);
        var limits = kestrel.Limits;
        limits.MaxRequestLineSize = LineOf(options.Limits);
        limits.MaxRequestHeadersTotalSize = options.Limits.RequestHeaders;
        limits.MaxRequestBodySize = options.Limits.RequestBody;
        limits.RequestHeadersTimeout = options.Timeouts.RequestHeaders;
        limits.KeepAliveTimeout = options.Timeouts.KeepAlive;
        limits.MinRequestBodyDataRate = null; // A slow upload or watch is not an attack; slow heads still are, and silent bodies (timeouts.idle).
        limits.MinResponseDataRate = null;
        limits.MaxConcurrentUpgradedConnections = null; // Met only after the cluster has begun to run the command; Limits/LimitStage counts before.
        // What is read ahead for an upstream that takes nothing: a megabyte each by default, and whoever has places for so many requests has them all.
        limits.MaxRequestBufferSize = ReadAheadOf(options.Limits);
        limits.Http2.InitialStreamWindowSize = ReadAhead;
        limits.Http2.MaxStreamsPerConnection = options.Limits.StreamsPerConnection;
        limits.Http2.MaxRequestHeaderFieldSize = options.Limits.RequestHeaders;
        limits.Http2.KeepAlivePingDelay = options.Timeouts.Ping;
        foreach (var url in options.Listen)
        {
            Listen(kestrel, url, static (address, port) => new IPEndPoint(address, port), endpoint =>
            {
                endpoint.Use(gate.Use);
                if (string.Equals(url.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal))
                {
                    UseTls(endpoint, certificate ?? throw new InvalidOperationException("an https listener without a certificate"));
                }

                endpoint.Use(connections.Use);
            });
        }

        if (options.ManagementListen is { } management)
        {
            Listen(kestrel, management, static (address, port) => new ManagementEndPoint(address, port), static _ => { });
        }
    }

    private static void Listen(KestrelServerOptions kestrel, Uri url, Func<IPAddress, int, IPEndPoint> endPoint, Action<ListenOptions> configure)
    {
        if (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address))
        {
            kestrel.Listen(endPoint(address, url.Port), configure);
        }
        else
        {
            kestrel.ListenLocalhost(url.Port, configure);
        }
    }

    private static void UseTls(ListenOptions endpoint, ServerCertificate certificate) => endpoint.UseHttps(new TlsHandshakeCallbackOptions
    {
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current }),
    });
}
