using System.Globalization;
using Fairlead.Configuration;

namespace Fairlead.Clusters.Sources;

/// <summary>How a source stands, for the operator.</summary>
/// <param name="Name">The source.</param>
/// <param name="Clusters">How many of its clusters are served.</param>
/// <param name="Failure">Why it gives none, or none but those it gave before; null when it works.</param>
/// <param name="Problems">What is wrong with single clusters of it, or all of what is wrong with its files.</param>
internal sealed record SourceState(string Name, int Clusters, string? Failure, IReadOnlyList<string> Problems)
{
    /// <summary>All sources, in the order of the configuration.</summary>
    public static IReadOnlyList<SourceState> All(GatewayOptions options, ClusterCatalog catalog, RemoteSources remote)
    {
        var counts = catalog.Clusters.CountBy(static cluster => cluster.Definition.Locator, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var problems = catalog.Problems.ToLookup(static one => one.Source, static one => one.Problem, StringComparer.Ordinal);
        return [.. options.ClusterLocators.Select(locator => Of(locator, counts.GetValueOrDefault(locator.Name), [.. problems[locator.Name]], remote))];
    }

    /// <summary>Its clusters in words.</summary>
    public string Count => string.Create(CultureInfo.InvariantCulture, $"{Clusters} {(Clusters == 1 ? "cluster" : "clusters")}");

    /// <summary>What is wrong, a line for each.</summary>
    public IEnumerable<string> Wrong => (Failure is { } failure && !Problems.Contains(failure, StringComparer.Ordinal) ? [failure, .. Problems] : Problems).Select(problem => $"wrong: cluster source '{Name}': {problem}");

    private static SourceState Of(ClusterLocator locator, int clusters, string[] problems, RemoteSources remote)
    {
        var failure = locator switch
        {
            ClusterLocator.Remote over => remote.StateOf(over) is { } state ? state.Problem : "has not answered yet",
            _ => clusters == 0 && problems.Length > 0 ? problems[0] : null,
        };
        return new SourceState(locator.Name, clusters, failure, problems);
    }
}
