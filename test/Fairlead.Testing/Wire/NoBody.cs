namespace Fairlead.Testing.Wire;

/// <summary>The body of a message that never came.</summary>
internal sealed record NoBody(ResponseEnd? End, long? StreamError = null) : IBodySource
{
    public HeaderLines Trailers { get; } = [];

    public ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken) => new((byte[]?)null);
}
