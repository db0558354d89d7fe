using System.Collections.Concurrent;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Fairlead.Draining;

/// <summary>The connections of the public listeners that are open.</summary>
internal sealed class ClientConnections
{
    private readonly ConcurrentDictionary<ClientConnection, bool> _open = new(ReferenceEqualityComparer.Instance);

    /// <summary>How many there are.</summary>
    public int Count => _open.Count;

    /// <summary>Puts it behind TLS, where it is known which protocol is spoken.</summary>
    public ConnectionDelegate Use(ConnectionDelegate next) => async connection =>
    {
        var protocol = connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol ?? default;
        var open = new ClientConnection(connection, protocol.Span.SequenceEqual(SslApplicationProtocol.Http2.Protocol.Span));
        connection.Features.Set(open);
        _open.TryAdd(open, true);
        try
        {
            await next(connection);
        }
        finally
        {
            _open.TryRemove(open, out _);
        }
    };

    /// <summary>Tells those of HTTP/2 that they end.</summary>
    public void SayGoAway()
    {
        foreach (var (connection, _) in _open)
        {
            if (connection.IsHttp2)
            {
                connection.Close();
            }
        }
    }

    /// <summary>Closes those without a request, and tells those of HTTP/2.</summary>
    public void CloseIdle()
    {
        foreach (var (connection, _) in _open)
        {
            connection.Close();
        }
    }

    /// <summary>Ends all of them now.</summary>
    public void Cut()
    {
        foreach (var (connection, _) in _open)
        {
            connection.Cut();
        }
    }
}
