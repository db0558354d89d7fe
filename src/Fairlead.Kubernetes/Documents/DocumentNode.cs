namespace Fairlead.Kubernetes.Documents;

/// <summary>
/// A value of a YAML or JSON document that remembers where it was written. Nodes are classes without a printed form, because
/// any of them may hold a secret.
/// </summary>
/// <param name="origin">Where the value was written.</param>
public abstract class DocumentNode(TextOrigin origin)
{
    /// <summary>Where the value was written.</summary>
    public TextOrigin Origin { get; } = origin;

    /// <summary>What kind of value this is, as an error message says it: <c>a list</c>, <c>a number</c>.</summary>
    public abstract string Kind { get; }
}

/// <summary>The type of a scalar by the YAML 1.2 core schema.</summary>
public enum ScalarKind
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>An integer or a floating-point number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>Nothing: <c>null</c>, <c>~</c>, or no value at all.</summary>
    Null,
}

/// <summary>A single value.</summary>
/// <param name="text">The text as it was written, without quotes.</param>
/// <param name="type">The type.</param>
/// <param name="origin">Where it was written.</param>
/// <param name="isSubstituted">Whether something else was written there, which stands for this text: a variable, a file.</param>
public sealed class ScalarNode(string text, ScalarKind type, TextOrigin origin, bool isSubstituted = false) : DocumentNode(origin)
{
    /// <summary>The text as it was written, without quotes.</summary>
    public string Text { get; } = text;

    /// <summary>The type.</summary>
    public ScalarKind Type { get; } = type;

    /// <summary>Whether something else was written there, which stands for this text: a variable, a file. It may be a secret that came to the wrong place.</summary>
    public bool IsSubstituted { get; } = isSubstituted;

    /// <inheritdoc/>
    public override string Kind => Type switch
    {
        ScalarKind.Text => "a string",
        ScalarKind.Number => "a number",
        ScalarKind.Boolean => "true or false",
        _ => "nothing",
    };
}

/// <summary>A list.</summary>
/// <param name="items">The items in order.</param>
/// <param name="origin">Where it was written.</param>
public sealed class ListNode(IReadOnlyList<DocumentNode> items, TextOrigin origin) : DocumentNode(origin)
{
    /// <summary>The items in order.</summary>
    public IReadOnlyList<DocumentNode> Items { get; } = items;

    /// <inheritdoc/>
    public override string Kind => "a list";
}

/// <summary>A map with string keys, each once.</summary>
public sealed class MapNode : DocumentNode
{
    private readonly Dictionary<string, MapEntry> _byKey;

    /// <summary>Makes a map.</summary>
    /// <param name="entries">The entries in order; keys are unique.</param>
    /// <param name="origin">Where it was written.</param>
    public MapNode(IReadOnlyList<MapEntry> entries, TextOrigin origin)
        : base(origin)
    {
        ArgumentNullException.ThrowIfNull(entries);
        Entries = entries;
        _byKey = entries.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
    }

    /// <summary>The entries in order.</summary>
    public IReadOnlyList<MapEntry> Entries { get; }

    /// <inheritdoc/>
    public override string Kind => "a map";

    /// <summary>The entry of <paramref name="key"/>, or null.</summary>
    public MapEntry? Find(string key) => _byKey.GetValueOrDefault(key);
}

/// <summary>A key with its value.</summary>
/// <param name="key">The key.</param>
/// <param name="origin">Where the key was written.</param>
/// <param name="value">The value.</param>
public sealed class MapEntry(string key, TextOrigin origin, DocumentNode value)
{
    /// <summary>The key.</summary>
    public string Key { get; } = key;

    /// <summary>Where the key was written.</summary>
    public TextOrigin Origin { get; } = origin;

    /// <summary>The value.</summary>
    public DocumentNode Value { get; } = value;
}
