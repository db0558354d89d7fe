using System.Collections.Frozen;

namespace Fairlead.Access;

/// <summary>
/// Kubernetes' own resources that are in no namespace. A list of one of these is no list over all namespaces, which a path alone does not tell.
/// </summary>
internal static class ClusterScope
{
    private static readonly FrozenSet<string> _core = FrozenSet.Create(StringComparer.Ordinal, "namespaces", "nodes", "persistentvolumes", "componentstatuses");

    // A new version of Kubernetes may add resources with namespaces to any of the other groups.
    private static readonly FrozenSet<string> _groups = FrozenSet.Create(StringComparer.Ordinal, "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "flowcontrol.apiserver.k8s.io");

    /// <summary>Whether what <paramref name="action"/> names is known to be in no namespace.</summary>
    public static bool Has(KubernetesAction action) => action.ApiGroup switch
    {
        "" => _core.Contains(action.Resource),
        "certificates.k8s.io" => action.Resource is "certificatesigningrequests" or "clustertrustbundles",
        "metrics.k8s.io" => action.Resource is "nodes",
        "networking.k8s.io" => action.Resource is "ingressclasses" or "ipaddresses" or "servicecidrs",
        "node.k8s.io" => action.Resource is "runtimeclasses",
        "rbac.authorization.k8s.io" => action.Resource is "clusterroles" or "clusterrolebindings",
        "scheduling.k8s.io" => action.Resource is "priorityclasses",
        "storage.k8s.io" => action.Resource is "storageclasses" or "volumeattachments" or "csidrivers" or "csinodes" or "volumeattributesclasses",
        var group => _groups.Contains(group),
    };
}
