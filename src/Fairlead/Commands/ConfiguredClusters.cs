using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Commands;

/// <summary>The configuration and its clusters, for commands that ask nobody.</summary>
internal static class ConfiguredClusters
{
    /// <summary>Reads both; null where the configuration is wrong, which is said.</summary>
    public static async Task<(GatewayOptions Options, ClusterCatalog Catalog)?> ReadAsync(ConfigurationReader read, ClusterSources sources, TextWriter errors)
    {
        var result = read();
        if (result.Options is { } options)
        {
            foreach (var (name, problem) in options.ClusterLocators.SelectMany(locator => sources(locator).Problems.Select(problem => (locator.Name, problem))))
            {
                await errors.WriteLineAsync($"wrong: cluster source '{name}': {problem}");
            }

            return (options, new CatalogFactory(sources, TimeProvider.System, NullLoggerFactory.Instance).Build(options, previous: null));
        }

        foreach (var error in result.Errors)
        {
            await errors.WriteLineAsync(error.ToString());
        }

        return null;
    }
}
