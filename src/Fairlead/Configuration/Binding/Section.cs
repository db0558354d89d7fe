using Fairlead.Configuration.Reading;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

/// <summary>
/// One map of the configuration while it is read. It notes which keys are asked for; <see cref="Close"/> refuses all others. A value of
/// the wrong type is reported and then treated as absent, so that one reading finds every error.
/// </summary>
internal sealed partial class Section(MapNode map, string path, BindingContext context)
{
    private readonly List<string> _known = [];

    public string Path { get; } = path;

    public BindingContext Context { get; } = context;

    public TextOrigin Origin => map.Origin;

    /// <summary>The keys as they are written.</summary>
    public IEnumerable<string> Keys => map.Entries.Select(entry => entry.Key);

    public string PathOf(string key) => NodePath.Key(Path, key);

    public TextOrigin OriginOf(string key) => map.Find(key)?.Origin ?? map.Origin;

    public void Error(string key, string message) => Context.Errors.Add(PathOf(key), message, OriginOf(key));

    /// <summary>A text as a message may repeat it, where it is none of those that are known.</summary>
    public string Shown(string key) => map.Find(key)?.Value is ScalarNode { IsSubstituted: false } scalar ? $"'{NodePath.Printable(scalar.Text)}'" : "what the variable or the file holds";

    public bool Has(string key) => Node(key) is not null;

    /// <summary>The variable that is not set, when that is why a key has no value.</summary>
    public string? UnsetVariable(string key) => (map.Find(key)?.Value as UnsetNode)?.Variable;

    /// <summary>The value of a key; null when it is absent, null, or has lost its value to a variable that is not set.</summary>
    public DocumentNode? Node(string key)
    {
        if (!_known.Contains(key, StringComparer.Ordinal))
        {
            _known.Add(key);
        }

        return map.Find(key)?.Value is { } value && !IsNothing(value) ? value : null;
    }

    /// <summary>Reports a required key as missing.</summary>
    public void Missing(string key, string hint = "") =>
        Error(key, UnsetVariable(key) is { } variable
            ? $"has no value: the environment variable '{NodePath.Printable(variable)}' is not set"
            : $"is missing{hint}");

    /// <summary>Refuses every key that was not asked for.</summary>
    public void Close()
    {
        foreach (var entry in map.Entries.Where(entry => !_known.Contains(entry.Key, StringComparer.Ordinal)))
        {
            var hint = NearestKey.Find(entry.Key, _known) is { } near
                ? $"did you mean '{near}'?"
                : $"known here: {string.Join(", ", _known.Order(StringComparer.OrdinalIgnoreCase))}";
            Context.Errors.Add(PathOf(entry.Key), $"unknown key; {hint}", entry.Origin);
        }
    }

    private static bool IsNothing(DocumentNode node) => node is UnsetNode or ScalarNode { Type: ScalarKind.Null };

    private void WrongType(string key, string wanted, DocumentNode node) => WrongType(PathOf(key), wanted, node, Context);

    private static void WrongType(string path, string wanted, DocumentNode node, BindingContext context) =>
        context.Errors.Add(path, $"has to be {wanted}, this is {node.Kind}{QuoteHint(wanted, node)}", node.Origin);

    private static string QuoteHint(string wanted, DocumentNode node) =>
        wanted is "a string" && node is ScalarNode ? "; put it in quotes" : "";
}
