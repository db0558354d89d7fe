using System.Globalization;

namespace Fairlead.Testing.Wire;

/// <summary>The body of an HTTP/1.1 message, read piece by piece as it was framed (RFC 9112 section 6).</summary>
internal sealed class Http1Body : IBodySource
{
    // A chunk up to this size is handed out whole, so that an event sent as one chunk is read as one.
    private const long WholeChunk = 1024 * 1024;

    private readonly ByteReader _reader;
    private readonly bool _chunked;
    private readonly bool _untilClose;
    private long _left;

    private Http1Body(ByteReader reader, bool chunked, long? length)
    {
        _reader = reader;
        _chunked = chunked;
        _untilClose = !chunked && length is null;
        _left = length ?? 0;
        End = !chunked && length == 0 ? ResponseEnd.Complete : null;
    }

    public ResponseEnd? End { get; private set; }

    public long? StreamError => null;

    public HeaderLines Trailers { get; private set; } = [];

    public static Http1Body OfRequest(ByteReader reader, HeaderLines headers) =>
        new(reader, IsChunked(headers), ContentLength(headers) ?? 0);

    public static Http1Body OfResponse(ByteReader reader, HeaderLines headers, int status, bool toHead) =>
        toHead || status is (>= 100 and < 200) or 204 or 304
            ? new(reader, chunked: false, length: 0)
            : new(reader, IsChunked(headers), ContentLength(headers));

    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        if (End is not null)
        {
            return null;
        }

        if (_chunked)
        {
            return _left == 0 ? await StartChunkAsync(cancellationToken) : await ReadChunkAsync(cancellationToken);
        }

        var piece = await _reader.ReadSomeAsync(_untilClose ? long.MaxValue : _left, cancellationToken);
        if (piece.Length == 0)
        {
            return Finish(_untilClose && _reader.EndedByReset == false ? ResponseEnd.Complete : Cut());
        }

        _left -= _untilClose ? 0 : piece.Length;
        End = !_untilClose && _left == 0 ? ResponseEnd.Complete : null;
        return piece;
    }

    private static bool IsChunked(HeaderLines headers) =>
        headers.All("Transfer-Encoding").Any(value => value.Contains("chunked", StringComparison.OrdinalIgnoreCase));

    private static long? ContentLength(HeaderLines headers) =>
        headers.Only("Content-Length") is { } value ? long.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    private async ValueTask<byte[]?> StartChunkAsync(CancellationToken cancellationToken)
    {
        if (await Http1Head.ReadLineAsync(_reader, cancellationToken) is not { } line)
        {
            return Finish(Cut());
        }

        var size = line.Split(';')[0].Trim();
        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left))
        {
            throw new InvalidDataException($"Not a chunk size: {line}");
        }

        if (_left > 0)
        {
            return await ReadChunkAsync(cancellationToken);
        }

        var trailers = await Http1Head.ReadHeadersAsync(_reader, cancellationToken);
        Trailers = trailers ?? [];
        return Finish(trailers is null ? Cut() : ResponseEnd.Complete);
    }

    private async ValueTask<byte[]?> ReadChunkAsync(CancellationToken cancellationToken)
    {
        var piece = _left <= WholeChunk
            ? await _reader.ReadExactlyAsync((int)_left, cancellationToken)
            : null;
        // Too big to wait for, or cut: what is there.
        piece ??= await _reader.ReadSomeAsync(_left, cancellationToken);
        if (piece.Length == 0)
        {
            return Finish(Cut());
        }

        _left -= piece.Length;
        if (_left == 0 && await Http1Head.ReadLineAsync(_reader, cancellationToken) is not "")
        {
            // Cut between the data and its CR LF: what has arrived is still handed out.
            End = Cut();
        }

        return piece;
    }

    private ResponseEnd Cut() => _reader.EndedByReset == true ? ResponseEnd.Reset : ResponseEnd.Truncated;

    private byte[]? Finish(ResponseEnd end)
    {
        End = end;
        return null;
    }
}
