using Fairlead.Clusters;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

/// <summary>A source of type <c>config</c>: clusters written in the configuration.</summary>
internal static class ConfigClustersBinder
{
    public static IReadOnlyList<ClusterDefinition> Bind(Section locator, string locatorName)
    {
        if (!locator.Has("clusters"))
        {
            locator.Missing("clusters");
        }

        var clusters = new List<ClusterDefinition>();
        var places = new Dictionary<string, Section>(StringComparer.Ordinal);
        foreach (var section in locator.Children("clusters") ?? [])
        {
            if (Cluster(section, locatorName) is { } cluster)
            {
                clusters.Add(cluster);
            }

            if (section.Node("name") is ScalarNode { Text.Length: > 0 } name && ClusterNames.IsUsable(name.Text) && !places.TryAdd(name.Text, section))
            {
                var other = places[name.Text];
                section.Error("name", $"duplicate cluster name '{NodePath.Printable(name.Text)}'; {other.Path} ({other.Origin}) has it already");
            }
        }

        return clusters;
    }

    private static ClusterDefinition? Cluster(Section section, string locator)
    {
        var before = section.Context.Errors.Count;
        var name = section.RequiredText("name");
        if (name is not null && !ClusterNames.IsUsable(name))
        {
            section.Error("name", ClusterNames.Rule);
        }

        var label = name is null || !ClusterNames.IsUsable(name) ? section.Path : NodePath.Printable(name);
        var connection = Connection(section, label);
        var credential = CredentialBinder.Bind(section, label, connection);
        var dashboardUrl = section.Text("dashboardUrl");
        if (dashboardUrl is not null && !(Uri.TryCreate(dashboardUrl, UriKind.Absolute, out var link) && link.Scheme is "http" or "https"))
        {
            section.Error("dashboardUrl", "has to be a full http or https URL");
        }

        var title = section.Text("title");

        // A rule that denies by a label does not hold where the label is lost.
        section.RequireValues("labels");
        var labels = section.TextMap("labels");
        var isDirect = section.Choice("network", "direct", "apiserver") is "direct";
        WithoutEffect(section);
        section.Close();
        if (section.Context.Errors.Count > before || name is null || connection is null || credential is null)
        {
            return null;
        }

        return new ClusterDefinition
        {
            Locator = locator,
            Name = name,
            Connection = credential.InCluster?.Connection ?? connection,
            Credential = credential.Definition,
            Labels = labels.Count == 0 ? ClusterLabels.None : new ClusterLabels(labels.Select(static pair => KeyValuePair.Create(pair.Key, pair.Value!))),
            Title = title,
            DashboardUrl = dashboardUrl,
            Problem = credential.Problem,
            IsInCluster = credential.InCluster is not null,
            IsDirect = isDirect || credential.InCluster is not null,
        };
    }

    private static ClusterConnection? Connection(Section section, string label)
    {
        Uri? server = null;
        if (section.RequiredText("url") is { } url && !ServerUrl.TryParse(url, out server, out var problem))
        {
            section.Error("url", problem);
        }

        var authority = PemBinder.Bind(section, "caData", "caFile", PemContent.Certificate);
        var skip = section.Flag("skipTLSVerify") == true;
        if (skip && authority is not null)
        {
            section.Context.Notice($"cluster '{label}': skipTLSVerify is on, so caData and caFile are not looked at");
        }

        // A proxy or a name that is lost would have the connection made without.
        section.RequireValues("tlsServerName", "proxyUrl");
        var name = section.Text("tlsServerName");
        if (name is not null && !ServerName.IsUsable(name))
        {
            section.Error("tlsServerName", ServerName.Rule);
        }

        return server is null
            ? null
            : new ClusterConnection { Server = server, CertificateAuthority = authority, InsecureSkipTlsVerify = skip, TlsServerName = name, Proxy = Proxy(section) };
    }

    private static ProxyAddress? Proxy(Section section)
    {
        if (section.Text("proxyUrl") is not { } text)
        {
            return null;
        }

        if (ProxyAddress.TryParse(text, out var proxy))
        {
            return proxy;
        }

        section.Error("proxyUrl", ProxyAddress.Rule);
        return null;
    }

    private static void WithoutEffect(Section section)
    {
        section.Flag("skipMetricsLookup");
        section.Text("dashboardApp");
        if (section.Has("dashboardParameters"))
        {
            section.Child("dashboardParameters");
        }

        foreach (var key in new[] { "skipMetricsLookup", "dashboardApp", "dashboardParameters" })
        {
            KubernetesBinder.NoEffect(section, key);
        }

        KubernetesBinder.CustomResources(section);
    }
}
