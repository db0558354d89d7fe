using Fairlead.Configuration;
using Fairlead.Doors;
using Fairlead.Draining;
using Fairlead.Forwarding.Live;
using Fairlead.Forwarding.Tunnels;
using Fairlead.Kubernetes.Connections;
using Fairlead.Management.Metrics;
using Fairlead.Management.Tracing;
using Yarp.ReverseProxy.Forwarder;

namespace Fairlead.Forwarding;

/// <summary>Moves the bytes of an allowed request.</summary>
internal sealed partial class ForwardStage(IHttpForwarder forwarder, LiveStreams streams, RequestMetrics metrics, GatewayTracing tracing, GatewayOptions options, TimeProvider time, ILogger<ForwardStage> logger)
{
    private readonly StreamClasses _classes = new(options.Timeouts);

    /// <summary>Forwards the request and copies the answer.</summary>
    /// <returns>What went wrong, with the refusal to answer with while nothing has been sent to the client.</returns>
    public async Task<ForwardResult> ForwardAsync(HttpContext http, UpstreamRequest request)
    {
        var streamClass = request.StreamClass;
        PooledHandler handler;
        try
        {
            handler = request.Rent();
        }
        catch (TlsMaterialException exception)
        {
            LogUnusable(request.QualifiedSubject, exception.Message);
            return new ForwardResult(
                ForwardOutcome.Failed,
                new Refusal(request.Service is null ? RefusalReason.ClusterUnusable : RefusalReason.ServiceUnusable, $"{request.Subject} request error: its certificates cannot be used"));
        }
        catch (ObjectDisposedException)
        {
            // A reload changed the cluster or took it away after this request had found it. Not a 404: clients would believe that the object is gone.
            return new ForwardResult(
                ForwardOutcome.Failed, new Refusal(RefusalReason.ClusterUnusable, $"{request.Subject} request error: its configuration has just changed, try again"));
        }

        var exchange = new Exchange(request) { Sent = metrics.Sent(streamClass, request.Cluster.QualifiedName), Span = tracing.Begin(request.Span, request) };
        string? failure = null;
        try
        {
            var hasBody = request.Inbound.Upgrade is UpgradeKind.None && http.Request.Body != Stream.Null && HasBody(http);
            var limit = request.Service?.HeadersTimeout ?? _classes.HeaderLimit(streamClass) ?? (hasBody ? options.Timeouts.ResponseHeaders : null);
            using var timer = limit is { } bound ? new HeaderTimer(bound, time) : null;
            exchange.Timer = timer;
            if (hasBody)
            {
                http.Request.Body = timer!.Watch(http.Request.Body, options.Timeouts.Idle);
            }

            var tunnel = streamClass is StreamClass.Upgrade ? TunnelFeature.Install(http, request.Inbound.Upgrade is UpgradeKind.WebSocket, request.Record?.Bytes, request.Recording, time) : null;
            using var stream = streamClass is StreamClass.Short ? null : streams.Begin(request.Question, request.Authority, timer!, tunnel);
            if (stream is not null)
            {
                request.Recording?.EndWith(stream.End);
            }

            var error = await forwarder.SendAsync(
                http, request.Prefix, handler.Invoker, _classes.Config(streamClass), exchange, timer?.Token ?? CancellationToken.None);
            if (stream is not null)
            {
                await stream.FinishAsync();
                if (stream.EndedBy is { } refusal)
                {
                    return EndedBy(http, refusal, stream.WasTold);
                }
            }

            var result = exchange.RefusedUpgrade is { } reason ? Fail(request, reason, null)
                : exchange.IsCredentialRefused ? ForwardResult.Refused
                : exchange.FollowsTo is { } next ? ForwardResult.Follow(next)
                : error is ForwarderError.None ? Finish(http, tunnel)
                : Explain(http, request, exchange, error);
            failure = result.Refusal is { } refused ? MetricTags.Of(refused.Reason) : result.Outcome is ForwardOutcome.Cut ? MetricTags.Of(ForwardOutcome.Cut) : null;
            return result;
        }
        finally
        {
            GatewayTracing.End(exchange.Span, exchange.Status, failure);
            handler.Return();
        }
    }

    /// <summary>All that the upstream sent was copied. A WebSocket that ends without a Close frame has broken off all the same (row T97).</summary>
    private static ForwardResult Finish(HttpContext http, TunnelFeature? tunnel) =>
        tunnel?.Tunnel is not { LacksClose: true } ? ForwardResult.Done
        : new ForwardResult(http.RequestAborted.IsCancellationRequested ? ForwardOutcome.ClientGone : ForwardOutcome.Cut, null);

