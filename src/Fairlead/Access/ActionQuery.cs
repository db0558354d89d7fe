using Fairlead.Doors;

namespace Fairlead.Access;

/// <summary>The few query values that change what a request asks for, read as the API server reads them.</summary>
internal static class ActionQuery
{
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

    /// <summary>The name that <c>fieldSelector=metadata.name=x</c> pins; null when it pins none.</summary>
    public static string? PinnedName(ReadOnlySpan<char> query)
    {
        if (First(query, "fieldSelector") is not { Length: > 0 } selector)
        {
            return null;
        }

        foreach (var term in selector.Split(','))
        {
            const string Key = "metadata.name=";
            if (term.StartsWith(Key, StringComparison.Ordinal))
            {
                var value = term[Key.Length..].TrimStart('=');
                return value is "" or "." or ".." || value.AsSpan().ContainsAny('/', '%') ? null : value;
            }
        }

        return null;
    }
}
