using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Fairlead.Demo.Streaming;

/// <summary>
/// Header blocks of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00, 2.6.10): zlib with a preset dictionary, one stream of compressed data for
/// the whole connection. .NET's inflater takes no dictionary, so it is fed the dictionary first, as a stored block whose output is dropped.
/// </summary>
internal sealed class SpdyHeaders : IDisposable
{
    private const int ZlibHeaderWithDictionary = 6;

    private readonly MemoryStream _feed = new();
    private readonly DeflateStream _inflater;
    private bool _started;
    private bool _wroteHeader;

    /// <summary>Starts both directions.</summary>
    public SpdyHeaders() => _inflater = new DeflateStream(_feed, CompressionMode.Decompress);

    /// <summary>Reads a block.</summary>
    public Dictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        if (!_started)
        {
            _started = true;
            block = block[ZlibHeaderWithDictionary..];
            Inflate(Stored(SpdyDictionary.Bytes));
        }

        var plain = Inflate(block);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var rest = plain.AsSpan();
        var count = BinaryPrimitives.ReadInt32BigEndian(rest);
        rest = rest[4..];
        for (var i = 0; i < count; i++)
        {
            var name = Take(ref rest);
            headers[name] = Take(ref rest);
        }

        return headers;
    }

    /// <summary>Writes a block without headers: all that the server's replies need.</summary>
    public byte[] WriteEmpty()
    {
        // An empty block ends it, as a flush does: inflaters hand out what they have when they see one.
        byte[] block = [.. Stored([0, 0, 0, 0]), .. Stored([])];
        if (_wroteHeader)
        {
            return block;
        }

        _wroteHeader = true;
        return [0x78, 0x01, .. block];
    }

    /// <inheritdoc/>
    public void Dispose() => _inflater.Dispose();

    private byte[] Inflate(ReadOnlySpan<byte> compressed)
    {
        _feed.SetLength(0);
        _feed.Write(compressed);
        _feed.Position = 0;
        using var output = new MemoryStream();
        var buffer = new byte[4096];
        while (_inflater.Read(buffer) is var read and > 0)
        {
            output.Write(buffer, 0, read);
        }

        return output.ToArray();
    }

    private static byte[] Stored(ReadOnlySpan<byte> data)
    {
        var block = new byte[5 + data.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(1), (ushort)data.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(3), (ushort)~data.Length);
        data.CopyTo(block.AsSpan(5));
        return block;
    }

    private static string Take(ref Span<byte> rest)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(rest);
        var text = Encoding.UTF8.GetString(rest.Slice(4, length));
        rest = rest[(4 + length)..];
        return text;
    }
}
