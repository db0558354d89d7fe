using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Reading;

/// <summary>
/// Replaces <c>${VAR}</c>, <c>$env</c>, <c>$file</c> and <c>$include</c> in a file's tree. Differs from Backstage in one point: a path
/// after <c>#</c> that the included file does not have is an error, not a missing key.
/// </summary>
internal sealed class NodeTransform(IReadOnlyDictionary<string, string> environment, ErrorList errors)
{
    private const int MaxIncludes = 1_000;
    private static readonly string[] IncludeKeys = ["$file", "$env", "$include"];
    private readonly List<string> _open = [];
    private int _includes;

    /// <summary>The tree with everything replaced; null when the whole of it is one include that failed.</summary>
    public DocumentNode? Apply(DocumentNode root) => Transform(root, "");

    private DocumentNode? Transform(DocumentNode node, string path)
    {
        switch (node)
        {
            case ScalarNode { Type: ScalarKind.Text } scalar:
                return Substituted(scalar.Text, scalar.Origin);

            case ListNode list:
                var items = list.Items.Select((item, i) => Transform(item, NodePath.Index(path, i)) ?? Broken(item));
                return new ListNode([.. items], list.Origin);

            case MapNode map when map.Entries.FirstOrDefault(entry => IncludeKeys.Contains(entry.Key, StringComparer.Ordinal)) is { } include:
                return Include(map, include, path);

            case MapNode map:
                var entries = map.Entries.Select(entry =>
                    new MapEntry(entry.Key, entry.Origin, Transform(entry.Value, NodePath.Key(path, entry.Key)) ?? Broken(entry.Value)));
                return new MapNode([.. entries], map.Origin);

            default:
                return node;
        }
    }

    private DocumentNode? Include(MapNode map, MapEntry include, string path)
    {
        if (map.Entries.Count > 1)
        {
            return Fail(path, $"{include.Key} must stand alone, without other keys beside it", include.Origin);
        }

        if (include.Value is not ScalarNode { Type: ScalarKind.Text } scalar)
        {
            return Fail(path, $"{include.Key} has to be a string, this is {include.Value.Kind}", include.Origin);
        }

        if (Substituted(scalar.Text, scalar.Origin) is not ScalarNode { Text.Length: > 0 } target || target.Text.Contains('\0', StringComparison.Ordinal))
        {
            return Fail(path, $"{include.Key} has no value", include.Origin);
        }

        return include.Key switch
        {
            "$env" => Substitution.Variable(target.Text, environment) is { } value
                ? new ScalarNode(value, ScalarKind.Text, scalar.Origin, isSubstituted: true)
                : new UnsetNode(scalar.Text, scalar.Origin),
            "$file" => FileText(target.Text, scalar, path),
            _ => IncludedTree(target, scalar, path),
        };
    }

    // Messages name what is written there: a variable in it may be a secret in the wrong place.
    private ScalarNode? FileText(string file, ScalarNode written, string path)
    {
        var origin = written.Origin;
        var full = Path.GetFullPath(file, origin.Directory);
        errors.NoteFile(full);
        return TextFile.TryRead(full, out var text, out var problem)
            ? new ScalarNode(text.TrimEnd(), ScalarKind.Text, origin, isSubstituted: true)
            : (ScalarNode?)Fail(path, $"$file {NodePath.Printable(written.Text)}: {problem}", origin);
    }

    private DocumentNode? IncludedTree(ScalarNode place, ScalarNode written, string path)
    {
        var (reference, origin) = (place.Text, written.Origin);
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var file = hash < 0 ? reference : reference[..hash];
        var full = Path.GetFullPath(file, origin.Directory);
        var target = hash < 0 ? full : full + reference[hash..];
        if (_open.Contains(target, StringComparer.Ordinal) || ++_includes > MaxIncludes)
        {
            return Fail(path, $"$include {NodePath.Printable(written.Text)}: the files include each other without end", origin);
        }

        errors.NoteFile(full);
        errors.NoteSource(full);
        if (!TextFile.TryRead(full, out var text, out var problem))
        {
            return Fail(path, $"$include {NodePath.Printable(written.Text)}: {problem}", origin);
        }

        var directory = Path.GetDirectoryName(full) ?? "/";
        DocumentResult document;
        switch (Path.GetExtension(full))
        {
            case ".yaml" or ".yml":
                document = YamlDocument.Read(text, full, directory);
                break;

            case ".json":
                document = JsonText.Read(text, new TextOrigin(full, 0, directory));
                break;

            default:
                return Fail(path, $"$include {NodePath.Printable(written.Text)}: only .yaml, .yml and .json files can be included", origin);
        }

        foreach (var error in document.Errors)
        {
            errors.Add(path, error.Path.Length == 0 ? error.Message : $"{error.Path}: {error.Message}", error.Origin);
        }

        if (document.Errors.Count > 0)
        {
            return null;
        }

        var value = document.Root ?? new ScalarNode("", ScalarKind.Null, new TextOrigin(full, 0, directory));
        foreach (var key in hash < 0 ? [] : reference[(hash + 1)..].Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if ((value as MapNode)?.Find(key) is not { } entry)
            {
                return Fail(path, $"$include {NodePath.Printable(written.Text)}: the file has no key{(place.IsSubstituted ? "" : $" '{NodePath.Printable(key)}'")} there", origin);
            }

            value = entry.Value;
        }

        _open.Add(target);
        var result = Transform(value, path);
        _open.RemoveAt(_open.Count - 1);
        return result;
    }

    private DocumentNode Substituted(string text, TextOrigin origin) =>
        Substitution.Apply(text, environment, out var unset) is { } value
            ? new ScalarNode(value, ScalarKind.Text, origin, isSubstituted: !string.Equals(value, text, StringComparison.Ordinal))
            : new UnsetNode(unset!, origin);

    private DocumentNode? Fail(string path, string message, TextOrigin origin)
    {
        errors.Add(path, message, origin);
        return null;
    }

    // Its error is already listed; as nothing it gives no second one of a wrong type.
    private static ScalarNode Broken(DocumentNode node) => new("", ScalarKind.Null, node.Origin);
}
