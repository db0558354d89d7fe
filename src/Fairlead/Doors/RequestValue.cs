using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fairlead.Doors;

/// <summary>The value of <c>?request=</c>: a relative URL, form-encoded into one query value (contract <c>headlamp.md</c> S3, S10, F10).</summary>
internal static class RequestValue
{
    // RFC 3986 3.3 and 3.4: pchar, the slash, and in a query the question mark; escapes are checked before.
    private const string PathCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/%";
    private static readonly SearchValues<char> _inPath = SearchValues.Create(PathCharacters);
    private static readonly SearchValues<char> _inQuery = SearchValues.Create(PathCharacters + "?");

    /// <summary>The path and query that the Service is asked for; null with the refusal.</summary>
    /// <param name="raw">The value as it stands in the query; null and empty are the root.</param>
    /// <param name="refusal">What is wrong.</param>
    public static string? Read(string? raw, out Refusal? refusal)
    {
        var text = PercentByte.Decode(raw ?? "", plusIsBlank: true);
        refusal = text is null ? Invalid("is not form-encoded UTF-8") : Check(text);
        if (refusal is not null)
        {
            return null;
        }

        var end = text!.IndexOf('#', StringComparison.Ordinal);
        var reference = end < 0 ? text.AsSpan() : text.AsSpan(0, end);
        var question = reference.IndexOf('?');
        var path = WithoutDots(question < 0 ? reference : reference[..question]);
        var query = question < 0 ? default : reference[question..];
        refusal = path.StartsWith("//", StringComparison.Ordinal) ? Invalid("must be a relative path, without a host")
            : !HasWholeEscapes(path) || !HasWholeEscapes(query) ? Invalid("holds a percent sign that begins no escape; in a form value it is written %25")
            : PathCheck.Find(path) switch
            {
                PathProblem.None => null,
                PathProblem.DotSegment => Invalid("must not traverse: leave '..' out, in every encoding"),
                _ => Invalid("holds an encoded control byte"),
            };
        return refusal is null ? string.Concat(Encode(path, _inPath), Encode(query, _inQuery)) : null;
    }

    private static Refusal? Check(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\0', '\x1f') >= 0 || text.AsSpan().ContainsAny('\\', '\x7f'))
        {
            return Invalid("holds a backslash or a control byte");
        }

        if (text.StartsWith("//", StringComparison.Ordinal))
        {
            return Invalid("must be a relative path, without a host");
        }

        var first = text.AsSpan().IndexOfAny('/', '?', '#');
        return (first < 0 ? text : text.AsSpan(0, first)).Contains(':')
            ? Invalid("must be a relative path, without a scheme; begin with '/' where the first segment holds a colon")
            : null;
    }

    /// <summary>With a slash in front, and without literal <c>.</c> segments; double and trailing slashes stay.</summary>
    private static string WithoutDots(ReadOnlySpan<char> path)
    {
        path = path.StartsWith('/') ? path[1..] : path;
        var result = new StringBuilder(path.Length + 1).Append('/');
        foreach (var range in path.Split('/'))
        {
            var segment = path[range];
            var isLast = range.End.GetOffset(path.Length) == path.Length;
            if (segment is ".")
            {
                continue;
            }

            result.Append(segment).Append(isLast ? "" : "/");
        }

        return result.ToString();
    }

    private static bool HasWholeEscapes(ReadOnlySpan<char> text)
    {
        for (var i = text.IndexOf('%'); i >= 0 && i < text.Length; i++)
        {
            if (text[i] == '%' && !PercentByte.TryRead(text, i, out _))
            {
                return false;
            }
        }

        return true;
    }

    private static string Encode(ReadOnlySpan<char> text, SearchValues<char> allowed)
    {
        if (!text.ContainsAnyExcept(allowed))
        {
            return text.ToString();
        }

        var result = new StringBuilder(text.Length * 2);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && allowed.Contains((char)rune.Value))
            {
                result.Append((char)rune.Value);
                continue;
            }

            foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
            {
                result.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
            }
        }

        return result.ToString();
    }

    private static Refusal Invalid(string what) => new(RefusalReason.InvalidTarget, $"The query value request {what}");
}
