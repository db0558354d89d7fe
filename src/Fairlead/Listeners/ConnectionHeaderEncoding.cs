using System.Text;

namespace Fairlead.Listeners;

/// <summary>
/// Reads <c>Connection</c> so that Kestrel leaves it as it is. Where it finds one of its own three words it puts that in place of the whole value, whatever else stood there:
/// of <c>X-Mine, close</c> stays <c>close</c>, and a header that was nominated for this hop goes on (row T01). Two words, or none, are let be; so <c>keep-alive</c>, which means
/// nothing beside <c>close</c> and <c>Upgrade</c>, is put beside them, and is taken away where it stands without, since connections are kept anyway.
/// </summary>
internal sealed class ConnectionHeaderEncoding : Encoding
{
    private const string KeepAlive = "keep-alive";

    private ConnectionHeaderEncoding()
    {
    }

    /// <summary>For <see cref="Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions.RequestHeaderEncodingSelector"/>.</summary>
    /// <param name="name">The header's name.</param>
    /// <returns>The encoding; null for the usual one.</returns>
    public static Encoding? For(string name) => string.Equals(name, "Connection", StringComparison.OrdinalIgnoreCase) ? Instance : null;

    private static ConnectionHeaderEncoding Instance { get; } = new();

    /// <inheritdoc/>
    public override int GetCharCount(byte[] bytes, int index, int count) => Read(bytes.AsSpan(index, count)).Length;

    /// <inheritdoc/>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        var text = Read(bytes.AsSpan(byteIndex, byteCount));
        text.CopyTo(0, chars, charIndex, text.Length);
        return text.Length;
    }

    /// <inheritdoc/>
    public override int GetMaxCharCount(int byteCount) => byteCount + KeepAlive.Length + 1;

    /// <inheritdoc/>
    public override int GetByteCount(char[] chars, int index, int count) => throw new NotSupportedException("it reads only");

    /// <inheritdoc/>
    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => throw new NotSupportedException("it reads only");

    /// <inheritdoc/>
    public override int GetMaxByteCount(int charCount) => throw new NotSupportedException("it reads only");

    private static string Read(ReadOnlySpan<byte> bytes)
    {
        // What nearly every client says.
        if (Ascii.EqualsIgnoreCase(bytes, "keep-alive"u8))
        {
            return "";
        }

        if (Ascii.EqualsIgnoreCase(bytes, "close"u8))
        {
            return "close,keep-alive";
        }

        if (!Ascii.IsValid(bytes) || bytes.Contains((byte)0))
        {
            // Kestrel makes 400 of it.
            throw new InvalidOperationException("Connection holds what no token does");
        }

        var words = Latin1.GetString(bytes).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var others = words.Where(static word => !word.Equals(KeepAlive, StringComparison.OrdinalIgnoreCase));
        return string.Join(',', words.Any(static word => word.Equals("close", StringComparison.OrdinalIgnoreCase) || word.Equals("upgrade", StringComparison.OrdinalIgnoreCase)) ? others.Append(KeepAlive) : others);
    }
}
