using System.Text;
using System.Text.Unicode;

namespace Fairlead.Doors;

/// <summary>Percent triplets (RFC 3986 2.1).</summary>
internal static class PercentByte
{
    /// <summary>Reads the triplet at <paramref name="index"/>.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, int index, out byte value)
    {
        value = 0;
        if (index + 2 >= text.Length || text[index] != '%' || !char.IsAsciiHexDigit(text[index + 1]) || !char.IsAsciiHexDigit(text[index + 2]))
        {
            return false;
        }

        value = (byte)((HexValue(text[index + 1]) << 4) | HexValue(text[index + 2]));
        return true;
    }

    /// <summary>
    /// Decodes once, strictly: every <c>%</c> has to begin a triplet and the bytes have to be UTF-8. With
    /// <paramref name="plusIsBlank"/> a <c>+</c> becomes a blank, as in a query.
    /// </summary>
    /// <returns>The text, or null when it is malformed.</returns>
    public static string? Decode(ReadOnlySpan<char> text, bool plusIsBlank = false)
    {
        if (!text.Contains('%') && !(plusIsBlank && text.Contains('+')))
        {
            return text.ToString();
        }

        var bytes = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                if (!TryRead(text, i, out bytes[length++]))
                {
                    return null;
                }

                i += 2;
            }
            else if (!char.IsAscii(text[i]))
            {
                return null;
            }
            else
            {
                bytes[length++] = plusIsBlank && text[i] == '+' ? (byte)' ' : (byte)text[i];
            }
        }

        return Utf8.IsValid(bytes.AsSpan(0, length)) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    /// <summary>
    /// Decodes a key or a value of a query as Go's <c>url.QueryUnescape</c> does: <c>+</c> is a blank, bytes need not be UTF-8 (each becomes a
    /// character of its own), and only a malformed triplet makes it null.
    /// </summary>
    public static string? DecodeQuery(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && !TryRead(text, i, out _))
            {
                return null;
            }
        }

        return DecodeBytes(text.Contains('+') ? text.ToString().Replace('+', ' ') : text);
    }

    /// <summary>Decodes once, each byte as a character of its own; a malformed triplet stays as it is.</summary>
    public static string DecodeBytes(ReadOnlySpan<char> text)
    {
        var characters = new char[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (TryRead(text, i, out var value))
            {
                characters[length++] = (char)value;
                i += 2;
            }
            else
            {
                characters[length++] = text[i];
            }
        }

        return new string(characters, 0, length);
    }

    private static int HexValue(char digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
