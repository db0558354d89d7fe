using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Clients;

/// <summary>
/// A response as it arrived, on HTTP/1.1 or HTTP/2. The head is there at once; the body is read piece by piece or to its end.
/// <see cref="Status"/> 0 means that the connection or stream ended before any status.
/// </summary>
public sealed class RawResponse
{
    private readonly IBodySource _source;
    private readonly ArrayBufferWriter<byte> _body = new();
    private int _lineStart;

    internal RawResponse(int status, string statusLine, HeaderLines headers, IBodySource source)
    {
        Status = status;
        StatusLine = statusLine;
        HeaderLines = headers;
        _source = source;
    }

    /// <summary>The status code; 0 for none.</summary>
    public int Status { get; }

    /// <summary>The first line on HTTP/1.1; the status alone on HTTP/2.</summary>
    public string StatusLine { get; }

    /// <summary>All header lines, in order, without the pseudo-headers of HTTP/2.</summary>
    public HeaderLines HeaderLines { get; }

    /// <summary>Heads of 1xx answers that came before this one.</summary>
    public IReadOnlyList<RawResponse> Interim { get; internal init; } = [];

    /// <summary>How the response ended; null while it goes on.</summary>
    public ResponseEnd? End => _source.End;

    /// <summary>The error code of RST_STREAM or GOAWAY on HTTP/2.</summary>
    public long? StreamError => _source.StreamError;

    /// <summary>Trailer lines, known at the end.</summary>
    public HeaderLines Trailers => _source.Trailers;

    /// <summary>What has been read of the body so far, without chunk framing.</summary>
    public byte[] Body => _body.WrittenSpan.ToArray();

    /// <summary>What has been read of the body so far, as UTF-8.</summary>
    public string BodyText => Encoding.UTF8.GetString(Body);

    /// <summary>The body as JSON.</summary>
    public JsonDocument Json => JsonDocument.Parse(Body);

    /// <summary>After 101, or 2xx to CONNECT on HTTP/2: the two-way byte stream, beginning with the first byte after the head.</summary>
    public Stream Duplex => DuplexOrNull ?? throw new InvalidOperationException($"Not upgraded: {StatusLine}");

    internal Stream? DuplexOrNull { get; init; }

    /// <summary>The only value of that header, or null; several lines are an error.</summary>
    public string? Header(string name) => HeaderLines.Only(name);

    /// <summary>The values of all lines of that name.</summary>
    public IReadOnlyList<string> Headers(string name) => HeaderLines.All(name);

    /// <summary>
    /// The next piece of the body as it was framed (a chunk, a DATA frame), or null at the end; then <see cref="End"/> is set.
    /// </summary>
    public async Task<byte[]?> ReadChunkAsync(CancellationToken cancellationToken = default)
    {
        var piece = await Guard.RunAsync($"a piece of the body after {_body.WrittenCount} bytes", _source.ReadAsync, cancellationToken);
        if (piece is not null)
        {
            _body.Write(piece);
        }

        return piece;
    }

    /// <summary>The next line of the body, however it was framed, without its LF; null when the body ended before one.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var unread = _body.WrittenSpan[_lineStart..];
            var length = unread.IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(unread[..length]);
                _lineStart += length + 1;
                return line;
            }

            if (await ReadChunkAsync(cancellationToken) is null)
            {
                return null;
            }
        }
    }

    /// <summary>Reads until the response has ended, in whatever way.</summary>
    public async Task<RawResponse> ReadToEndAsync(CancellationToken cancellationToken = default)
    {
        while (await ReadChunkAsync(cancellationToken) is not null)
        {
        }

        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{StatusLine}\n{HeaderLines}\n\n{BodyText}\n({End?.ToString() ?? "open"})";
}
