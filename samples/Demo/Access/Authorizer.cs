using System.Text.Json.Nodes;
using Fairlead.Demo.Resources;
using Fairlead.Demo.Storage;

namespace Fairlead.Demo.Access;

/// <summary>What somebody wants to do.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Group">The API group.</param>
/// <param name="Resource">The resource, with its sub-resource behind a slash.</param>
/// <param name="Namespace">The namespace; empty for the cluster scope.</param>
/// <param name="Name">The object's name.</param>
internal sealed record Attributes(string Verb, string Group, string Resource, string Namespace, string Name);

/// <summary>Role-based access control over the stored roles and bindings.</summary>
internal sealed class Authorizer(ObjectStore store)
{
    private static readonly ResourceType _roles = ResourceCatalog.Find("rbac.authorization.k8s.io", "v1", "roles")!;
    private static readonly ResourceType _roleBindings = ResourceCatalog.Find("rbac.authorization.k8s.io", "v1", "rolebindings")!;
    private static readonly ResourceType _clusterRoles = ResourceCatalog.Find("rbac.authorization.k8s.io", "v1", "clusterroles")!;
    private static readonly ResourceType _clusterRoleBindings = ResourceCatalog.Find("rbac.authorization.k8s.io", "v1", "clusterrolebindings")!;

    /// <summary>Whether some binding gives <paramref name="who"/> a role that permits <paramref name="what"/>.</summary>
    public bool Allows(Identity who, Attributes what) =>
        who.IsMaster
        || (what.Resource is "selfsubjectaccessreviews" or "selfsubjectreviews" && who.Groups.Contains("system:authenticated", StringComparer.Ordinal))
        || Rules(_clusterRoleBindings, "", who).Any(rule => Permits(rule, what))
        || (what.Namespace.Length > 0 && Rules(_roleBindings, what.Namespace, who).Any(rule => Permits(rule, what)));

    /// <summary>The server's words for a refusal.</summary>
    public static string Refusal(Identity who, Attributes what) =>
        $"User \"{who.Name}\" cannot {what.Verb} resource \"{what.Resource}\" in API group \"{what.Group}\" "
        + (what.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{what.Namespace}\"");

    private IEnumerable<JsonNode> Rules(ResourceType bindings, string @namespace, Identity who) =>
        from binding in store.List(bindings, @namespace).Items
        where (binding["subjects"] as JsonArray ?? []).Any(subject => IsSubject(subject!, who))
        let reference = binding["roleRef"]!
        let role = reference["kind"]!.GetValue<string>() is "Role"
            ? store.Get(_roles, @namespace, reference["name"]!.GetValue<string>())
            : store.Get(_clusterRoles, "", reference["name"]!.GetValue<string>())
        where role is not null
        from rule in role["rules"] as JsonArray ?? []
        select rule;

    private static bool IsSubject(JsonNode subject, Identity who) => (subject["kind"]?.GetValue<string>(), subject["name"]?.GetValue<string>()) switch
    {
        ("User", { } name) => string.Equals(name, who.Name, StringComparison.Ordinal),
        ("Group", { } name) => who.Groups.Contains(name, StringComparer.Ordinal),
        ("ServiceAccount", { } name) => string.Equals($"system:serviceaccount:{subject["namespace"]}:{name}", who.Name, StringComparison.Ordinal),
        _ => false,
    };

    private static bool Permits(JsonNode rule, Attributes what) =>
        Holds(rule["verbs"], what.Verb) && Holds(rule["apiGroups"], what.Group) && Holds(rule["resources"], what.Resource)
        && (rule["resourceNames"] is not JsonArray { Count: > 0 } names || Holds(names, what.Name));

    private static bool Holds(JsonNode? list, string value) =>
        (list as JsonArray)?.Any(item => item!.GetValue<string>() is var text && (text is "*" || string.Equals(text, value, StringComparison.Ordinal))) ?? false;
}
