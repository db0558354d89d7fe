using Microsoft.Extensions.Primitives;

namespace Fairlead.Sessions;

/// <summary>The pairs of <c>Cookie</c> (RFC 6265 5.4), as they stand there: nothing is decoded.</summary>
internal static class CookieLine
{
    /// <summary>All pairs; a pair without an equals sign has no value.</summary>
    public static IEnumerable<(string Name, string? Value)> Pairs(StringValues cookies)
    {
        foreach (var line in cookies)
        {
            foreach (var pair in (line ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                yield return equals < 0 ? (pair, null) : (pair[..equals].Trim(), pair[(equals + 1)..].Trim());
            }
        }
    }

    /// <summary>The one value of a name; null for none, and for several that differ: somebody planted one of them.</summary>
    public static string? Value(StringValues cookies, string name)
    {
        string? found = null;
        foreach (var (other, value) in Pairs(cookies))
        {
            if (string.Equals(other, name, StringComparison.Ordinal))
            {
                if (found is not null && !string.Equals(found, value, StringComparison.Ordinal))
                {
                    return null;
                }

                found = value;
            }
        }

        return found;
    }
}
