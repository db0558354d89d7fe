using System.Net;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Services;

/// <summary>
/// Which Services a cluster has: from memory where the gateway's account may watch them, else by asking for the one Service on the caller's
/// own token, and remembering the answer for a moment (contract <c>headlamp.md</c> F22).
/// </summary>
internal sealed class ServiceDirectory(ClusterApi api, PlannedCredentials credentials, ServiceIndex index, string clusterName, bool hasAccount, TimeProvider time)
{
    private const int Capacity = 4096;
    private static readonly TimeSpan _lookupFor = TimeSpan.FromSeconds(2);

    // By their owner: what one caller was told is not for another.
    private readonly ExpiringCache<(TokenHash Owner, string Namespace, string Name, bool WithEndpoints), ServiceLookup> _lookups = new(Capacity, time);

    /// <summary>Looks a Service up.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="withEndpoints">Whether its endpoints are needed.</param>
    /// <param name="plan">Whose credential the request travels on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<ServiceLookup> FindAsync(string @namespace, string name, bool withEndpoints, CredentialPlan plan, CancellationToken cancellationToken)
    {
        if (hasAccount && await index.FindAsync(@namespace, name, withEndpoints, cancellationToken) is { IsKnown: true } known)
        {
            return known.View is { } view ? new ServiceLookup(view, null) : NotFound(name);
        }

        if (plan.Key is null && !hasAccount)
        {
            return new ServiceLookup(null, new Refusal(RefusalReason.ClusterTokenRequired, "This cluster takes the caller's own token: send it in Authorization"));
        }

        var credential = await credentials.GetAsync(plan, @namespace, cancellationToken);
        if (credential.Credential is null)
        {
            return new ServiceLookup(null, new Refusal(RefusalReason.CredentialUnavailable, $"Cluster '{clusterName}' request error: no credential could be obtained"));
        }

        var key = (plan.Key ?? default, @namespace, name, withEndpoints);
        return await _lookups.GetAsync(
            key, () => AskAsync(@namespace, name, withEndpoints, plan is CredentialPlan.Held ? null : credential.Credential), static lookup => LifetimeOf(lookup), cancellationToken);
    }

    private static TimeSpan LifetimeOf(ServiceLookup lookup) =>
        lookup.Refusal?.Reason is null or RefusalReason.ServiceNotFound or RefusalReason.NotAllowed or RefusalReason.IllegalToken ? _lookupFor : TimeSpan.Zero;

    private static ServiceLookup NotFound(string name) => new(null, new Refusal(RefusalReason.ServiceNotFound, $"services \"{name}\" not found"));

    private async Task<ServiceLookup> AskAsync(string @namespace, string name, bool withEndpoints, UpstreamCredential? credential)
    {
        var service = await api.GetAsync($"/api/v1/namespaces/{@namespace}/services/{name}", credential, ApiJson.Default.Service);
        if (service.Value is not { } found)
        {
            return service.Status is HttpStatusCode.NotFound ? NotFound(name) : new ServiceLookup(null, Explain(service, "get services", @namespace));
        }

        if (!withEndpoints)
        {
            return new ServiceLookup(new ServiceView(found, null), null);
        }

        var slices = await api.GetAsync(
            $"/apis/discovery.k8s.io/v1/namespaces/{@namespace}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D{name}", credential, ApiJson.Default.ApiListEndpointSlice);
        return slices.Value is { } list
            ? new ServiceLookup(new ServiceView(found, list.Items ?? []), null)
            : new ServiceLookup(null, Explain(slices, "list endpointslices.discovery.k8s.io", @namespace));
    }

    private Refusal Explain<T>(ApiResult<T> result, string action, string @namespace)
        where T : class => result switch
        {
            { Failure: { } failure } => new Refusal(failure, UpstreamFailure.Message(failure, $"Cluster '{clusterName}'")),
            { Status: HttpStatusCode.Unauthorized } => new Refusal(RefusalReason.IllegalToken, $"The cluster '{clusterName}' does not accept the token"),
            { Status: HttpStatusCode.Forbidden } => new Refusal(
                RefusalReason.NotAllowed,
                $"the cluster '{clusterName}' does not allow to {action} in the namespace \"{@namespace}\": grant it to the token's owner, or to the gateway's account"),
            _ => new Refusal(RefusalReason.Unreachable, $"Cluster '{clusterName}' request error: it gave no answer about the Service"),
        };
}

/// <summary>A Service, or why there is none.</summary>
/// <param name="View">The Service.</param>
/// <param name="Refusal">The refusal, when there is none.</param>
internal readonly record struct ServiceLookup(ServiceView? View, Refusal? Refusal);
