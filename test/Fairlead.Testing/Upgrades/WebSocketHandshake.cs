using Fairlead.Testing.Upstreams;

namespace Fairlead.Testing.Upgrades;

/// <summary>The server's half of a WebSocket handshake on HTTP/1.1; <see cref="Clients.RawRequest.WebSocket"/> is the client's.</summary>
public static class WebSocketHandshake
{
    /// <summary>The 101 that accepts the request, with the sub-protocol the server chose.</summary>
    public static string Accept(RecordedRequest request, string? subprotocol = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        var accept = WebSocketFrames.AcceptOf(request.Header("Sec-WebSocket-Key") ?? "");
        string[] headers = ["Connection: Upgrade", "Upgrade: websocket", $"Sec-WebSocket-Accept: {accept}"];
        return RawAnswer.Head(101, subprotocol is null ? headers : [.. headers, $"Sec-WebSocket-Protocol: {subprotocol}"]);
    }
}
