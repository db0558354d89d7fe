using System.Text;

namespace Fairlead.Testing.Access;

/// <summary>
/// A request target as Go's <c>net/url</c> reads it (<c>ParseRequestURI</c>, <c>URL.Query</c>), which is how every API server reads it.
/// A port of its own, so that it shares no mistake with the gateway. Texts hold one character for each byte.
/// </summary>
internal sealed class GoTarget
{
    /// <summary>From Go 1.24.12 and 1.25.6 on, a query of more parts than this is dropped as a whole (<c>GODEBUG=urlmaxqueryparams</c>).</summary>
    public const int MaximumQueryParts = 10_000;

    private readonly List<KeyValuePair<string, string>> _query;

    private GoTarget(string path, List<KeyValuePair<string, string>> query)
    {
        Path = path;
        _query = query;
    }

    /// <summary>The path, decoded once.</summary>
    public string Path { get; }

    /// <summary>Reads <paramref name="target"/> (origin form).</summary>
    /// <param name="target">The bytes after the method.</param>
    /// <param name="hasQueryLimit">Whether the server's Go knows <see cref="MaximumQueryParts"/>; older ones read everything.</param>
    /// <returns>The target; null where Go answers 400.</returns>
    public static GoTarget? Parse(string target, bool hasQueryLimit)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (!target.StartsWith('/') || target.Any(static c => c is < ' ' or '\x7f'))
        {
            return null;
        }

        var question = target.IndexOf('?', StringComparison.Ordinal);
        var path = Unescape(question < 0 ? target : target[..question], plusIsBlank: false);
        return path is null ? null : new(path, ParseQuery(question < 0 ? "" : target[(question + 1)..], hasQueryLimit));
    }

    /// <summary>The first value of <paramref name="key"/>; null when there is none.</summary>
    public string? First(string key) => _query.Where(pair => string.Equals(pair.Key, key, StringComparison.Ordinal)).Select(static pair => pair.Value).FirstOrDefault();

    private static List<KeyValuePair<string, string>> ParseQuery(string query, bool hasLimit)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        var parts = query.Split('&');
        if (hasLimit && parts.Length > MaximumQueryParts)
        {
            return pairs;
        }

        foreach (var part in parts)
        {
            if (part.Length == 0 || part.Contains(';', StringComparison.Ordinal))
            {
                continue;
            }

            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (Unescape(equals < 0 ? part : part[..equals], plusIsBlank: true) is { } key
                && Unescape(equals < 0 ? "" : part[(equals + 1)..], plusIsBlank: true) is { } value)
            {
                pairs.Add(new(key, value));
            }
        }

        return pairs;
    }

    private static string? Unescape(string text, bool plusIsBlank)
    {
        var decoded = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                decoded.Append(plusIsBlank && text[i] == '+' ? ' ' : text[i]);
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                return null;
            }

            decoded.Append((char)Convert.FromHexString(text.AsSpan(i + 1, 2))[0]);
            i += 2;
        }

        return decoded.ToString();
    }
}
