using System.Text;

namespace Fairlead.Testing.Access;

/// <summary>A field selector as apimachinery reads it (<c>fields.ParseSelector</c>), for the one question that <see cref="RequestInfo"/> has.</summary>
internal static class FieldSelector
{
    /// <summary>Reads <paramref name="selector"/>.</summary>
    /// <param name="selector">The selector, one character for each byte.</param>
    /// <param name="name">The name that has to be met exactly (<c>RequiresExactMatch("metadata.name")</c>); null when there is none.</param>
    /// <returns>False where apimachinery reports an error.</returns>
    public static bool TryParse(string selector, out string? name)
    {
        ArgumentNullException.ThrowIfNull(selector);
        name = null;
        var terms = SplitTerms(selector);
        // Sorted before anything is looked at: the first name is not the one that was written first.
        terms.Sort(StringComparer.Ordinal);
        foreach (var term in terms.Where(static term => term.Length > 0))
        {
            if (!TrySplit(term, out var field, out var isEqual, out var raw) || Unescape(raw) is not { } value)
            {
                name = null;
                return false;
            }

            if (isEqual && string.Equals(field, "metadata.name", StringComparison.Ordinal))
            {
                name ??= value;
            }
        }

        return true;
    }

    private static List<string> SplitTerms(string selector)
    {
        var terms = new List<string>();
        var start = 0;
        for (var i = 0; i < selector.Length; i++)
        {
            if (selector[i] == '\\')
            {
                i++;
            }
            else if (selector[i] == ',')
            {
                terms.Add(selector[start..i]);
                start = i + 1;
            }
        }

        terms.Add(selector[start..]);
        return terms;
    }

    private static bool TrySplit(string term, out string field, out bool isEqual, out string value)
    {
        for (var i = 0; i < term.Length; i++)
        {
            var rest = term.AsSpan(i);
            var length = rest.StartsWith("!=") || rest.StartsWith("==") ? 2 : rest[0] == '=' ? 1 : 0;
            if (length > 0)
            {
                (field, isEqual, value) = (term[..i], rest[0] == '=', term[(i + length)..]);
                return true;
            }
        }

        (field, isEqual, value) = ("", false, "");
        return false;
    }

    private static string? Unescape(string text)
    {
        var value = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                if (++i == text.Length || text[i] is not ('\\' or ',' or '='))
                {
                    return null;
                }
            }
            else if (text[i] is ',' or '=')
            {
                return null;
            }

            value.Append(text[i]);
        }

        return value.ToString();
    }
}
