using Fairlead.Configuration.Reading;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

internal sealed partial class Section
{
    /// <summary>A map below a key. The caller closes it.</summary>
    public Section? Child(string key)
    {
        switch (Node(key))
        {
            case null:
                return null;

            case MapNode node:
                return new Section(node, PathOf(key), Context);

            case { } other:
                WrongType(key, "a map", other);
                return null;
        }
    }

    /// <summary>The maps of a list; null when the key is absent. The caller closes them.</summary>
    public IReadOnlyList<Section>? Children(string key)
    {
        if (List(key) is not { } items)
        {
            return null;
        }

        var children = new List<Section>();
        foreach (var (itemPath, node) in items)
        {
            if (node is MapNode child)
            {
                children.Add(new Section(child, itemPath, Context));
            }
            else
            {
                WrongType(itemPath, "a map", node, Context);
            }
        }

        return children;
    }

    /// <summary>The strings of a list; null when the key is absent.</summary>
    public IReadOnlyList<TextItem>? Texts(string key) =>
        List(key) is { } items
            ? [.. items.Select(item => AsText(item.Node, item.Path, Context)).OfType<TextItem>()]
            : null;

    /// <summary>The strings of a list, each of which may be empty; none when the key is absent.</summary>
    public IReadOnlyList<string> AnyTexts(string key)
    {
        var texts = new List<string>();
        foreach (var (itemPath, node) in List(key) ?? [])
        {
            if (node is ScalarNode { Type: ScalarKind.Text } scalar)
            {
                texts.Add(scalar.Text);
            }
            else
            {
                WrongType(itemPath, "a string", node, Context);
            }
        }

        return texts;
    }

    /// <summary>One string or a list of strings; null when the key is absent.</summary>
    public IReadOnlyList<TextItem>? OneOrMoreTexts(string key)
    {
        switch (Node(key))
        {
            case null:
                return null;

            case ListNode:
                return Texts(key);

            case ScalarNode scalar:
                return AsText(scalar, PathOf(key), Context) is { } item ? [item] : [];

            case { } other:
                WrongType(key, "a string or a list of strings", other);
                return null;
        }
    }

    /// <summary>A map from strings to strings; empty when the key is absent.</summary>
    public IReadOnlyDictionary<string, string?> TextMap(string key)
    {
        var texts = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (Child(key) is not { } child)
        {
            return texts;
        }

        foreach (var name in child.Keys.ToList())
        {
            if (child.Node(name) is { } node && AsText(node, child.PathOf(name), Context) is { } item)
            {
                texts[name] = item.Value;
            }
        }

        return texts;
    }

    // An item that lost its value to a variable that is not set is left out, as in Backstage; the others keep their index.
    private List<(string Path, DocumentNode Node)>? List(string key)
    {
        switch (Node(key))
        {
            case null:
                return null;

            case ListNode list:
                return [.. list.Items.Select((node, i) => (NodePath.Index(PathOf(key), i), node)).Where(item => item.node is not UnsetNode)];

            case { } other:
                WrongType(key, "a list", other);
                return null;
        }
    }
}
