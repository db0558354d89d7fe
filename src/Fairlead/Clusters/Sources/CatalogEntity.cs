using System.Text.Json;

namespace Fairlead.Clusters.Sources;

/// <summary>A page of <c>GET /api/catalog/entities/by-query</c>.</summary>
/// <param name="Items">The entities.</param>
/// <param name="PageInfo">Where the next page is.</param>
internal sealed record CatalogPage(IReadOnlyList<JsonElement>? Items = null, CatalogPageInfo? PageInfo = null);

/// <summary>Where the next page is.</summary>
/// <param name="NextCursor">What to ask for it with; null or empty on the last page.</param>
internal sealed record CatalogPageInfo(string? NextCursor = null);

/// <summary>An entity of the catalog, as far as it describes a cluster.</summary>
/// <param name="Metadata">Its metadata.</param>
internal sealed record CatalogEntity(CatalogMetadata? Metadata = null)
{
    /// <summary>An annotation; null where it is absent or empty.</summary>
    public string? Annotation(string key) => Metadata?.Annotations?.GetValueOrDefault("kubernetes.io/" + key) is { Length: > 0 } value ? value : null;
}

/// <summary>An entity's metadata.</summary>
/// <param name="Name">The name.</param>
/// <param name="Namespace">The namespace; null for <c>default</c>.</param>
/// <param name="Title">The display name.</param>
/// <param name="Annotations">The annotations.</param>
internal sealed record CatalogMetadata(string? Name = null, string? Namespace = null, string? Title = null, IReadOnlyDictionary<string, string?>? Annotations = null);
