namespace Fairlead.Configuration;

/// <summary>A value of the command line. Overrides are merged last, over files and environment.</summary>
internal sealed record ConfigurationOverride
{
    private ConfigurationOverride(string path, string origin)
    {
        Path = path;
        Origin = origin;
    }

    /// <summary>The key that is set, as <c>baseUrl</c> or <c>serviceProxy.enabled</c>.</summary>
    public string Path { get; }

    /// <summary>What error messages name as the source: the flag.</summary>
    public string Origin { get; }

    /// <summary>The value, when it is a single one; strings stand for numbers and booleans too.</summary>
    public string? Text { get; private init; }

    /// <summary>The value, when it is a list.</summary>
    public IReadOnlyList<string>? List { get; private init; }

    /// <summary>The source of clusters that this adds; it may not stand together with configured <c>clusterLocatorMethods</c> (decision 25).</summary>
    public ClusterLocatorKind? ClusterSource { get; private init; }

    /// <summary>Sets a key to one value.</summary>
    public static ConfigurationOverride Value(string path, string value, string origin) => new(path, origin) { Text = value };

    /// <summary>Sets a key to a list.</summary>
    public static ConfigurationOverride Values(string path, IReadOnlyList<string> values, string origin) => new(path, origin) { List = values };

    /// <summary>Takes the clusters from kubeconfig files.</summary>
    /// <param name="pathList">One path, or several in the form of <c>KUBECONFIG</c>.</param>
    /// <param name="origin">The flag.</param>
    /// <param name="skippedContexts">Contexts that are left out.</param>
    public static ConfigurationOverride Kubeconfig(string pathList, string origin = "--kubeconfig", IReadOnlyList<string>? skippedContexts = null) =>
        new("kubernetes.clusterLocatorMethods", origin) { Text = pathList, List = skippedContexts is { Count: > 0 } ? skippedContexts : null, ClusterSource = ClusterLocatorKind.Kubeconfig };

    /// <summary>Takes the cluster that this process runs in.</summary>
    /// <param name="origin">The flag.</param>
    /// <param name="name">What it is called; null for the default.</param>
    public static ConfigurationOverride InCluster(string origin = "--in-cluster", string? name = null) =>
        new("kubernetes.clusterLocatorMethods", origin) { Text = name, ClusterSource = ClusterLocatorKind.InCluster };
}

/// <summary>The sources of clusters that a flag can ask for.</summary>
internal enum ClusterLocatorKind
{
    /// <summary>Kubeconfig files.</summary>
    Kubeconfig,

    /// <summary>The cluster that this process runs in.</summary>
    InCluster,
}
