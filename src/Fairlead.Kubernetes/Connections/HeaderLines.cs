using System.Text;

namespace Fairlead.Kubernetes.Connections;

/// <summary>
/// Several lines of one request header, which <see cref="SocketsHttpHandler"/> cannot send: it joins them with commas, and an API server takes
/// <c>Impersonate-Group: a, b</c> for one group of that name. Here the values travel in one header value, and the encoding of that header turns what stands between
/// them into the end of one line and the beginning of the next. On HTTP/1.1 only; anywhere else such a value cannot be encoded, and nothing is sent.
/// </summary>
public static class HeaderLines
{
    // A half of a surrogate pair, which no text holds and no encoding writes.
    private const char Separator = '\uD800';
    private const string Prefix = "Impersonate-";

    /// <summary>Whether a text can stand in a header line as it is: it would not be trimmed, end the line or be taken for several.</summary>
    /// <param name="text">The text.</param>
    public static bool CanCarry(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0 || text[0] == ' ' || text[^1] == ' ')
        {
            return false;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            // What is no character is read as the replacement character too, and is not worth telling apart.
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Adds a header with several values, each on a line of its own, and keeps the request on HTTP/1.1 for it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The header's name; it begins with <c>Impersonate-</c>.</param>
    /// <param name="values">The values; each can be carried.</param>
    /// <exception cref="ArgumentException">Another header, or a value that cannot stand in a line.</exception>
    public static void Add(HttpRequestMessage request, string name, IReadOnlyList<string> values)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(values);
        if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || !values.All(CanCarry))
        {
            throw new ArgumentException("not a header of several lines, or not a value of one", nameof(name));
        }

        if (values.Count > 1)
        {
            request.Version = System.Net.HttpVersion.Version11;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        request.Headers.TryAddWithoutValidation(name, string.Join(Separator, values));
    }

    /// <summary>For <see cref="SocketsHttpHandler.RequestHeaderEncodingSelector"/>.</summary>
    /// <param name="name">The header's name.</param>
    /// <param name="request">The request.</param>
    /// <returns>The encoding; null for the usual one, which writes ASCII and nothing else.</returns>
    public static Encoding? EncodingFor(string name, HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(request);
        return !name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? null
            : request.Version == System.Net.HttpVersion.Version11 && request.VersionPolicy is HttpVersionPolicy.RequestVersionExact ? new LineEncoding(name)
            : StrictUtf8;
    }

    private static UTF8Encoding StrictUtf8 { get; } = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>UTF-8, in which the separator is a line's end and the next one's beginning.</summary>
    private sealed class LineEncoding(string name) : Encoding
    {
        private readonly byte[] _between = ASCII.GetBytes($"\r\n{name}: ");

        public override int GetByteCount(ReadOnlySpan<char> chars)
        {
            var count = 0;
            foreach (var part in chars.Split(Separator))
            {
                count += _between.Length + StrictUtf8.GetByteCount(chars[part]);
            }

            return count - _between.Length;
        }

        public override int GetBytes(ReadOnlySpan<char> chars, Span<byte> bytes)
        {
            var written = 0;
            foreach (var part in chars.Split(Separator))
            {
                if (part.Start.Value > 0)
                {
                    _between.CopyTo(bytes[written..]);
                    written += _between.Length;
                }

                written += StrictUtf8.GetBytes(chars[part], bytes[written..]);
            }

            return written;
        }

        public override int GetByteCount(char[] chars, int index, int count) => GetByteCount(chars.AsSpan(index, count));

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => GetBytes(chars.AsSpan(charIndex, charCount), bytes.AsSpan(byteIndex));

        public override int GetMaxByteCount(int charCount) => (charCount + 1) * Math.Max(_between.Length, 3);

        public override int GetCharCount(byte[] bytes, int index, int count) => throw new NotSupportedException("it writes only");

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) => throw new NotSupportedException("it writes only");

        public override int GetMaxCharCount(int byteCount) => throw new NotSupportedException("it writes only");
    }
}
