using Fairlead.Clusters;
using Fairlead.Kubernetes;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

/// <summary><c>kubernetes.clusterLocatorMethods</c>: which sources there are and what they are called (contract F11).</summary>
internal static class LocatorBinder
{
    private const string Types = "config, catalog, gke, localKubectlProxy, kubeconfig, inCluster, clusterSecrets";

    public static IReadOnlyList<ClusterLocator> Bind(Section kubernetes, BackstageOptions? portal)
    {
        var locators = new List<ClusterLocator>();
        var unnamed = new Dictionary<string, int>(StringComparer.Ordinal);
        var taken = new Dictionary<string, Section>(StringComparer.Ordinal);
        foreach (var section in kubernetes.Children("clusterLocatorMethods") ?? [])
        {
            var type = section.RequiredText("type", $"; known types: {Types}");
            if (type is null)
            {
                continue;
            }

            // Rules know clusters by the name of their source.
            section.RequireValues("name");
            var name = section.Text("name") ?? DefaultName(type, unnamed);
            CheckName(section, name, taken);
            var (prefix, aliases) = Names(section);
            if (Locator(section, type, name, portal) is { } locator)
            {
                locators.Add(locator with { Prefix = prefix, Aliases = aliases });
            }

            section.Close();
        }

        return locators;
    }

    private static string DefaultName(string type, Dictionary<string, int> unnamed)
    {
        unnamed[type] = unnamed.GetValueOrDefault(type) + 1;
        return unnamed[type] == 1 ? type : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{type}-{unnamed[type]}");
    }

    private static void CheckName(Section section, string name, Dictionary<string, Section> taken)
    {
        // "/" and "--" part the locator from the cluster in a qualified name (decision 2).
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || name.Contains("--", StringComparison.Ordinal))
        {
            section.Error("name", "has to consist of letters, digits, '-', '_' and '.', without '--'");
        }
        else if (!taken.TryAdd(name, section))
        {
            var other = taken[name];
            section.Error(
                section.Has("name") ? "name" : "type",
                $"the source is called {(section.Has("name") ? $"'{name}'" : section.Shown("type"))}, and so is {other.Path} ({other.Origin}); give one of them another name");
        }
    }

    private static ClusterLocator? Locator(Section section, string type, string name, BackstageOptions? portal)
    {
        switch (type)
        {
            case "config":
                return new ClusterLocator.Config(name, ConfigClustersBinder.Bind(section, name));

            case "kubeconfig":
                return KubeconfigLocatorBinder.Bind(section, name);

            case "inCluster":
                // Headlamp calls the cluster that it runs in "main".
                return new ClusterLocator.InCluster(name, section.Text("name") ?? "main");

            case "localKubectlProxy":
                return new ClusterLocator.LocalKubectlProxy(name);

            case "catalog":
                return RemoteLocatorBinder.Catalog(section, name, portal);

            case "gke":
                return RemoteLocatorBinder.Gke(section, name);

            case "clusterSecrets":
                return RemoteLocatorBinder.ClusterSecrets(section, name);

            default:
                section.Error("type", $"{section.Shown("type")} is not a known type; known types: {Types}");
                return null;
        }
    }

    /// <summary>What the clusters of a source are called: <c>prefix</c> and <c>aliases</c>. Rules know clusters by their names, so none may get lost.</summary>
    private static (string Prefix, ValueList<KeyValuePair<string, string>> Aliases) Names(Section section)
    {
        section.RequireValues("prefix", "aliases");
        var prefix = section.Text("prefix") ?? "";
        if (prefix.Length > 0 && !ClusterNames.IsUsable(prefix + "x"))
        {
            section.Error("prefix", ClusterNames.Rule);
        }

        var aliases = section.TextMap("aliases");
        foreach (var (source, name) in aliases)
        {
            if (!ClusterNames.IsUsable(name!))
            {
                section.Error("aliases", $"the name for '{NodePath.Printable(source)}' {ClusterNames.Rule}");
            }
        }

        return (prefix, [.. aliases.Select(static pair => KeyValuePair.Create(pair.Key, pair.Value!))]);
    }
}
