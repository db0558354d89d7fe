using System.Text.Json.Nodes;

namespace Fairlead.Demo.Serving;

/// <summary>Label and field selectors.</summary>
internal sealed class Selectors
{
    private readonly Func<JsonObject, bool>[] _terms;

    /// <summary>Reads both selectors of a request.</summary>
    public Selectors(string labelSelector, string fieldSelector) =>
        _terms = [.. SplitTerms(labelSelector).Select(LabelTerm), .. SplitTerms(fieldSelector).Select(FieldTerm)];

    /// <summary>Whether an object is selected.</summary>
    public bool Match(JsonObject value) => _terms.All(term => term(value));

    private static IEnumerable<string> SplitTerms(string selector)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i <= selector.Length; i++)
        {
            if (i == selector.Length || (selector[i] == ',' && depth == 0))
            {
                if (i > start)
                {
                    yield return selector[start..i].Trim();
                }

                start = i + 1;
            }
            else
            {
                depth += selector[i] == '(' ? 1 : selector[i] == ')' ? -1 : 0;
            }
        }
    }

    private static Func<JsonObject, bool> LabelTerm(string term)
    {
        if (term.EndsWith(')'))
        {
            var open = term.IndexOf('(', StringComparison.Ordinal);
            var words = term[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var values = term[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
            return value => values.Contains(Label(value, words[0]) ?? "\0") == words[1] is "in";
        }

        if (term.Split("!=", 2) is [var unequal, var excluded])
        {
            return value => !string.Equals(Label(value, unequal), excluded, StringComparison.Ordinal);
        }

        if (term.Split('=', 2) is [var equal, var wanted])
        {
            return value => string.Equals(Label(value, equal), wanted.TrimStart('='), StringComparison.Ordinal);
        }

        return term.StartsWith('!') ? value => Label(value, term[1..]) is null : value => Label(value, term) is not null;
    }

    private static Func<JsonObject, bool> FieldTerm(string term)
    {
        var negated = term.Contains("!=", StringComparison.Ordinal);
        var parts = term.Split(negated ? "!=" : "=", 2);
        var wanted = parts[1].TrimStart('=');
        return value => string.Equals(Field(value, parts[0]), wanted, StringComparison.Ordinal) != negated;
    }

    private static string? Label(JsonObject value, string name) => value["metadata"]?["labels"]?[name]?.GetValue<string>();

    private static string Field(JsonObject value, string path) =>
        path.Split('.').Aggregate((JsonNode?)value, static (node, part) => (node as JsonObject)?[part])?.ToString() ?? "";
}
