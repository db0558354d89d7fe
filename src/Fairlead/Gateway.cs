using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Doors;
using Fairlead.Forwarding;

namespace Fairlead;

/// <summary>
/// The one way of a request, and the one place that lists its stages. Each stage takes what earlier ones gave and gives a value
/// or a refusal; stages never call each other.
/// </summary>
internal sealed partial class Gateway(GatewayState state, Router router, ForwardStage forward, AuditTrail audit, ILogger<Gateway> logger)
{
    /// <summary>Handles a request of the public listeners.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        // :: 1 Target      raw target and headers -> InboundRequest, KubernetesAction    Doors, Access
        // :: 2 Caller      who                                                           Callers
        // :: 3 Cluster     where to                                                      Clusters
        // :: 4 Plan        on whose credential                                           Credentials
        // :: 5 Decision    may they                                                      Access
        // :: 6 Audit       a place for the record, before anything is sent               Audit
        // :: 7 Credential  the secret itself                                             Credentials
        // :: 8 Forward     bytes                                                         Forwarding
        var record = audit.Begin(http);
        try
        {
            var refusal = await RunAsync(http, record);
            if (refusal is not null)
            {
                LogRefused(refusal.Reason, record.Door, record.Cluster);
                record.Refused(refusal);
                await RefusalWriter.WriteAsync(http, record.Door, refusal, router.BackstageBase);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            record.Ended(ForwardOutcome.ClientGone);
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            LogFailed(exception);
            var refusal = new Refusal(RefusalReason.InternalError, "The gateway failed; its log says why");
            record.Refused(refusal);
            await RefusalWriter.WriteAsync(http, record.Door, refusal, router.BackstageBase);
        }
        finally
        {
            record.Close(http.Response.StatusCode);
        }
    }

    private async Task<Refusal?> RunAsync(HttpContext http, AuditRecord record)
    {
        var snapshot = state.Current;

        // :: 1 Target
        var request = RequestCapture.Read(http, router, snapshot.Options.Limits, out var refusal, out var door);
        record.Door = door;
        if (request is null)
        {
            return refusal;
        }

        if (request.Route is not DoorRoute.Proxy route)
        {
            return await OwnRoutes.AnswerAsync(http, request, snapshot, record);
        }

        var action = KubernetesActionParser.Parse(request.Target, route.PrefixLength, request.Method, request.Upgrade is not UpgradeKind.None, out refusal);
        record.Action = action;
        if (action is null)
        {
            return refusal;
        }

        // :: 2 Caller
        if (CallerStage.Identify(request, snapshot.Directory, out refusal) is not { } identified)
        {
            return refusal;
        }

        record.Caller = identified.Caller;

        // :: 3 Cluster
        var name = ClusterStage.NameIn(request, route, out refusal);
        if (refusal is not null || ClusterStage.Choose(name, route.Door, identified, snapshot.Catalog, snapshot.Policy, out refusal) is not { } cluster)
        {
            return refusal;
        }

        record.Cluster = cluster.Definition.QualifiedName;

        // :: 4 Plan
        if (CredentialPlan.For(request, identified, cluster, snapshot.Directory, out refusal) is not { } plan)
        {
            return refusal;
        }

        // :: 5 Decision
        refusal = Decision.Refuse(request, route, identified.Caller, cluster, action, plan, snapshot.Policy);
        if (refusal is not null)
        {
            return refusal;
        }

        // :: 6 Audit
        if (!record.TryReserve())
        {
            return new Refusal(RefusalReason.AuditUnavailable, "The audit trail cannot take the record of this request; try again later");
        }

        // :: 7 Credential
        var credential = plan is CredentialPlan.Own own
            ? new CredentialResult(new UpstreamCredential.PassThrough(own.Authorization), null)
            : await cluster.Credentials.GetAsync(http.RequestAborted);
        if (credential.Credential is not { } upstreamCredential)
        {
            LogNoCredential(cluster.Definition.QualifiedName, credential.Problem);
            return new Refusal(
                RefusalReason.CredentialUnavailable, $"Cluster '{cluster.Definition.Name}' request error: no credential could be obtained");
        }

        record.Credential = upstreamCredential;

        // :: 8 Forward
        var result = await forward.ForwardAsync(http, request, route, cluster, action, upstreamCredential);
        record.Ended(result.Outcome);
        return result.Refusal;
    }
}
