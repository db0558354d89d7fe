using Fairlead.Kubernetes.Documents;

namespace Fairlead.Kubernetes.Kubeconfigs;

/// <summary>One kubeconfig file before merging.</summary>
internal sealed record KubeconfigFile(
    IReadOnlyList<KubeconfigEntry> Clusters,
    IReadOnlyList<KubeconfigEntry> Users,
    IReadOnlyList<KubeconfigEntry> Contexts,
    string? CurrentContext)
{
    /// <summary>Reads a file; null and an error when it is none as a whole.</summary>
    public static KubeconfigFile? Read(string path, List<KubeconfigError> errors)
    {
        if (!TextFile.TryRead(path, out var text, out var problem))
        {
            errors.Add(new KubeconfigError(path, null, problem));
            return null;
        }

        // kubectl takes relative paths from where the file is named, not from where a link leads to.
        return Parse(text, path, Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/", errors);
    }

    /// <summary>Reads a kubeconfig's text; null and an error when it is none as a whole.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">What messages call it.</param>
    /// <param name="directory">Where relative paths start; empty where it stands in no file, and may name none.</param>
    /// <param name="errors">Gets the errors.</param>
    public static KubeconfigFile? Parse(string text, string path, string directory, List<KubeconfigError> errors)
    {
        var document = YamlDocument.Read(text, path, directory);
        errors.AddRange(document.Errors.Select(error => Error(path, error.Origin.Line, WithPath(error))));
        if (document.Errors.Count > 0)
        {
            return null;
        }

        if (document.Root is null or ScalarNode { Type: ScalarKind.Null })
        {
            return new KubeconfigFile([], [], [], null);
        }

        if (document.Root is not MapNode root)
        {
            errors.Add(Error(path, document.Root.Origin.Line, $"a kubeconfig file has to be a map, this is {document.Root.Kind}"));
            return null;
        }

        var before = errors.Count;
        var file = new KubeconfigFile(
            Entries(root, path, "clusters", "cluster", errors),
            Entries(root, path, "users", "user", errors),
            Entries(root, path, "contexts", "context", errors),
            root.Find("current-context")?.Value is ScalarNode { Text.Length: > 0, Type: not ScalarKind.Null } current ? current.Text : null);
        return errors.Count == before ? file : null;
    }

    private static List<KubeconfigEntry> Entries(MapNode root, string path, string section, string bodyKey, List<KubeconfigError> errors)
    {
        var entries = new OrderedDictionary<string, KubeconfigEntry>(StringComparer.Ordinal);
        switch (root.Find(section)?.Value)
        {
            case null or ScalarNode { Type: ScalarKind.Null }:
                break;

            case ListNode list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    if (list.Items[i] is MapNode map && map.Find("name")?.Value is ScalarNode { Text.Length: > 0, Type: not ScalarKind.Null } name)
                    {
                        Add(entries, new KubeconfigEntry(name.Text, path, map.Origin, map.Find(bodyKey)?.Value));
                    }
                    else
                    {
                        errors.Add(Error(path, list.Items[i].Origin.Line, $"{NodePath.Index(section, i)} has no name"));
                    }
                }

                break;

            case { } other:
                errors.Add(Error(path, other.Origin.Line, $"'{section}' has to be a list, this is {other.Kind}"));
                break;
        }

        return [.. entries.Values];
    }

    private static void Add(OrderedDictionary<string, KubeconfigEntry> entries, KubeconfigEntry entry)
    {
        if (!entries.TryAdd(entry.Name, entry))
        {
            // Which of the two is meant is not known; everything that refers to the name is broken, and nothing else.
            entries[entry.Name] = entries[entry.Name] with { SecondLine = entry.Origin.Line };
        }
    }

    private static KubeconfigError Error(string path, int line, string message) => new(path, line, message);

    private static string WithPath(DocumentError error) => error.Path.Length == 0 ? error.Message : $"{error.Path}: {error.Message}";
}
