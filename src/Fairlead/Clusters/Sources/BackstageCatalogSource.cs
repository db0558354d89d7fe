using System.Net;
using System.Text.Json;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Clusters.Sources;

/// <summary>Asks a portal's catalog for its clusters, page by page (Backstage catalog API, <c>GET /entities/by-query</c>), with the filter that Backstage's own locator has.</summary>
/// <param name="locator">The source.</param>
/// <param name="http">The connections.</param>
/// <param name="hosts">Knows which names are public.</param>
internal sealed class BackstageCatalogSource(ClusterLocator.BackstageCatalog locator, SourceHttp http, PublicHosts hosts)
{
    private const int PageSize = 500;
    private const int MostPages = 100;
    private const long LongestList = 128 * 1024 * 1024;
    private const string Filter =
        "kind=Resource,spec.type=kubernetes-cluster,metadata.annotations.kubernetes.io/api-server,"
        + "metadata.annotations.kubernetes.io/api-server-certificate-authority,metadata.annotations.kubernetes.io/auth-provider";

    private const string Fields = "metadata.name,metadata.namespace,metadata.title,metadata.annotations";

    /// <summary>Asks.</summary>
    /// <exception cref="ClusterSourceException">The portal cannot be asked, or what it says makes no sense.</exception>
    public async Task<ClusterSourceResult> ReadAsync(CancellationToken cancellationToken)
    {
        if (locator.Url is not { } portal)
        {
            throw new ClusterSourceException("has no portal to ask: set url, or auth.backstage.url");
        }

        var (clusters, problems) = (new List<ClusterDefinition>(), new List<string>());
        await ReadPagesAsync(portal, Token(), clusters, problems, cancellationToken);
        var inside = await hosts.NotPublicAsync(clusters.Where(IsLookedUp).Select(static cluster => cluster.Connection.Server.IdnHost), cancellationToken);
        var outside = clusters.ToLookup(cluster => !IsLookedUp(cluster) || !inside.Contains(cluster.Connection.Server.IdnHost));
        problems.AddRange(outside[false].Select(static cluster => $"{CatalogClusterReader.Reference(cluster.Scope!, cluster.Name)} is ignored: {CatalogClusterReader.NotPublic}"));
        return new ClusterSourceResult([.. outside[true]], problems);
    }

    private async Task ReadPagesAsync(Uri portal, Secret? token, List<ClusterDefinition> clusters, List<string> problems, CancellationToken cancellationToken)
    {
        var place = $"{portal.OriginalString}/api/catalog/entities/by-query?fields={Uri.EscapeDataString(Fields)}&limit={PageSize}&";
        var (which, left) = ($"filter={Uri.EscapeDataString(Filter)}", LongestList);
        for (var pages = 0; pages < MostPages && left > 0; pages++)
        {
            var (page, length) = await http.GetAsync(
                new Uri(place + which), locator.CaFile, token, "token, tokenFile or auth.backstage.token: one of the portal's backend.auth.externalAccess", SourceJson.Default.CatalogPage, cancellationToken);
            Read(page.Items ?? throw new ClusterSourceException($"answers at {portal.OriginalString} with something that is no list of entities"), clusters, problems);
            if (page.PageInfo?.NextCursor is not { Length: > 0 } cursor)
            {
                return;
            }

            which = $"cursor={Uri.EscapeDataString(cursor)}";
            left -= length;
        }

        throw new ClusterSourceException($"has more than {MostPages * PageSize} entities or {LongestList >> 20} MiB of them, or pages without end");
    }

    private void Read(IReadOnlyList<JsonElement> entities, List<ClusterDefinition> clusters, List<string> problems)
    {
        if (clusters.Count + problems.Count + entities.Count > MostPages * PageSize)
        {
            throw new ClusterSourceException($"has more than {MostPages * PageSize} entities");
        }

        var reader = new CatalogClusterReader(locator);
        foreach (var element in entities)
        {
            if (SourceJson.TryRead(element, SourceJson.Default.CatalogEntity) is not { } entity)
            {
                problems.Add($"{NameOf(element)} is ignored: it cannot be read");
            }
            else if (reader.Read(entity, problems) is { } cluster)
            {
                clusters.Add(cluster);
            }
        }
    }

    private Secret? Token()
    {
        if (locator.TokenFile is not { } file)
        {
            return locator.Token;
        }

        if (!TextFile.TryRead(file, out var text, out var problem) || !BearerToken.TryCreate(text.Trim(), out var token, out problem))
        {
            throw new ClusterSourceException($"has no token: {file}: {problem}");
        }

        return token;
    }

    private static bool IsLookedUp(ClusterDefinition cluster) => cluster.Connection.PublicAddressesOnly && !IPAddress.TryParse(cluster.Connection.Server.IdnHost.Trim('[', ']'), out _);

    private static string NameOf(JsonElement element)
    {
        try
        {
            return element.ValueKind is JsonValueKind.Object && element.TryGetProperty("metadata", out var metadata)
                && metadata.ValueKind is JsonValueKind.Object && metadata.TryGetProperty("name", out var name) && name.ValueKind is JsonValueKind.String
                ? $"entity '{NodePath.Printable(name.GetString()!)}'"
                : "an entity without a name";
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is a JSON string (RFC 8259 8.2), and no text.
            return "an entity without a name that can be read";
        }
    }
}
