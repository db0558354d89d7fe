using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;

namespace Fairlead.Commands;

/// <summary>The configuration and its clusters, for commands that ask no cluster.</summary>
internal static class ConfiguredClusters
{
    /// <summary>Reads both; null where the configuration is wrong, which is said.</summary>
    public static async Task<(GatewayOptions Options, ClusterCatalog Catalog)?> ReadAsync(ConfigurationReader read, ClusterSources sources, TextWriter errors, CancellationToken cancellationToken)
    {
        var result = read();
        if (result.Options is { } options)
        {
            var (catalog, states) = await CatalogFactory.BuildOnceAsync(options, sources, cancellationToken);
            foreach (var problem in states.SelectMany(static state => state.Wrong))
            {
                await errors.WriteLineAsync(problem);
            }

            return (options, catalog);
        }

        foreach (var error in result.Errors)
        {
            await errors.WriteLineAsync(error.ToString());
        }

        return null;
    }
}
