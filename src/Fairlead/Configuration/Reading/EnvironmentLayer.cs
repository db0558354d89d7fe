using System.Text.RegularExpressions;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Reading;

/// <summary>
/// <c>APP_CONFIG_a_b=value</c> sets <c>a.b</c>, as in Backstage: the value is JSON, or else a string. Variables are not replaced in it.
/// </summary>
internal static partial class EnvironmentLayer
{
    private const string Prefix = "APP_CONFIG_";

    public static DocumentNode? Read(IReadOnlyDictionary<string, string> environment, string workingDirectory, ErrorList errors)
    {
        DocumentNode? layer = null;
        foreach (var (name, text) in environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || text.Length == 0)
            {
                continue;
            }

            var origin = new TextOrigin($"environment variable {NodePath.Printable(name)}", 0, workingDirectory);
            errors.NoteSource(origin.Source);
            var keys = name[Prefix.Length..].Split('_');
            var path = string.Join('.', keys);
            if (!keys.All(key => KeyPart().IsMatch(key)))
            {
                errors.Add("", "the name has to be APP_CONFIG_ and keys joined by one underscore each", origin);
            }
            else if (layer is not null && IsTaken(layer, keys))
            {
                errors.Add(path, "another APP_CONFIG_ variable sets this key, or one above it, to a value already", origin);
            }
            else if (Value(text, origin) is { } value)
            {
                var nested = NodeMerge.Nest(keys, value);
                layer = layer is null ? nested : NodeMerge.Merge(layer, nested);
            }
            else
            {
                errors.Add(path, "the value may not be null", origin);
            }
        }

        return layer;
    }

    private static DocumentNode? Value(string text, TextOrigin origin)
    {
        var json = JsonText.Read(text, origin);
        return json.Root is ScalarNode { Type: ScalarKind.Null } ? null : Substituted(json.Root ?? new ScalarNode(text, ScalarKind.Text, origin));
    }

    private static DocumentNode Substituted(DocumentNode node) => node switch
    {
        ScalarNode scalar => new ScalarNode(scalar.Text, scalar.Type, scalar.Origin, isSubstituted: true),
        ListNode list => new ListNode([.. list.Items.Select(Substituted)], list.Origin),
        MapNode map => new MapNode([.. map.Entries.Select(static entry => new MapEntry(entry.Key, entry.Origin, Substituted(entry.Value)))], map.Origin),
        _ => node,
    };

    private static bool IsTaken(DocumentNode layer, IReadOnlyList<string> keys)
    {
        foreach (var key in keys)
        {
            if (layer is not MapNode map)
            {
                return true;
            }

            if (map.Find(key) is not { } entry)
            {
                return false;
            }

            layer = entry.Value;
        }

        return true;
    }

    [GeneratedRegex(@"\A[a-zA-Z][a-zA-Z0-9]*(?:-[a-zA-Z][a-zA-Z0-9]*)*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex KeyPart();
}
