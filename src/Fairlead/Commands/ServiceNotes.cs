using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Commands;

/// <summary>What an operator should know about the service door of a cluster: nothing of it is wrong, all of it may surprise (contract <c>headlamp.md</c> F22, F25).</summary>
internal static class ServiceNotes
{
    /// <summary>The notes.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(Cluster cluster, ServiceProxyOptions options)
    {
        var notes = new List<string>();
        var definition = cluster.Definition;
        var name = NodePath.Printable(definition.QualifiedName);
        var isDirect = definition.IsDirect && options.Transport is not TransportChoice.ApiServer;
        if (!isDirect && options.Authorization is ServiceAuthorization.Forward)
        {
            notes.Add($"cluster '{name}': its Services are reached over its API server, which takes Authorization for itself: they do not see the caller's token; "
                + "serviceProxy.authorization: identity or tokenHeader of a Service send something else");
        }

        if (!definition.IsDirect && options.Transport is TransportChoice.Direct)
        {
            notes.Add($"cluster '{name}': serviceProxy.transport is direct, but the gateway is not known to be in its network (network: direct); its Services are reached over its API server");
        }

        if (!definition.Credential.HasAccount || definition.Problem is not null)
        {
            return notes;
        }

        var missing = new List<string>();
        foreach (var (verb, group, resource) in Wanted(isDirect))
        {
            var answer = await cluster.Api.PostAsync(
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                new SelfSubjectAccessReview(new SelfSubjectAccessReviewSpec(new ResourceAttributes(verb, group, resource))),
                null,
                ApiJson.Default.SelfSubjectAccessReview);
            if (answer.Value?.Status is { Allowed: false })
            {
                missing.Add($"{verb} {resource}{(group.Length == 0 ? "" : "." + group)}");
            }
        }

        if (missing.Count > 0)
        {
            notes.Add($"cluster '{name}': the gateway's account may not {string.Join(", ", missing)} in all namespaces: each Service is looked up on the caller's own token; deploy/rbac/services.yaml grants it");
        }

        return notes;
    }

    private static IEnumerable<(string Verb, string Group, string Resource)> Wanted(bool isDirect)
    {
        yield return ("list", "", "services");
        yield return ("watch", "", "services");
        if (isDirect)
        {
            yield return ("list", "discovery.k8s.io", "endpointslices");
            yield return ("watch", "discovery.k8s.io", "endpointslices");
        }
    }
}
