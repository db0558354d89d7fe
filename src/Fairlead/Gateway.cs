using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Fairlead.Services;

namespace Fairlead;

/// <summary>
/// The one way of a request, and the one place that lists its stages. Each stage takes what earlier ones gave and gives a value
/// or a refusal; stages never call each other.
/// </summary>
internal sealed partial class Gateway(
    GatewayState state, Router router, CallerStage callers, ForwardStage forward, ServiceCredentials services, OwnRoutes ownRoutes, AuditTrail audit, ILogger<Gateway> logger)
{
    /// <summary>Handles a request of the public listeners.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        // :: 1 Target      raw target and headers -> InboundRequest, KubernetesAction    Doors, Access
        // :: 2 Caller      who                                                           Callers
        // :: 3 Cluster     where to                                                      Clusters
        // :: 4 Plan        on whose credential                                           Credentials
        // :: 5 Decision    may they                                                      Access
        // :: 6 Service     which one, which port, which way (service door)               Services
        // :: 7 Audit       a place for the record, before anything is sent               Audit
        // :: 8 Credential  the secret itself                                             Credentials
        // :: 9 Forward     bytes                                                         Forwarding
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
        var request = RequestCapture.Read(http, router, snapshot.Options, out var refusal, out var door);
        record.Door = door;
        if (door is Door.Service && !snapshot.Options.ServiceProxy.Enabled)
        {
            return new Refusal(RefusalReason.ServiceProxyOff, "The service door is switched off; serviceProxy.enabled or --enable-helm switches it on");
        }

        if (request is null)
        {
            return refusal;
        }

        if (request.Route is not DoorRoute.Forwarded route)
        {
            return await ownRoutes.AnswerAsync(http, request, snapshot, record);
        }

        var action = route is DoorRoute.Service named
            ? ServiceStage.ActionOf(request, named.Target)
            : KubernetesActionParser.Parse(request.Target, route.PrefixLength, request.Method, request.Upgrade is not UpgradeKind.None, out refusal);
        record.Action = action;
        if (action is null)
        {
            return refusal;
        }

        var question = new AuthorityQuestion(request, route, action);
        var authority = await AuthorizeAsync(question, snapshot, earlier: null, http.RequestAborted);
        record.Caller = authority.Identified?.Caller;
        record.Cluster = authority.Cluster?.Definition.QualifiedName;
        if (authority.Refusal is not null)
        {
            return authority.Identified is null && ServiceOrigin.SendToLogin(http, request, snapshot, authority.Refusal) ? null : authority.Refusal;
        }

        var (caller, cluster, plan) = (authority.Identified!.Caller, authority.Cluster!, authority.Plan!);

        // :: 6 Service
        ServiceDestination? service = null;
        if (route is DoorRoute.Service toService)
        {
            (service, refusal) = await ServiceStage.ResolveAsync(
                toService.Target, cluster, plan, snapshot.Options.ServiceProxy, http.RequestAborted);
            if (service is null)
            {
                return refusal;
            }

            record.Service = service;
        }

        // :: 7 Audit
        if (!record.TryReserve())
        {
            return new Refusal(RefusalReason.AuditUnavailable, "The audit trail cannot take the record of this request; try again later");
        }

        // :: 8 Credential
        var forService = service is null ? default : await services.GetAsync(service, caller, plan, snapshot.Catalog, http.RequestAborted);
        if (forService.Refusal is not null)
        {
            return forService.Refusal;
        }

        var credential = service is { IsDirect: true } ? new CredentialResult(forService.Authorization ?? UpstreamCredential.Nothing, null)
            : await cluster.Planned.GetAsync(plan, http.RequestAborted);
        if (credential.Credential is not { } upstreamCredential)
        {
            LogNoCredential(cluster.Definition.QualifiedName, credential.Problem);
            return new Refusal(
                RefusalReason.CredentialUnavailable, $"Cluster '{cluster.Definition.Name}' request error: no credential could be obtained");
        }

        record.Credential = upstreamCredential;

        // :: 9 Forward
        var upstream = new UpstreamRequest
        {
            Inbound = request, Route = route, Cluster = cluster, Action = action, Credential = upstreamCredential, Service = service, ServiceHeader = forService.Header,
        };
        var result = await forward.ForwardAsync(http, upstream);
        if (result.Next is { } next)
        {
            (service, refusal) = await ServiceStage.SecureAsync(service!, next, snapshot.Options.ServiceProxy, http.RequestAborted);
            if (refusal is not null)
            {
                return refusal;
            }

            record.Service = service;
            result = await forward.ForwardAsync(http, upstream with { Service = service, MayFollow = false });
        }

        record.Ended(result.Outcome);
        return result.Refusal;
    }
    /// <summary>Who, where to, on whose credential, and may they: asked when a request comes, and again as long as a stream lives.</summary>
    /// <param name="question">What is asked for.</param>
    /// <param name="snapshot">What is in force.</param>
    /// <param name="earlier">Who it was when the stream began; null for a new request.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async ValueTask<Authority> AuthorizeAsync(AuthorityQuestion question, GatewaySnapshot snapshot, Identified? earlier, CancellationToken cancellationToken)
    {
        var (request, route, action) = question;

        // :: 2 Caller
        var (identified, refusal) = earlier is null
            ? await callers.IdentifyAsync(request, snapshot, cancellationToken)
            : await callers.IdentifyAgainAsync(earlier, request, snapshot, cancellationToken);
        if (identified is null)
        {
            return new Authority(null, null, null, refusal);
        }

        // :: 3 Cluster
        var name = ClusterStage.NameIn(request, route, identified, snapshot, out refusal);
        if (refusal is not null || ClusterStage.Choose(name, route.Door, identified, snapshot.Catalog, snapshot.Policy, out refusal) is not { } cluster)
        {
            return new Authority(identified, null, null, refusal);
        }

        // :: 4 Plan
        if (CredentialPlan.For(request, identified, cluster, snapshot, out refusal) is not { } plan)
        {
            return new Authority(identified, cluster, null, refusal);
        }

        if (plan is CredentialPlan.Own own && TokenOwners.IsAsked(route.Door, identified, cluster, plan, action, snapshot))
        {
            (var owner, refusal) = await cluster.TokenOwners.IdentifyAsync(identified, own.Authorization, request.RemoteAddress, cancellationToken);
            if (owner is null)
            {
                return new Authority(identified, cluster, plan, refusal);
            }

            identified = owner;
        }

        // :: 5 Decision
        refusal = Decision.Refuse(request, route, identified.Caller, cluster, action, plan, snapshot.Policy);
        if (refusal is null && ReviewRules.Asks(question, cluster, plan, snapshot.Options.ServiceProxy, isRepeated: earlier is not null) is { } reviewed)
        {
            refusal = await cluster.Reviews.RefuseAsync(plan, reviewed, isRepeated: earlier is not null, cancellationToken);
        }

        return new Authority(identified, cluster, plan, refusal);
    }
}
