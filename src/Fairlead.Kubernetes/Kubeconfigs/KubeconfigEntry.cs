using Fairlead.Kubernetes.Documents;

namespace Fairlead.Kubernetes.Kubeconfigs;

/// <summary>A named entry of <c>clusters</c>, <c>users</c> or <c>contexts</c>.</summary>
/// <param name="Name">The name.</param>
/// <param name="File">The file, for messages.</param>
/// <param name="Origin">Where the entry begins.</param>
/// <param name="Body">What is written below <c>cluster</c>, <c>user</c> or <c>context</c>.</param>
internal sealed record KubeconfigEntry(string Name, string File, TextOrigin Origin, DocumentNode? Body)
{
    /// <summary>The line of a second entry with the same name in the same file.</summary>
    public int? SecondLine { get; init; }

    /// <summary>What stands before its keys in messages: <c>exec.</c> for what is below <c>exec</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Whether the entry stands in a file. What came from elsewhere may name neither files nor programs: whoever wrote it need not be somebody who may have them read or run here.</summary>
    public bool IsInFile => Origin.Directory.Length > 0;

    /// <summary>Whether a key has a value. An empty string is none, as in client-go.</summary>
    public bool Has(string key) => Node(key) is not null;

    /// <summary>A key's text; null when it is absent or empty. Numbers count as text: names and tokens are rarely quoted.</summary>
    public string? Text(string key, KubeconfigProblems problems)
    {
        switch (Node(key))
        {
            case null:
                return null;

            case ScalarNode scalar:
                return scalar.Text;

            case { } other:
                problems.Add(this, key, $"has to be a string, this is {other.Kind}");
                return null;
        }
    }

    /// <summary>A key's boolean; false when it is absent.</summary>
    public bool Flag(string key, KubeconfigProblems problems)
    {
        switch (Node(key))
        {
            case null:
                return false;

            case ScalarNode { Type: ScalarKind.Boolean } scalar:
                return string.Equals(scalar.Text, "true", StringComparison.OrdinalIgnoreCase);

            case { } other:
                problems.Add(this, key, $"has to be true or false, this is {other.Kind}");
                return false;
        }
    }

    /// <summary>A key's path, made absolute.</summary>
    public string? FilePath(string key, KubeconfigProblems problems)
    {
        if (Text(key, problems) is not { } path)
        {
            return null;
        }

        if (!IsInFile)
        {
            problems.Add(this, key, "names a file, which only a kubeconfig in a file may");
            return null;
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            problems.Add(this, key, "is not a file path");
            return null;
        }

        return Path.GetFullPath(path, Origin.Directory);
    }

    /// <summary>What is written below a key, as an entry of its own; null when there is no map.</summary>
    public KubeconfigEntry? Child(string key, KubeconfigProblems problems)
    {
        switch (Node(key))
        {
            case MapNode map:
                return this with { Body = map, Prefix = $"{Prefix}{key}." };

            case null:
                return null;

            case { } other:
                problems.Add(this, key, $"has to be a map, this is {other.Kind}");
                return null;
        }
    }

    /// <summary>The items of a list; none when it is absent.</summary>
    public IReadOnlyList<DocumentNode> Items(string key, KubeconfigProblems problems)
    {
        switch (Node(key))
        {
            case null:
                return [];

            case ListNode list:
                return list.Items;

            case { } other:
                problems.Add(this, key, $"has to be a list, this is {other.Kind}");
                return [];
        }
    }

    private DocumentNode? Node(string key) =>
        Body is MapNode map && map.Find(key)?.Value is { } value && value is not ScalarNode { Text.Length: 0 } and not ScalarNode { Type: ScalarKind.Null }
            ? value
            : null;
}
