namespace Fairlead.Configuration;

/// <summary>
/// One of <c>access.rules</c>. An allow rule lets its subjects do something on a credential that the gateway holds; a deny rule keeps them from it on whatever
/// credential (decision 13). In a pattern <c>*</c> stands for any run of characters.
/// </summary>
internal sealed record AccessRule
{
    /// <summary>What messages call it: its <c>name</c>, or its place in the configuration.</summary>
    public string Label { get; init; } = "access.rules";

    /// <summary>Whether it denies (<c>effect: deny</c>).</summary>
    public bool Denies { get; init; }

    /// <summary>Patterns of user names (<c>subjects.users</c>).</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>Patterns of group names (<c>subjects.groups</c>).</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Claims that have to hold besides (<c>subjects.claims</c>): each has to have a value that one of the patterns matches.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Claims { get; init; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>Patterns of plain or qualified cluster names (<c>clusters</c>); <c>locator/*</c> means a whole source.</summary>
    public IReadOnlyList<string> Clusters { get; init; } = [];

    /// <summary>Labels that the cluster has to have (<c>clusterLabels</c>), with patterns of their values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ClusterLabels { get; init; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>Patterns of namespaces (<c>namespaces</c>); requests over all namespaces and cluster-scoped ones need <c>*</c> (decision 6).</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Patterns of resources (<c>resources</c>): <c>pods</c>, <c>pods/log</c>, <c>deployments.apps</c>, <c>*</c> (decision 14).</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>Patterns of object names (<c>resourceNames</c>, as in RBAC); none means every object.</summary>
    public IReadOnlyList<string> ResourceNames { get; init; } = [];

    /// <summary>Patterns of Services (<c>services</c>), <c>namespace/name</c>: what is behind them, by whatever door and port.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Patterns of paths that name no resource (<c>nonResourceURLs</c>, as in RBAC).</summary>
    public IReadOnlyList<string> NonResourceUrls { get; init; } = [];

    /// <summary>Kubernetes verbs, or <c>*</c> (<c>verbs</c>).</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];
}
