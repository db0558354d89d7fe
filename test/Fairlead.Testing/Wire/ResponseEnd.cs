namespace Fairlead.Testing.Wire;

/// <summary>How a message ended, seen from the side that reads it.</summary>
public enum ResponseEnd
{
    /// <summary>As its framing promised: all of Content-Length, the last chunk, END_STREAM, or a clean close where close is the framing.</summary>
    Complete,

    /// <summary>The connection was closed, or the stream ended, before the framing was satisfied.</summary>
    Truncated,

    /// <summary>A TCP reset, or RST_STREAM on HTTP/2.</summary>
    Reset,
}
