using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fairlead.Clusters.Sources;

/// <summary>Source-generated readers of what sources answer. Unknown fields are skipped.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CatalogPage))]
[JsonSerializable(typeof(CatalogEntity))]
[JsonSerializable(typeof(GkeClusterList))]
[JsonSerializable(typeof(GkeCluster))]
[JsonSerializable(typeof(ArgoClusterConfig))]
internal sealed partial class SourceJson : JsonSerializerContext
{
    /// <summary>Reads one of many: one that is malformed is null, and the others go on.</summary>
    public static T? TryRead<T>(JsonElement element, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> info)
        where T : class
    {
        try
        {
            return element.Deserialize(info);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
