namespace Fairlead.Configuration.Binding;

/// <summary>Sources that are asked over the network.</summary>
internal static class RemoteLocatorBinder
{
    private static readonly TimeSpan _shortestRefresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestRefresh = TimeSpan.FromHours(24);

    /// <summary>A source of type <c>catalog</c>. Without a portal it is no error: the section may have been copied from the portal itself (contract B108).</summary>
    public static ClusterLocator.BackstageCatalog Catalog(Section section, string name, BackstageOptions? portal)
    {
        section.RequireValues("url", "tokenFile");
        var url = section.Text("url") is { } text ? IssuerBinder.Base(section, text, "url") : null;
        var token = TokenText.Bind(section, "token");
        var tokenFile = section.FilePath("tokenFile");
        if (token is not null && tokenFile is not null)
        {
            section.Error("token", "token and tokenFile must not stand together; leave one of them out");
        }

        // What is meant for the one portal is not shown to another.
        var own = portal is not null && (!section.Has("url") || url == portal.Url) ? portal : null;
        if (!section.Has("url") && own is null)
        {
            section.Context.Notice($"{section.Path}: which portal's catalog is meant is not said; set {section.PathOf("url")} or auth.backstage.url, until then it gives no clusters");
        }

        return new ClusterLocator.BackstageCatalog(name, Refresh(section, TimeSpan.FromMinutes(1)))
        {
            Url = url ?? own?.Url,
            Token = token ?? (tokenFile is null ? own?.Token : null),
            TokenFile = tokenFile,
            CaFile = section.FilePath("caFile") ?? own?.CaFile,
            AllowedHosts = [.. AllowedHosts(section)],
            AllowsSkipTlsVerify = section.Flag("dangerouslyAllowSkipTLSVerify") ?? false,
            AllowsGatewayCredentials = section.Flag(GatewayCredentials) ?? false,
            GoogleKey = section.Context.GoogleKey,
        };
    }

    /// <summary>Backstage compares them with the URL's host name, whatever the key is called.</summary>
    private static string[] AllowedHosts(Section section)
    {
        var hosts = section.Texts("dangerouslyAllowClusterUrls") ?? [];
        foreach (var host in hosts.Where(static host => Uri.CheckHostName((host.Value.StartsWith("*.", StringComparison.Ordinal) ? host.Value[2..] : host.Value).Trim('[', ']')) is UriHostNameType.Unknown))
        {
            section.Context.Errors.Add(host.Path, "is no host name: it takes host names and *.suffix, without a scheme, a port or a path", host.Origin);
        }

        return [.. hosts.Select(static host => host.Value)];
    }

    private const string GatewayCredentials = "dangerouslyAllowGatewayCredentials";

    /// <summary>A source of type <c>gke</c>.</summary>
    public static ClusterLocator.Gke? Gke(Section section, string name)
    {
        // Without them there would be more clusters than were meant.
        section.RequireValues("region", "matchingResourceLabels");
        var projectId = section.RequiredText("projectId");
        var labels = new List<KeyValuePair<string, string>>();
        foreach (var label in section.Children("matchingResourceLabels") ?? [])
        {
            // A condition that gets lost would let more clusters in.
            label.RequireValues("key", "value");
            if (label.RequiredText("key") is { } key && label.RequiredText("value") is { } value)
            {
                labels.Add(KeyValuePair.Create(key, value));
            }

            label.Close();
        }

        section.Flag("skipMetricsLookup");
        KubernetesBinder.NoEffect(section, "skipMetricsLookup");
        var skip = section.Flag("skipTLSVerify") ?? false;
        if (skip)
        {
            section.Context.Notice($"{section.PathOf("skipTLSVerify")} is on, so anybody on the way can pretend to be one of these clusters; it is not needed, their authorities are known");
        }

        var endpoint = section.Text("endpoint") is { } text ? IssuerBinder.Address(section, "endpoint", text.TrimEnd('/')) : null;
        var locator = new ClusterLocator.Gke(name, Refresh(section, TimeSpan.FromMinutes(10)), projectId ?? "")
        {
            Region = section.Text("region") ?? "-",
            // Google itself says where these clusters are.
            AllowsGatewayCredentials = true,
            UsesServiceAccount = section.Choice("authProvider", "google", "googleServiceAccount") is "googleServiceAccount",
            Key = section.Context.GoogleKey,
            SkipTlsVerify = skip,
            ExposesDashboard = section.Flag("exposeDashboard") ?? false,
            Labels = [.. labels],
            UsesDnsEndpoint = section.Choice("endpointType", "public", "dns") is "dns",
            CaFile = section.FilePath("caFile"),
        };
        return projectId is null ? null : endpoint is null ? locator : locator with { Endpoint = endpoint };
    }

    /// <summary>A source of type <c>clusterSecrets</c>.</summary>
    public static ClusterLocator.ClusterSecrets? ClusterSecrets(Section section, string name)
    {
        // A Secret of another namespace than the one that was meant would be read.
        section.RequireValues("cluster", "namespace", "labelSelector");
        if (!section.Has("format"))
        {
            section.Missing("format", ": argocd or clusterApi");
        }

        ClusterSecretFormat? format = section.Choice("format", "argocd", "clusterApi") switch
        {
            "argocd" => ClusterSecretFormat.ArgoCd,
            "clusterApi" => ClusterSecretFormat.ClusterApi,
            _ => null,
        };
        var place = section.Text("namespace");
        if (place is not null && !place.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-'))
        {
            section.Error("namespace", "has to be the name of one namespace; leave it out for all of them");
        }

        var (cluster, selector, refresh) = (section.Text("cluster"), section.Text("labelSelector"), Refresh(section, TimeSpan.FromSeconds(30)));
        return format is null ? null : new ClusterLocator.ClusterSecrets(name, refresh)
        {
            AllowsGatewayCredentials = section.Flag(GatewayCredentials) ?? false,
            Cluster = cluster,
            Namespace = place,
            Format = format.Value,
            LabelSelector = selector ?? (format is ClusterSecretFormat.ArgoCd ? "argocd.argoproj.io/secret-type=cluster" : "cluster.x-k8s.io/cluster-name"),
        };
    }

    private static TimeSpan Refresh(Section section, TimeSpan otherwise) => section.Duration("refresh", _shortestRefresh, _longestRefresh) ?? otherwise;
}
