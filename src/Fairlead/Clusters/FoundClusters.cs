using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Clusters;

/// <summary>What all sources give together, under the names that the configuration gives to their clusters.</summary>
/// <param name="Definitions">The clusters; no two have the same qualified name.</param>
/// <param name="Problems">What is wrong with sources, and which clusters are left out for their names.</param>
/// <param name="Files">The files that they were read from.</param>
internal sealed record FoundClusters(IReadOnlyList<ClusterDefinition> Definitions, IReadOnlyList<(string Source, string Problem)> Problems, IReadOnlyList<SourceFile> Files)
{
    /// <summary>Asks every source.</summary>
    public static FoundClusters By(GatewayOptions options, ClusterSources sources, RemoteSources remote)
    {
        var definitions = new List<(ClusterLocator Locator, ClusterDefinition Definition)>();
        var problems = new List<(string, string)>();
        var files = new List<SourceFile>();
        foreach (var locator in options.ClusterLocators)
        {
            var over = locator as ClusterLocator.Remote;
            var read = over is null ? sources(locator) : remote.Find(over);
            if (over is null || remote.StateOf(over)?.Result is not null)
            {
                problems.AddRange(UnusedAliases(locator, read).Select(problem => (locator.Name, problem)));
            }

            definitions.AddRange(read.Clusters.Select(definition => (locator, Renamed(definition, locator))));
            problems.AddRange(read.Problems.Select(problem => (locator.Name, problem)));
            files.AddRange(read.Files);
        }

        return new FoundClusters([.. definitions.Where(Usable(definitions, problems)).Select(static pair => pair.Definition)], problems, files);
    }

    private static ClusterDefinition Renamed(ClusterDefinition definition, ClusterLocator locator)
    {
        // The longer form, with the scope, says more.
        foreach (var (_, name) in locator.Aliases.Where(alias => IsMeant(alias.Key, definition)).OrderBy(alias => string.Equals(alias.Key, definition.Name, StringComparison.Ordinal)))
        {
            return definition with { Name = name };
        }

        return locator.Prefix.Length == 0 ? definition : definition with { Name = locator.Prefix + definition.Name };
    }

    private static bool IsMeant(string source, ClusterDefinition definition) =>
        string.Equals(source, definition.Name, StringComparison.Ordinal) || string.Equals(source, $"{definition.Scope}/{definition.Name}", StringComparison.Ordinal);

    private static IEnumerable<string> UnusedAliases(ClusterLocator locator, ClusterSourceResult read) => locator.Aliases
        .Where(alias => !read.Clusters.Any(definition => IsMeant(alias.Key, definition)))
        .Select(static alias => $"aliases: it has no cluster '{NodePath.Printable(alias.Key)}'");

    /// <summary>
    /// Leaves out who shares a qualified name: nobody could say which one is meant. And who comes from elsewhere under a name that is another cluster's qualified one: who may write to such a
    /// source could otherwise make that one ambiguous.
    /// </summary>
    private static Func<(ClusterLocator Locator, ClusterDefinition Definition), bool> Usable(
        List<(ClusterLocator Locator, ClusterDefinition Definition)> all, List<(string Source, string Problem)> problems)
    {
        var qualified = all.GroupBy(static one => one.Definition.QualifiedName, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.Count(), StringComparer.Ordinal);
        var inUrls = qualified.Keys.Concat(all.Select(static one => one.Definition.ShortName)).Select(ClusterNames.ForUrl).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, _) in qualified.Where(static pair => pair.Value > 1))
        {
            var source = all.First(one => string.Equals(one.Definition.QualifiedName, name, StringComparison.Ordinal)).Locator.Name;
            problems.Add((source, $"several clusters are called '{NodePath.Printable(name)}', and none of them is served; give them different names, by aliases where the source cannot"));
        }

        foreach (var (locator, definition) in all.Where(TakesAnothersName))
        {
            problems.Add((locator.Name, $"the cluster '{NodePath.Printable(definition.QualifiedName)}' is not served: its name is the qualified name of another one; aliases give it another name"));
        }

        return one => qualified[one.Definition.QualifiedName] == 1 && !TakesAnothersName(one);

        bool TakesAnothersName((ClusterLocator Locator, ClusterDefinition Definition) one) =>
            one.Locator is ClusterLocator.Remote && inUrls.Contains(ClusterNames.ForUrl(one.Definition.Name));
    }
}
