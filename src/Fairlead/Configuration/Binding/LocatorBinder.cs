using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

/// <summary><c>kubernetes.clusterLocatorMethods</c>: which sources there are and what they are called (contract F11).</summary>
internal static class LocatorBinder
{
    private const string Types = "config, catalog, gke, localKubectlProxy, kubeconfig, inCluster";

    public static IReadOnlyList<ClusterLocator> Bind(Section kubernetes)
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

            var name = section.Text("name") ?? DefaultName(type, unnamed);
            CheckName(section, name, taken);
            if (Locator(section, type, name) is { } locator)
            {
                locators.Add(locator);
            }
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
                $"the source is called '{name}', and so is {other.Path} ({other.Origin}); give one of them another name");
        }
    }

    private static ClusterLocator? Locator(Section section, string type, string name)
    {
        switch (type)
        {
            case "config":
                return Closed(section, new ClusterLocator.Config(name, ConfigClustersBinder.Bind(section, name)));

            case "kubeconfig":
                return Closed(section, KubeconfigLocatorBinder.Bind(section, name));

            case "inCluster":
                // Headlamp calls the cluster that it runs in "main".
                return Closed(section, new ClusterLocator.InCluster(name, section.Text("name") ?? "main"));

            case "localKubectlProxy":
                return Closed(section, new ClusterLocator.LocalKubectlProxy(name));

            case "catalog":
                section.Texts("dangerouslyAllowClusterUrls");
                section.Flag("dangerouslyAllowSkipTLSVerify");
                return NotServed(section);

            case "gke":
                Gke(section);
                return NotServed(section);

            default:
                section.Error("type", $"'{NodePath.Printable(type)}' is not a known type; known types: {Types}");
                return null;
        }
    }

    private static void Gke(Section section)
    {
        section.RequiredText("projectId");
        section.Text("region");
        section.Choice("authProvider", "google", "googleServiceAccount");
        section.Flag("skipTLSVerify");
        section.Flag("skipMetricsLookup");
        section.Flag("exposeDashboard");
        section.Choice("endpointType", "public", "dns");
        foreach (var label in section.Children("matchingResourceLabels") ?? [])
        {
            label.RequiredText("key");
            label.RequiredText("value");
            label.Close();
        }
    }

    private static ClusterLocator? NotServed(Section section)
    {
        section.Context.Notice($"{section.Path}: sources of type '{section.Text("type")}' are not served by this version: it gives no clusters");
        section.Close();
        return null;
    }

    private static ClusterLocator? Closed(Section section, ClusterLocator? locator)
    {
        section.Close();
        return locator;
    }
}
