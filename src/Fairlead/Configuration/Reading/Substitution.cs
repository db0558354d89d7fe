using System.Text;
using System.Text.RegularExpressions;

namespace Fairlead.Configuration.Reading;

/// <summary>
/// <c>${VAR}</c> in a string, as Backstage's config-loader does it: values are trimmed, <c>${VAR:-default}</c> also stands in for an
/// empty variable, <c>$${</c> gives <c>${</c>, and one variable that is not set takes the whole string away.
/// </summary>
internal static partial class Substitution
{
    /// <summary>Replaces all variables; null, and the first variable that is not set, when there is one.</summary>
    public static string? Apply(string text, IReadOnlyDictionary<string, string> environment, out string? unset)
    {
        unset = null;
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder();
        var end = 0;
        foreach (Match match in Reference().Matches(text))
        {
            result.Append(text, end, match.Index - end);
            end = match.Index + match.Length;
            if (match.ValueSpan.StartsWith("$$"))
            {
                result.Append(match.ValueSpan[1..]);
                continue;
            }

            if (Value(match.Value[2..^1], environment, out var name) is not { } value)
            {
                unset = name;
                return null;
            }

            result.Append(value);
        }

        return result.Append(text, end, text.Length - end).ToString();
    }

    /// <summary>A variable's value, trimmed; null when it is not set.</summary>
    public static string? Variable(string name, IReadOnlyDictionary<string, string> environment) =>
        environment.TryGetValue(name, out var value) ? value.Trim() : null;

    private static string? Value(string expression, IReadOnlyDictionary<string, string> environment, out string name)
    {
        var separator = expression.IndexOf(":-", StringComparison.Ordinal);
        name = (separator < 0 ? expression : expression[..separator]).Trim();
        var value = Variable(name, environment);
        if (separator < 0)
        {
            return value;
        }

        var fallback = expression[(separator + 2)..].Trim();
        return !string.IsNullOrEmpty(value) ? value : fallback.Length > 0 ? fallback : null;
    }

    [GeneratedRegex(@"\$?\$\{[^{}]*\}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Reference();
}
