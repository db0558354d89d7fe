using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Http2;

/// <summary>The static and the dynamic table of HPACK as one index space (RFC 7541 section 2.3).</summary>
internal sealed class HpackTable
{
    private const int EntryOverhead = 32;

    private static readonly HeaderLine[] Static =
    [
        new(":authority", ""), new(":method", "GET"), new(":method", "POST"), new(":path", "/"), new(":path", "/index.html"),
        new(":scheme", "http"), new(":scheme", "https"), new(":status", "200"), new(":status", "204"), new(":status", "206"),
        new(":status", "304"), new(":status", "400"), new(":status", "404"), new(":status", "500"), new("accept-charset", ""),
        new("accept-encoding", "gzip, deflate"), new("accept-language", ""), new("accept-ranges", ""), new("accept", ""),
        new("access-control-allow-origin", ""), new("age", ""), new("allow", ""), new("authorization", ""), new("cache-control", ""),
        new("content-disposition", ""), new("content-encoding", ""), new("content-language", ""), new("content-length", ""),
        new("content-location", ""), new("content-range", ""), new("content-type", ""), new("cookie", ""), new("date", ""), new("etag", ""),
        new("expect", ""), new("expires", ""), new("from", ""), new("host", ""), new("if-match", ""), new("if-modified-since", ""),
        new("if-none-match", ""), new("if-range", ""), new("if-unmodified-since", ""), new("last-modified", ""), new("link", ""),
        new("location", ""), new("max-forwards", ""), new("proxy-authenticate", ""), new("proxy-authorization", ""), new("range", ""),
        new("referer", ""), new("refresh", ""), new("retry-after", ""), new("server", ""), new("set-cookie", ""),
        new("strict-transport-security", ""), new("transfer-encoding", ""), new("user-agent", ""), new("vary", ""), new("via", ""),
        new("www-authenticate", ""),
    ];

    // Newest first, as the indices count.
    private readonly List<HeaderLine> _dynamic = [];
    private int _limit;

    public HpackTable(int limit) => _limit = limit;

    /// <summary>The size as RFC 7541 section 4.1 counts it.</summary>
    public int Size { get; private set; }

    public HeaderLine this[int index] =>
        index >= 1 && index <= Static.Length ? Static[index - 1]
        : index > Static.Length && index <= Static.Length + _dynamic.Count ? _dynamic[index - Static.Length - 1]
        : throw new InvalidDataException($"No header field at index {index}.");

    public void Add(HeaderLine field)
    {
        _dynamic.Insert(0, field);
        Size += SizeOf(field);
        Evict();
    }

    public void Resize(int limit)
    {
        _limit = limit;
        Evict();
    }

    private static int SizeOf(HeaderLine field) => field.Name.Length + field.Value.Length + EntryOverhead;

    private void Evict()
    {
        while (Size > _limit)
        {
            Size -= SizeOf(_dynamic[^1]);
            _dynamic.RemoveAt(_dynamic.Count - 1);
        }
    }
}
