using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Fairlead.Draining;

/// <summary>A client's connection to a public listener.</summary>
/// <param name="connection">The connection.</param>
/// <param name="isHttp2">Whether HTTP/2 was agreed on.</param>
internal sealed class ClientConnection(ConnectionContext connection, bool isHttp2)
{
    private int _requests;
    private volatile bool _isCut;

    /// <summary>Whether HTTP/2 is spoken.</summary>
    public bool IsHttp2 => isHttp2;

    /// <summary>Whether the gateway has cut it because it stops; otherwise a connection that is gone is the client's doing.</summary>
    public bool IsCut => _isCut;

    /// <summary>A request has come.</summary>
    public void Begin() => Interlocked.Increment(ref _requests);

    /// <summary>It is over.</summary>
    public void End() => Interlocked.Decrement(ref _requests);

    /// <summary>Asks for an end without loss: HTTP/2 says GOAWAY (RFC 9113 6.8) and goes on with its open streams. HTTP/1.1 is closed between two requests; in the middle of one it is left alone, an upgraded connection above all.</summary>
    public void Close()
    {
        if (isHttp2 || Volatile.Read(ref _requests) == 0)
        {
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    /// <summary>Ends it now.</summary>
    public void Cut()
    {
        _isCut = true;
        connection.Abort(new ConnectionAbortedException("the gateway stops"));
    }
}
