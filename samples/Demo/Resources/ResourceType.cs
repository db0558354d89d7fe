namespace Fairlead.Demo.Resources;

/// <summary>A kind of object that the API server stores.</summary>
/// <param name="Group">The API group; empty for core.</param>
/// <param name="Version">The version.</param>
/// <param name="Plural">The name in URLs.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Namespaced">Whether objects live in namespaces.</param>
/// <param name="ShortNames">Names that kubectl accepts.</param>
/// <param name="Subresources">Sub-resources of stored objects.</param>
public sealed record ResourceType(
    string Group, string Version, string Plural, string Kind, bool Namespaced, IReadOnlyList<string> ShortNames, IReadOnlyList<string> Subresources)
{
    /// <summary><c>v1</c> or <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>pods</c> or <c>deployments.apps</c>, as messages name it.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}

/// <summary>What is served.</summary>
public static class ResourceCatalog
{
    private static readonly string[] _status = ["status"];
    private static readonly string[] _scaled = ["status", "scale"];

    /// <summary>All stored types.</summary>
    public static IReadOnlyList<ResourceType> Types { get; } =
    [
        new("", "v1", "namespaces", "Namespace", false, ["ns"], _status),
        new("", "v1", "nodes", "Node", false, ["no"], _status),
        new("", "v1", "pods", "Pod", true, ["po"], ["status", "log", "exec", "attach", "portforward", "eviction"]),
        new("", "v1", "services", "Service", true, ["svc"], ["status", "proxy"]),
        new("", "v1", "endpoints", "Endpoints", true, ["ep"], []),
        new("", "v1", "configmaps", "ConfigMap", true, ["cm"], []),
        new("", "v1", "secrets", "Secret", true, [], []),
        new("", "v1", "serviceaccounts", "ServiceAccount", true, ["sa"], []),
        new("", "v1", "events", "Event", true, ["ev"], []),
        new("apps", "v1", "deployments", "Deployment", true, ["deploy"], _scaled),
        new("apps", "v1", "replicasets", "ReplicaSet", true, ["rs"], _scaled),
        new("apps", "v1", "statefulsets", "StatefulSet", true, ["sts"], _scaled),
        new("apps", "v1", "daemonsets", "DaemonSet", true, ["ds"], _status),
        new("batch", "v1", "jobs", "Job", true, [], _status),
        new("batch", "v1", "cronjobs", "CronJob", true, ["cj"], _status),
        new("networking.k8s.io", "v1", "ingresses", "Ingress", true, ["ing"], _status),
        new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true, [], []),
        new("coordination.k8s.io", "v1", "leases", "Lease", true, [], []),
        new("rbac.authorization.k8s.io", "v1", "roles", "Role", true, [], []),
        new("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true, [], []),
        new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false, [], []),
        new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false, [], []),
    ];

    /// <summary>Types that are answered and not stored.</summary>
    public static IReadOnlyList<ResourceType> Reviews { get; } =
    [
        new("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", false, [], []),
        new("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", false, [], []),
        new("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false, [], []),
        new("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", false, [], []),
    ];

    /// <summary>The type at a URL; null when there is none.</summary>
    public static ResourceType? Find(string group, string version, string plural) =>
        Types.Concat(Reviews).FirstOrDefault(type =>
            string.Equals(type.Group, group, StringComparison.Ordinal)
            && string.Equals(type.Version, version, StringComparison.Ordinal)
            && string.Equals(type.Plural, plural, StringComparison.Ordinal));
}
