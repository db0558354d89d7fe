namespace Fairlead.Configuration.Binding;

/// <summary><c>kubernetes</c>: Backstage's section, taken verbatim (contract section 7).</summary>
internal static class KubernetesBinder
{
    public static IReadOnlyList<ClusterLocator> Bind(Section root, BackstageOptions? portal)
    {
        if (root.Child("kubernetes") is not { } kubernetes)
        {
            return [];
        }

        kubernetes.Context.GoogleKey = GoogleKeyBinder.Bind(kubernetes);
        var locators = LocatorBinder.Bind(kubernetes, portal);
        if (kubernetes.Flag("clusterLocatorContinueOnError") == false)
        {
            kubernetes.Context.Notice(
                $"{kubernetes.PathOf("clusterLocatorContinueOnError")} is false: the clusters of other sources are served all the same when one source fails");
        }

        EntityQueries(kubernetes);
        FrontEnd(kubernetes);
        kubernetes.Close();
        return locators;
    }

    /// <summary><c>customResources[]</c> of the section or of a cluster: for entity queries, without effect here.</summary>
    public static void CustomResources(Section section)
    {
        foreach (var resource in section.Children("customResources") ?? [])
        {
            resource.RequiredText("group");
            resource.RequiredText("apiVersion");
            resource.RequiredText("plural");
            resource.Close();
        }

        NoEffect(section, "customResources");
    }

    public static void NoEffect(Section section, string key)
    {
        if (section.Has(key))
        {
            section.Context.WithoutEffect(section.PathOf(key));
        }
    }

    private static void EntityQueries(Section kubernetes)
    {
        if (kubernetes.Child("serviceLocatorMethod") is { } method)
        {
            method.Choice("type", "multiTenant", "singleTenant", "catalogRelation");
            method.Close();
        }

        kubernetes.Texts("objectTypes");
        kubernetes.TextMap("apiVersionOverrides");
        CustomResources(kubernetes);
        foreach (var key in new[] { "serviceLocatorMethod", "objectTypes", "apiVersionOverrides" })
        {
            NoEffect(kubernetes, key);
        }
    }

    private static void FrontEnd(Section kubernetes)
    {
        if (kubernetes.Child("proxy") is { } proxy)
        {
            if (proxy.Child("middlewareCache") is { } cache)
            {
                if (cache.Child("ttl") is { } ttl)
                {
                    ttl.Number("milliseconds", 0, long.MaxValue);
                    ttl.Close();
                }

                cache.Number("maxSize", 0, long.MaxValue);
                cache.Close();
            }

            proxy.Close();
        }

        if (kubernetes.Child("frontend") is { } frontend)
        {
            Switch(frontend, "podDelete");
            frontend.Close();
        }

        Switch(kubernetes, "podExecTerminal");
        foreach (var key in new[] { "proxy", "frontend", "podExecTerminal" })
        {
            NoEffect(kubernetes, key);
        }
    }

    private static void Switch(Section section, string key)
    {
        if (section.Child(key) is { } child)
        {
            child.Flag("enabled");
            child.Close();
        }
    }
}
