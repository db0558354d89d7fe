using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

/// <summary>A source of type <c>kubeconfig</c>.</summary>
internal static class KubeconfigLocatorBinder
{
    public static ClusterLocator.Kubeconfig? Bind(Section section, string name)
    {
        var before = section.Context.Errors.Count;

        // A path that is lost would mean the kubeconfig of whoever runs the gateway, and a context that is lost from a list would be served.
        section.RequireValues("path", "contexts", "skipContexts");
        var paths = section.OneOrMoreTexts("path") is { } items ? Configured(section, items) : Default(section);
        var contexts = section.Texts("contexts");
        if (contexts is { Count: 0 } && section.Context.Errors.Count == before)
        {
            section.Error("contexts", "the list is empty; leave the key out to take all contexts");
        }

        var skipped = section.Texts("skipContexts") ?? [];
        return section.Context.Errors.Count > before
            ? null
            : new ClusterLocator.Kubeconfig(name, [.. paths], [.. contexts?.Select(context => context.Value) ?? []])
            {
                SkippedContexts = [.. skipped.Select(context => context.Value)],
                Exec = section.Context.Exec,
            };
    }

    /// <summary>The files that kubectl reads: those of <c>KUBECONFIG</c>, else <c>~/.kube/config</c>; empty when neither is known.</summary>
    public static IReadOnlyList<string> DefaultPaths(IReadOnlyDictionary<string, string> environment, string workingDirectory)
    {
        if (environment.GetValueOrDefault("KUBECONFIG") is { Length: > 0 } list)
        {
            var paths = list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
            return [.. paths.Select(path => Path.GetFullPath(path, workingDirectory)).Distinct(StringComparer.Ordinal)];
        }

        return environment.GetValueOrDefault("HOME") is { Length: > 0 } home && Path.IsPathRooted(home)
            ? [Path.Combine(home, ".kube", "config")]
            : [];
    }

    private static IReadOnlyList<string> Default(Section section)
    {
        var paths = DefaultPaths(section.Context.Environment, section.Context.WorkingDirectory);
        if (paths.Count == 0 && !section.Has("path"))
        {
            section.Error("path", "is missing, and neither KUBECONFIG nor HOME is set");
        }

        return paths;
    }

    private static List<string> Configured(Section section, IReadOnlyList<TextItem> items)
    {
        var paths = new List<string>();
        foreach (var item in items)
        {
            if (Expanded(item, section.Context) is not { } full)
            {
                section.Context.Errors.Add(item.Path, "is not a file path", item.Origin);
            }
            else if (!paths.Contains(full, StringComparer.Ordinal))
            {
                paths.Add(full);
            }
        }

        if (section.Node("path") is ListNode && items.Count == 0)
        {
            section.Error("path", "the list is empty; leave the key out to take $KUBECONFIG or ~/.kube/config");
        }

        return paths;
    }

    private static string? Expanded(TextItem item, BindingContext context) =>
        item.Value.StartsWith("~/", StringComparison.Ordinal) && context.Environment.GetValueOrDefault("HOME") is { Length: > 0 } home
            ? new TextItem(Path.Combine(home, item.Value[2..]), item.Path, item.Origin).FullPath()
            : item.FullPath();
}