    /// <summary>The stream has lost its authority, or the gateway stops. What has begun never looks whole; what has not is refused.</summary>
    private static ForwardResult EndedBy(HttpContext http, Refusal refusal, bool wasTold)
    {
        var outcome = refusal.Reason is RefusalReason.Stopping ? ForwardOutcome.Stopped : ForwardOutcome.Revoked;
        // The upstream may have done already what was asked for, and clients repeat what gets a 503, whatever it is: then only the end of the connection says nothing false.
        if (!http.Response.HasStarted && (IsSafe(http.Request.Method) || refusal.Reason.Form().Status < StatusCodes.Status500InternalServerError))
        {
            return new ForwardResult(outcome, refusal) { EndedBy = refusal };
        }

        if (!wasTold)
        {
            http.Abort();
        }

        return new ForwardResult(outcome, null) { EndedBy = refusal };
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool HasBody(HttpContext http) =>
        http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;

    private ForwardResult Explain(HttpContext http, UpstreamRequest request, Exchange exchange, ForwarderError error)
    {
        var exception = http.GetForwarderErrorFeature()?.Exception;
        // The forwarder aborts the request itself when an upstream breaks off in a body, so the error says more than the token. It aborts no upgraded one: there a client that has
        // gone ends the read from the upstream, which fails then; or its own end fails first, before the server has said so.
        if (error is ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient
            || (http.RequestAborted.IsCancellationRequested && error is not ForwarderError.ResponseBodyDestination))
        {
            LogClientGone(request.QualifiedSubject, error);
            return new ForwardResult(http.Features.Get<ClientConnection>() is { IsCut: true } ? ForwardOutcome.Stopped : ForwardOutcome.ClientGone, null);
        }

        if (http.Response.HasStarted)
        {
            // The forwarder has cut the client's connection or stream: a truncated answer never looks whole (contract F39).
            LogCut(request.QualifiedSubject, error, UpstreamFailure.Detail(exception));
            return new ForwardResult(ForwardOutcome.Cut, null);
        }

        return Fail(request, UpstreamFailure.Classify(error, exception, exchange.Timer is { IsExpired: true }, exchange.Timer is { IsBodySilent: true }), exception);
    }

    private ForwardResult Fail(UpstreamRequest request, RefusalReason reason, Exception? exception)
    {
        if (!request.IsDirect)
        {
            request.Cluster.Contact.Failed(reason);
        }

        LogFailed(request.QualifiedSubject, reason, UpstreamFailure.Detail(exception));
        return new ForwardResult(ForwardOutcome.Failed, new Refusal(reason, UpstreamFailure.Message(reason, request.Subject)));
    }
}

/// <summary>How forwarding ended.</summary>
internal enum ForwardOutcome
{
    /// <summary>The whole answer was copied.</summary>
    Complete,

    /// <summary>No answer came; the client gets a refusal.</summary>
    Failed,

    /// <summary>The answer or the tunnel broke in the middle.</summary>
    Cut,

    /// <summary>The client went away.</summary>
    ClientGone,

    /// <summary>The gateway has ended it: the caller has lost the right to it.</summary>
    Revoked,

    /// <summary>The gateway has ended it: it stops.</summary>
    Stopped,
}

/// <summary>How forwarding ended.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Refusal">What to answer, where nothing has been sent yet.</param>
/// <param name="Next">Where to go on instead of answering; null for nowhere.</param>
/// <param name="IsCredentialRefused">Whether to go on with another credential instead of answering.</param>
internal readonly record struct ForwardResult(ForwardOutcome Outcome, Refusal? Refusal, (int Port, string PathAndQuery)? Next = null, bool IsCredentialRefused = false)
{
    /// <summary>Why the gateway has ended the stream; null where it has not.</summary>
    public Refusal? EndedBy { get; init; }

    /// <summary>The cluster has refused the gateway's credential.</summary>
    public static ForwardResult Refused => new(ForwardOutcome.Complete, null, IsCredentialRefused: true);

    /// <summary>The upstream has sent the gateway on to another port of the same host.</summary>
    public static ForwardResult Follow((int Port, string PathAndQuery) next) => new(ForwardOutcome.Complete, null, next);

    /// <summary>The whole answer was copied.</summary>
    public static ForwardResult Done => new(ForwardOutcome.Complete, null);
}
