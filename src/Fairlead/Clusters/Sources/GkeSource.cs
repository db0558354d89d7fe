using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Clusters.Sources;

/// <summary>Gives an access token of a Google account.</summary>
/// <param name="key">The account's JSON key; null for the ambient account.</param>
/// <param name="cancellationToken">Ends the wait.</param>
internal delegate Task<Secret> GoogleTokens(Secret? key, CancellationToken cancellationToken);

/// <summary>Asks Google for the clusters of a project (Kubernetes Engine API, <c>projects.locations.clusters.list</c>). What it says of a cluster's authority is used, unlike in Backstage.</summary>
/// <param name="locator">The source.</param>
/// <param name="http">The connections.</param>
/// <param name="tokens">Gives the token to ask with.</param>
internal sealed class GkeSource(ClusterLocator.Gke locator, SourceHttp http, GoogleTokens tokens)
{
    // A cluster describes its node pools on many kilobytes; these are all that are needed (Google API system parameters).
    private const string Fields =
        "clusters(name,location,endpoint,masterAuth/clusterCaCertificate,resourceLabels,controlPlaneEndpointsConfig/dnsEndpointConfig/endpoint),missingZones";

    /// <summary>Asks.</summary>
    /// <exception cref="ClusterSourceException">Google cannot be asked, or what it says makes no sense.</exception>
    public async Task<ClusterSourceResult> ReadAsync(CancellationToken cancellationToken)
    {
        var token = await tokens(locator.Key, cancellationToken);
        var url = $"{locator.Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}/v1/projects/{Uri.EscapeDataString(locator.ProjectId)}/locations/{Uri.EscapeDataString(locator.Region)}/clusters?fields={Uri.EscapeDataString(Fields)}";
        var (list, _) = await http.GetAsync(
            new Uri(url), locator.CaFile, token, "kubernetes.googleServiceAccountCredentials, and at the role of that account: it needs container.clusters.list", SourceJson.Default.GkeClusterList, cancellationToken);
        var problems = new List<string>();
        if (list.MissingZones is { Count: > 0 } missing)
        {
            problems.Add($"Google could not ask these zones, whose clusters stand as they were: {NodePath.Printable(string.Join(", ", missing))}");
        }

        var clusters = new List<ClusterDefinition>();
        foreach (var element in list.Clusters ?? [])
        {
            if (SourceJson.TryRead(element, SourceJson.Default.GkeCluster) is not { Name: { } name, Location: { } location } cluster || !ClusterNames.IsUsable(name) || !ClusterNames.IsUsable(location))
            {
                problems.Add("a cluster is ignored: it cannot be read, or has no name and location");
            }
            else if (locator.Labels.All(label => string.Equals(cluster.ResourceLabels?.GetValueOrDefault(label.Key), label.Value, StringComparison.Ordinal)))
            {
                if (Definition(cluster, name, location, out var fault) is { } definition)
                {
                    clusters.Add(definition);
                }
                else
                {
                    problems.Add($"cluster {NodePath.Printable(location)}/{NodePath.Printable(name)} is ignored: {fault}");
                }
            }
        }

        return new ClusterSourceResult(clusters, problems) { Unread = [.. list.MissingZones ?? []] };
    }

    private ClusterDefinition? Definition(GkeCluster cluster, string name, string location, out string? fault)
    {
        // A name's certificate is one of a public authority; an address's is one of the cluster's own.
        var byName = locator.UsesDnsEndpoint && cluster.ControlPlaneEndpointsConfig?.DnsEndpointConfig?.Endpoint is { Length: > 0 } given ? given : null;
        PemSource? authority = null;
        if ((byName ?? cluster.Endpoint) is not { Length: > 0 } host)
        {
            fault = "it has no endpoint yet";
            return null;
        }

        if (!ServerUrl.TryParse($"https://{host}", out var server, out fault))
        {
            fault = $"its endpoint {fault}";
            return null;
        }

        if (byName is null && !locator.SkipTlsVerify)
        {
            if (cluster.MasterAuth?.ClusterCaCertificate is not { Length: > 0 } data || !PemText.TryDecode(data, PemContent.Certificate, out authority, out _))
            {
                fault = "its certificate authority is missing or cannot be read";
                return null;
            }
        }

        return new ClusterDefinition
        {
            Locator = locator.Name,
            Scope = location,
            Name = name,
            Connection = new ClusterConnection { Server = server, CertificateAuthority = authority, InsecureSkipTlsVerify = locator.SkipTlsVerify },
            Credential = locator.UsesServiceAccount ? new CredentialDefinition.GoogleServiceAccount(locator.Key) : new CredentialDefinition.ClientSide("google", null),
            DashboardUrl = locator.ExposesDashboard
                ? $"https://console.cloud.google.com/kubernetes/clusters/details/{Uri.EscapeDataString(location)}/{Uri.EscapeDataString(name)}/details?project={Uri.EscapeDataString(locator.ProjectId)}"
                : null,
        };
    }
}
