using System.Text;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.FirstRun;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Commands;

/// <summary>What a person reads when the server has started.</summary>
internal static class StartMessage
{
    /// <summary>Puts the message together.</summary>
    /// <param name="version">The version.</param>
    /// <param name="addresses">Where the server really listens, the management listener left out.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="catalog">The clusters.</param>
    /// <param name="token">The first run's token; null when there is none.</param>
    /// <param name="kubeconfig">The first run's kubeconfig; null when there is none.</param>
    /// <param name="service">A Service that is known to be there, as <c>namespace/name/path</c>; null for none.</param>
    public static string Compose(
        string version, IReadOnlyList<Uri> addresses, GatewayOptions options, ClusterCatalog catalog, Secret? token, KubeconfigFile? kubeconfig, string? service = null)
    {
        var text = new StringBuilder();
        text.Append("Fairlead ").Append(version).Append(" listens on ").AppendJoin(", ", addresses.Select(static url => url.GetLeftPart(UriPartial.Authority)))
            .Append(options.BaseUrl.Length > 0 ? $" below {options.BaseUrl}" : "").Append('\n');
        foreach (var notice in options.Notices)
        {
            text.Append("- ").Append(notice).Append('\n');
        }

        text.Append("Clusters: ").Append(catalog.Clusters.Count == 0 ? "none" : string.Join(", ", catalog.Clusters.Select(catalog.AddressableName))).Append('\n');
        if (token is not null)
        {
            AppendFirstRun(text, addresses, options, catalog, token, kubeconfig, service);
        }
        else if (options.Auth is null)
        {
            text.Append("No auth is configured and an address is not loopback: only callers' own cluster tokens are accepted. Configure auth to let portal users in.\n");
        }

        return text.ToString();
    }

    private static void AppendFirstRun(
        StringBuilder text, IReadOnlyList<Uri> addresses, GatewayOptions options, ClusterCatalog catalog, Secret token, KubeconfigFile? kubeconfig, string? service)
    {
        var gateway = (addresses.FirstOrDefault(static url => string.Equals(url.Scheme, "http", StringComparison.Ordinal)) ?? addresses[0])
            .GetLeftPart(UriPartial.Authority) + options.BaseUrl;
        var insecure = gateway.StartsWith("https", StringComparison.Ordinal) ? "-k " : "";
        var header = $"-H 'Authorization: Bearer {token.Reveal()}'";
        text.Append("\nNo auth is configured: the token below was made for this run and opens every cluster. It is shown once; keep it to yourself.\n\n");
        text.Append($"  curl {insecure}{header} {gateway}/api/kubernetes/clusters\n");
        if (catalog.Clusters.Count > 0)
        {
            var name = catalog.AddressableName(catalog.Clusters[0]);
            var quoted = name.Replace("'", "'\\''", StringComparison.Ordinal);
            text.Append($"  curl {insecure}{header} -H 'Backstage-Kubernetes-Cluster: {quoted}' {gateway}/api/kubernetes/proxy/api/v1/namespaces\n");
            text.Append($"  curl {insecure}{header} {gateway}/clusters/{Uri.EscapeDataString(ClusterNames.ForUrl(name))}/api/v1/pods\n");
            if (service is not null && options.ServiceProxy.Enabled)
            {
                text.Append($"  curl {insecure}{header} {gateway}/serviceproxy/{service}\n");
            }
        }

        if (kubeconfig is not null && catalog.Clusters.Count > 0)
        {
            text.Append($"  KUBECONFIG={kubeconfig.Path} kubectl get pods --all-namespaces\n");
        }

        text.Append('\n');
    }
}
