using System.Collections.Concurrent;
using System.Net;
using Fairlead.Configuration;
using Fairlead.Listeners;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Fairlead.Draining;

/// <summary>The sockets that the server listens on. The public ones can be closed before the server stops, so that the management listener answers to the end.</summary>
/// <param name="options">The configuration: which address is the management listener's.</param>
/// <param name="sockets">The transport's settings.</param>
/// <param name="loggers">The log.</param>
internal sealed class ClientListeners(GatewayOptions options, IOptions<SocketTransportOptions> sockets, ILoggerFactory loggers) : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(sockets, loggers);
    private readonly ConcurrentBag<IConnectionListener> _public = [];

    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await _sockets.BindAsync(endpoint, cancellationToken);
        if (!IsManagement(endpoint))
        {
            _public.Add(listener);
        }

        return listener;
    }

    /// <summary>Takes no more connections from clients.</summary>
    public async Task CloseAsync()
    {
        foreach (var listener in _public)
        {
            // The server's own loop sees the end of it, and closes it once more when it stops.
            await listener.UnbindAsync();
        }
    }

    /// <summary>The name localhost becomes several addresses in the server, and never has port 0.</summary>
    private bool IsManagement(EndPoint endpoint) =>
        endpoint is KestrelSetup.ManagementEndPoint
        || (options.ManagementListen is { HostNameType: UriHostNameType.Dns, Port: var port } && endpoint is IPEndPoint own && own.Port == port && IPAddress.IsLoopback(own.Address));
}
