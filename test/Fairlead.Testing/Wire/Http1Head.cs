using System.Text;

namespace Fairlead.Testing.Wire;

/// <summary>The head of an HTTP/1.1 message: its first line and its header lines as they stood on the wire.</summary>
internal sealed record Http1Head(string StartLine, HeaderLines Headers)
{
    /// <summary>Reads up to and including the empty line; null when the stream ended before it.</summary>
    public static async ValueTask<Http1Head?> ReadAsync(ByteReader reader, CancellationToken cancellationToken)
    {
        if (await ReadLineAsync(reader, cancellationToken) is not { } startLine
            || await ReadHeadersAsync(reader, cancellationToken) is not { } headers)
        {
            return null;
        }

        return new(startLine, headers);
    }

    /// <summary>Reads header or trailer lines up to and including the empty line; null when the stream ended before it.</summary>
    public static async ValueTask<HeaderLines?> ReadHeadersAsync(ByteReader reader, CancellationToken cancellationToken)
    {
        var headers = new HeaderLines();
        while (await ReadLineAsync(reader, cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                return headers;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                throw new InvalidDataException($"A header line without a colon: {line}");
            }

            headers.Add(line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
        }

        return null;
    }

    /// <summary>One line as Latin-1 without CR LF; null when the stream ended before it.</summary>
    public static async ValueTask<string?> ReadLineAsync(ByteReader reader, CancellationToken cancellationToken)
    {
        var line = await reader.ReadLineAsync(cancellationToken);
        return line switch
        {
            null => null,
            [.. var text, (byte)'\r'] => Encoding.Latin1.GetString(text),
            _ => throw new InvalidDataException($"A line that ends in LF alone: {Encoding.Latin1.GetString(line)}"),
        };
    }
}
