namespace Fairlead.Testing.Wire;

/// <summary>Where the pieces of a body come from, whatever the protocol.</summary>
internal interface IBodySource
{
    /// <summary>Null until the message has ended.</summary>
    ResponseEnd? End { get; }

    /// <summary>The error code of RST_STREAM or GOAWAY; null on HTTP/1.1.</summary>
    long? StreamError { get; }

    /// <summary>The trailer lines; complete when the message has ended.</summary>
    HeaderLines Trailers { get; }

    /// <summary>The next piece, or null when the message has ended.</summary>
    ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken);
}
