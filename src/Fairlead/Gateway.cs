using System.Diagnostics;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Doors;
using Fairlead.Draining;
using Fairlead.Forwarding;
using Fairlead.Limits;
using Fairlead.Management.Metrics;
using Fairlead.Management.Tracing;
using Fairlead.Recording;
using Fairlead.Services;

namespace Fairlead;

/// <summary>
/// The one way of a request, and the one place that lists its stages. Each stage takes what earlier ones gave and gives a value
/// or a refusal; stages never call each other.
/// </summary>
internal sealed partial class Gateway(
    GatewayState state, Router router, Authorizer authorizer, LimitStage limits, ForwardStage forward, ServiceCredentials services, OwnRoutes ownRoutes, AuditTrail audit, Recorder recorder, RequestMetrics metrics, GatewayTracing tracing, ILogger<Gateway> logger)
{
    /// <summary>Handles a request of the public listeners.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        // :: 1 Target      raw target and headers -> InboundRequest, KubernetesAction    Doors, Access
        // :: 2 Caller      who                                                           Callers     \
        // :: 3 Cluster     where to                                                      Clusters     } Access/Authorizer, and
        // :: 4 Plan        on whose credential                                           Credentials  } again while a stream lives
        // :: 5 Decision    may they                                                      Access      /
        // :: 6 Limits      not too fast, not too many                                    Limits
        // :: 7 Service     which one, which port, which way (service door)               Services
        // :: 8 Audit       a place for the record, before anything is sent               Audit
        // :: 9 Recording   a file for the session, before there is one                   Recording
        // :: 10 Credential the secret itself                                             Credentials
        // :: 11 Forward    bytes                                                         Forwarding
        var (record, began, span) = (audit.Begin(http), metrics.Now, tracing.Begin(http));
        try
        {
            // Apart, so that what the stages have at hand is not kept while bytes are on their way.
            var (upstream, refusal) = await PrepareAsync(http, record, span);
            if (upstream is not null)
            {
                using (upstream)
                using (metrics.Open(upstream.Action, upstream.Cluster.QualifiedName))
                {
                    var result = await forward.ForwardAsync(http, upstream);
                    if (result.IsCredentialRefused || result.Next is not null)
                    {
                        result = await ForwardAgainAsync(http, upstream, result);
                    }

                    record.Ended(result.Outcome, result.EndedBy);
                    refusal = result.Refusal;
                }
            }

            if (refusal is not null)
            {
                LogRefused(refusal.Reason, record.Door, record.Cluster);
                record.Refused(refusal);
                await RefusalWriter.WriteAsync(http, record.Door, refusal, router.BackstageBase);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            record.Ended(http.Features.Get<ClientConnection>() is { IsCut: true } ? ForwardOutcome.Stopped : ForwardOutcome.ClientGone);
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            LogFailed(exception);
            var refusal = new Refusal(RefusalReason.InternalError, "The gateway failed; its log says why");
            record.Refused(refusal);
            await RefusalWriter.WriteAsync(http, record.Door, refusal, router.BackstageBase);
        }
        catch (Exception)
        {
            // The server says so in its log, and cuts the answer.
            record.Ended(ForwardOutcome.Cut);
            throw;
        }
        finally
        {
            record.Close();
            var status = record.HasNoAnswer ? 0 : http.Response.StatusCode;
            metrics.Ended(record, status, began);
            GatewayTracing.End(span, record, status);
        }
    }

    /// <summary>Everything before a byte is sent upstream.</summary>
    /// <returns>What is to be sent; or nothing, with the refusal where the request has not been answered.</returns>
    private async ValueTask<(UpstreamRequest? Upstream, Refusal? Refusal)> PrepareAsync(HttpContext http, AuditRecord record, Activity? span)
    {
        var snapshot = state.Current;

        // :: 1 Target
        var request = RequestCapture.Read(http, router, snapshot.Options, out var refusal, out var door);
        record.Door = door;
        if (door is Door.Service && !snapshot.Options.ServiceProxy.Enabled)
        {
            return (null, new Refusal(RefusalReason.ServiceProxyOff, "The service door is switched off; serviceProxy.enabled or --enable-helm switches it on"));
        }

        if (request is null)
        {
            return (null, refusal);
        }

        if (request.Route is not DoorRoute.Forwarded route)
        {
            return (null, await ownRoutes.AnswerAsync(http, request, snapshot, record));
        }

        var action = route is DoorRoute.Service named
            ? ServiceStage.ActionOf(request, named.Target)
            : KubernetesActionParser.Parse(request.Target, route.PrefixLength, request.Method, request.Upgrade is not UpgradeKind.None, out refusal);
        (record.Action, record.Upgrade) = (action, request.Upgrade);
        record.RequestedCluster = route.ClusterName ?? (request.ClusterHeader.Count == 1 ? request.ClusterHeader[0] : null);
        if (action is null)
        {
            return (null, refusal);
        }

        // :: 2 to 5 Authority, which streams are asked for again
        var question = new AuthorityQuestion(request, route, action);
        var authority = limits.RefuseWait(request.RemoteAddress) is { } tooMany ? new Authority(null, null, null, tooMany)
            : await limits.WaitAsync(authorizer.AskAsync(question, snapshot, http.RequestAborted), request.RemoteAddress);
        record.Decided(authority);
        metrics.Decided(authority);

        // :: 6 Limits
        if (limits.RefuseRate(authority, request.RemoteAddress) is { } tooFast)
        {
            await limits.PauseAsync(http.RequestAborted);
            return (null, tooFast);
        }

        if (authority.Refusal is not null)
        {
            return (null, authority.Identified is null && ServiceOrigin.SendToLogin(http, request, snapshot, authority.Refusal) ? null : authority.Refusal);
        }

        var streamClass = StreamClasses.Of(request, action);
        var key = PlaceKey.Of(authority, request.RemoteAddress, action);
        var places = limits.Enter(key, streamClass, out refusal);
        if (places is null)
        {
            return (null, refusal);
        }

        UpstreamRequest? upstream = null;
        SessionRecording? recording = null;
        try
        {
            var (caller, cluster, plan) = (authority.Identified!.Caller, authority.Cluster!, authority.Plan!);

            // :: 7 Service
            ServiceDestination? service = null;
            if (route is DoorRoute.Service toService)
            {
                (service, refusal) = await ServiceStage.ResolveAsync(toService.Target, cluster, plan, snapshot.Options.ServiceProxy, http.RequestAborted);
                if (service is null)
                {
                    return (null, refusal);
                }

                record.Service = service;
            }

            // :: 8 Audit
            if (!record.TryReserve())
            {
                return (null, new Refusal(RefusalReason.AuditUnavailable, "The audit trail cannot take the record of this request; try again later"));
            }

            // :: 9 Recording
            recording = recorder.Begin(snapshot.Recording, question, authority, record, out refusal);
            if (refusal is not null)
            {
                return (null, refusal);
            }

            // :: 10 Credential
            var forService = service is null ? default : await services.GetAsync(service, caller, plan, snapshot.Catalog, http.RequestAborted);
            if (forService.Refusal is not null)
            {
                return (null, forService.Refusal);
            }

            var credential = service is { IsDirect: true } ? new CredentialResult(forService.Authorization ?? UpstreamCredential.Nothing, null)
                : await cluster.Planned.GetAsync(plan, action.Namespace, http.RequestAborted);
            if (credential.Credential is not { } upstreamCredential)
            {
                return (null, RefuseWithout(credential, cluster));
            }

            record.Credential = upstreamCredential;
            upstream = new UpstreamRequest
            {
                Record = record, Places = places, Recording = recording, Cluster = cluster, Question = question, Authority = authority, StreamClass = streamClass, Credential = upstreamCredential, Service = service, ServiceHeader = forService.Header, Span = span,
                // What stands behind a proxy may have done its work before it answered 401.
                MayRenew = upstreamCredential is UpstreamCredential.Minted && service is null && !action.IsProxied && action.Verb is not "proxy",
            };
            return (upstream, null);
        }
        finally
        {
            if (upstream is null)
            {
                try
                {
                    recording?.Dispose();
                }
                finally
                {
                    places.Leave(key);
                }
            }
        }
    }

    // :: 11 Forward, once more: nothing has been answered yet.
    private async Task<ForwardResult> ForwardAgainAsync(HttpContext http, UpstreamRequest upstream, ForwardResult result)
    {
        if (result.IsCredentialRefused)
        {
            // Revoked before its time: with a new one, since nothing has been done.
            var credential = await upstream.Cluster.Planned.RenewAsync(upstream.Credential, http.RequestAborted);
            if (credential.Credential is not { } renewed)
            {
                return new ForwardResult(ForwardOutcome.Failed, RefuseWithout(credential, upstream.Cluster));
            }

            upstream.Record!.Credential = renewed;
            upstream = upstream with { Credential = renewed, MayRenew = false };
            result = await forward.ForwardAsync(http, upstream);
        }

        if (result.Next is { } next)
        {
            // By what is in force now, which may refuse an address that was allowed a moment ago.
            var (service, refusal) = await ServiceStage.SecureAsync(upstream.Service!, next, state.Current.Options.ServiceProxy, http.RequestAborted);
            if (refusal is not null)
            {
                return new ForwardResult(ForwardOutcome.Failed, refusal);
            }

            upstream.Record!.Service = service;
            result = await forward.ForwardAsync(http, upstream with { Service = service, MayFollow = false });
        }

        return result;
    }

    private Refusal RefuseWithout(CredentialResult credential, Cluster cluster)
    {
        LogNoCredential(cluster.Definition.QualifiedName, credential.Problem);
        return new Refusal(RefusalReason.CredentialUnavailable, $"Cluster '{cluster.Definition.Name}' request error: no credential could be obtained");
    }
}
