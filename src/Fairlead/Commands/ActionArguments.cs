using Fairlead.Access;

namespace Fairlead.Commands;

/// <summary>An action as it is written on a command line, the way of <c>kubectl auth can-i</c>: <c>get pods web</c>, <c>create pods/exec</c>, <c>list deployments.apps</c>, <c>get /metrics</c>.</summary>
internal static class ActionArguments
{
    /// <summary>Reads an action.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="resource">The resource, with group and sub-resource; or a path.</param>
    /// <param name="name">The object's name; empty for none.</param>
    /// <param name="namespace">The namespace; empty for all of them, or none.</param>
    /// <param name="problem">What is wrong; null when nothing is.</param>
    public static KubernetesAction? Read(string verb, string resource, string name, string @namespace, out string? problem)
    {
        problem = !VerbSet.Known.Contains(verb, StringComparer.Ordinal) ? $"there is no verb '{verb}'; use one of {string.Join(", ", VerbSet.Known)}" : null;
        if (resource.StartsWith('/'))
        {
            problem ??= name.Length + @namespace.Length > 0 ? "a path has neither a name nor a namespace" : null;
            return problem is null ? new KubernetesAction { IsResourceRequest = false, Verb = verb, Path = resource } : null;
        }

        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        var (qualified, subresource) = slash < 0 ? (resource, "") : (resource[..slash], resource[(slash + 1)..]);
        var dot = qualified.IndexOf('.', StringComparison.Ordinal);
        var (plural, group) = dot < 0 ? (qualified, "") : (qualified[..dot], qualified[(dot + 1)..]);
        problem ??= group.Length == 0 && !CoreResources.Contains(plural)
            ? $"'{plural}' is no resource of the core group; write the plural with its group, as in deployments.apps ('kubectl api-resources' lists both)" : null;
        var isSession = group.Length == 0 && plural is "pods" && subresource is "exec" or "attach" or "portforward";
        return problem is not null ? null : new KubernetesAction
        {
            // However a session is opened, it is a create (contract F34).
            IsResourceRequest = true, Verb = isSession && verb is "get" ? "create" : verb, Path = "", ApiGroup = group, Resource = plural, Subresource = subresource, Name = name, Namespace = @namespace,
        };
    }
}
