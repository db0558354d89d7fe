using System.Buffers.Binary;
using System.Text;

namespace Fairlead.Testing.Upgrades;

/// <summary>Frame types of RFC 6455 section 5.2.</summary>
public enum WebSocketOpcode : byte
{
    /// <summary>The rest of a message.</summary>
    Continuation = 0,

    /// <summary>UTF-8.</summary>
    Text = 1,

    /// <summary>Bytes.</summary>
    Binary = 2,

    /// <summary>The end, with a code.</summary>
    Close = 8,

    /// <summary>Asks for a pong.</summary>
    Ping = 9,

    /// <summary>Answers a ping.</summary>
    Pong = 10,
}

/// <summary>One WebSocket frame.</summary>
public sealed record WebSocketFrame(WebSocketOpcode Opcode, byte[] Payload, bool Final = true, bool Masked = false)
{
    /// <summary>The payload as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>The code of a close frame; 1005 when it holds none (RFC 6455 section 7.1.5).</summary>
    public int CloseCode => Payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : 1005;

    /// <summary>The reason of a close frame.</summary>
    public string CloseReason => Payload.Length > 2 ? Encoding.UTF8.GetString(Payload.AsSpan(2)) : "";

    /// <summary>A text message.</summary>
    public static WebSocketFrame OfText(string text) => new(WebSocketOpcode.Text, Encoding.UTF8.GetBytes(text));

    /// <summary>A binary message.</summary>
    public static WebSocketFrame OfBytes(params byte[] payload) => new(WebSocketOpcode.Binary, payload);

    /// <summary>A binary message of a Kubernetes channel protocol: the channel's number, then the data.</summary>
    public static WebSocketFrame OfChannel(byte channel, string data) => OfBytes([channel, .. Encoding.UTF8.GetBytes(data)]);

    /// <summary>A close.</summary>
    public static WebSocketFrame OfClose(int code = 1000, string reason = "") =>
        new(WebSocketOpcode.Close, [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]);
}
