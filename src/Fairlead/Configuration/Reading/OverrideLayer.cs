using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Reading;

/// <summary>The values of the command line.</summary>
internal static class OverrideLayer
{
    private static readonly string[] LocatorKeys = ["kubernetes", "clusterLocatorMethods"];

    /// <summary>Lays the overrides over <paramref name="below"/>.</summary>
    public static DocumentNode Apply(
        DocumentNode below, IReadOnlyList<ConfigurationOverride> overrides, string workingDirectory, ErrorList errors)
    {
        var sources = new List<DocumentNode>();
        var tree = below;
        foreach (var one in overrides)
        {
            var origin = new TextOrigin(one.Origin, 0, workingDirectory);
            errors.NoteSource(one.Origin);
            if (one.ClusterSource is null)
            {
                tree = NodeMerge.Merge(tree, NodeMerge.Nest(one.Path.Split('.'), Value(one, origin)));
            }
            else if (ConfiguredLocators(below) is { } configured)
            {
                errors.Add(
                    one.Path,
                    $"{one.Origin} cannot be used together with the clusterLocatorMethods of {configured.Origin}; leave one of them out",
                    origin);
            }
            else
            {
                sources.Add(Locator(one, origin));
            }
        }

        return sources.Count == 0 ? tree : NodeMerge.Merge(tree, NodeMerge.Nest(LocatorKeys, new ListNode(sources, sources[0].Origin)));
    }

    /// <summary>The locators that a tree has under <c>kubernetes.clusterLocatorMethods</c>, or null.</summary>
    public static DocumentNode? ConfiguredLocators(DocumentNode tree)
    {
        var kubernetes = (tree as MapNode)?.Find(LocatorKeys[0])?.Value as MapNode;
        return kubernetes?.Find(LocatorKeys[1])?.Value is { } value && value is not UnsetNode and not ScalarNode { Type: ScalarKind.Null }
            ? value
            : null;
    }

    private static DocumentNode Value(ConfigurationOverride one, TextOrigin origin) =>
        one.List is null ? Text(one.Text ?? "", origin) : new ListNode([.. one.List.Select(item => Text(item, origin))], origin);

    private static MapNode Locator(ConfigurationOverride one, TextOrigin origin)
    {
        var isKubeconfig = one.ClusterSource == ClusterLocatorKind.Kubeconfig;
        var entries = new List<MapEntry> { new("type", origin, Text(isKubeconfig ? "kubeconfig" : "inCluster", origin)) };
        if (isKubeconfig && one.Text is { } list)
        {
            var paths = list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
            entries.Add(new MapEntry("path", origin, new ListNode([.. paths.Select(path => Text(path, origin))], origin)));
            if (one.List is { } skipped)
            {
                entries.Add(new MapEntry("skipContexts", origin, new ListNode([.. skipped.Select(name => Text(name, origin))], origin)));
            }
        }
        else if (!isKubeconfig && one.Text is { } name)
        {
            entries.Add(new MapEntry("name", origin, Text(name, origin)));
        }

        return new MapNode(entries, origin);
    }

    private static ScalarNode Text(string text, TextOrigin origin) => new(text, ScalarKind.Text, origin);
}
