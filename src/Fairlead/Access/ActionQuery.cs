using System.Text;
using Fairlead.Doors;

namespace Fairlead.Access;

/// <summary>The few query values that change what a request asks for, read as the API server reads them.</summary>
internal static class ActionQuery
{
    private const int MostParts = 10_000;

    /// <summary>
    /// A boolean option: false when absent, <c>0</c> or <c>false</c>; true for everything else, the empty value included
    /// (apimachinery <c>Convert_Slice_string_To_bool</c>). Only the first of several values counts.
    /// </summary>
    public static bool IsTrue(ReadOnlySpan<char> query, string name) =>
        First(query, name) is { } value
        && !string.Equals(value, "0", StringComparison.Ordinal)
        && !string.Equals(value, "false", StringComparison.OrdinalIgnoreCase);

    /// <summary>The first value of <paramref name="name"/>; null when absent. Pairs that Go's <c>url.ParseQuery</c> drops (a <c>;</c>, a bad escape) are dropped.</summary>
    public static string? First(ReadOnlySpan<char> query, string name)
    {
        if (query.Length <= 1)
        {
            return null;
        }

        query = query[1..];
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            var equals = pair.IndexOf('=');
            var key = equals < 0 ? pair : pair[..equals];
            var encoded = key.ContainsAny('%', '+');
            if (pair.Contains(';') || (!encoded && !key.SequenceEqual(name)))
            {
                continue;
            }

            if (encoded && !string.Equals(PercentByte.DecodeQuery(key), name, StringComparison.Ordinal))
            {
                continue;
            }

            if (PercentByte.DecodeQuery(equals < 0 ? default : pair[(equals + 1)..]) is { } value)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>All values of <paramref name="name"/>, in their order.</summary>
    public static IReadOnlyList<string> All(ReadOnlySpan<char> query, string name)
    {
        var values = new List<string>();
        foreach (var range in query.TrimStart('?').Split('&'))
        {
            // Each pair is a query of its own.
            if (First($"?{query.TrimStart('?')[range]}", name) is { } value)
            {
                values.Add(value);
            }
        }

        return values;
    }

    /// <summary>Why the query has no single reading: API servers of different versions would take it for different actions. Null when it has one.</summary>
    public static string? Ambiguity(ReadOnlySpan<char> query) =>
        // Newer Go drops all of a query with more parts (urlmaxqueryparams).
        query.Count('&') >= MostParts ? $"The query has more than {MostParts} parts"
        // Letters that fold to those of "false" in one place of apimachinery, and not in another.
        : First(query, "watch") is { } watch && !Ascii.IsValid(watch) ? "The value of watch is no truth value"
        : null;

    /// <summary>The name that <c>fieldSelector=metadata.name=x</c> pins, as apimachinery <c>fields.ParseSelector</c> reads it; null when it pins none.</summary>
    public static string? PinnedName(ReadOnlySpan<char> query)
    {
        if (First(query, "fieldSelector") is not { Length: > 0 } selector || Terms(selector) is not { } terms)
        {
            return null;
        }

        foreach (var (field, value) in terms)
        {
            if (field is "metadata.name")
            {
                return value is "" or "." or ".." || value.AsSpan().ContainsAny('/', '%') ? null : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(value));
            }
        }

        return null;
    }

    /// <summary>The terms that require a value, in the order of their text; null when one of all cannot be read.</summary>
    private static List<(string Field, string Value)>? Terms(string selector)
    {
        var terms = new List<(string, string)>();
        foreach (var part in Split(selector).Where(static part => part.Length > 0).Order(StringComparer.Ordinal))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var bang = part.IndexOf("!=", StringComparison.Ordinal);
            if (equals < 0)
            {
                return null;
            }

            var isNot = bang == equals - 1 && bang >= 0;
            var value = part[(equals + 1)..];
            if (Unescaped(isNot || !value.StartsWith('=') ? value : value[1..]) is not { } plain)
            {
                return null;
            }

            if (!isNot)
            {
                terms.Add((part[..equals], plain));
            }
        }

        return terms;
    }

    private static List<string> Split(string selector)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 0; i < selector.Length; i++)
        {
            if (selector[i] == '\\')
            {
                i++;
            }
            else if (selector[i] == ',')
            {
                parts.Add(selector[start..i]);
                start = i + 1;
            }
        }

        parts.Add(selector[start..]);
        return parts;
    }

    private static string? Unescaped(string value)
    {
        var plain = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is ',' or '=' || (value[i] == '\\' && (++i == value.Length || value[i] is not ('\\' or ',' or '='))))
            {
                return null;
            }

            plain.Append(value[i]);
        }

        return plain.ToString();
    }
}
