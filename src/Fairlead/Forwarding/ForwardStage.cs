using Fairlead.Access;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Doors;
using Fairlead.Kubernetes.Connections;
using Yarp.ReverseProxy.Forwarder;

namespace Fairlead.Forwarding;

/// <summary>Moves the bytes of an allowed request.</summary>
internal sealed partial class ForwardStage(IHttpForwarder forwarder, GatewayOptions options, TimeProvider time, ILogger<ForwardStage> logger)
{
    private readonly StreamClasses _classes = new(options.Timeouts);
    private int _upgrades;

    /// <summary>Forwards the request and copies the answer.</summary>
    /// <returns>What went wrong, with the refusal to answer with while nothing has been sent to the client.</returns>
    public async Task<ForwardResult> ForwardAsync(
        HttpContext http, InboundRequest request, DoorRoute.Proxy route, Cluster cluster, KubernetesAction action, UpstreamCredential credential)
    {
        var streamClass = request.Upgrade is not UpgradeKind.None ? StreamClass.Upgrade
            : action.IsLongRunning ? StreamClass.Stream
            : StreamClass.Short;
        if (streamClass is not StreamClass.Upgrade)
        {
            return await SendAsync(http, request, route, cluster, action, credential, streamClass);
        }

        // Counted here, before anything is sent: the server's own limit is met only after the cluster has begun to run the command.
        try
        {
            if (Interlocked.Increment(ref _upgrades) <= options.Limits.UpgradedConnections)
            {
                return await SendAsync(http, request, route, cluster, action, credential, streamClass);
            }

            http.Response.Headers.RetryAfter = "10";
            return new ForwardResult(
                ForwardOutcome.Failed,
                new Refusal(RefusalReason.TooManyUpgrades, $"As many connections are upgraded as limits.upgradedConnections allows ({options.Limits.UpgradedConnections}); try again later"));
        }
        finally
        {
            Interlocked.Decrement(ref _upgrades);
        }
    }

    private async Task<ForwardResult> SendAsync(
        HttpContext http, InboundRequest request, DoorRoute.Proxy route, Cluster cluster, KubernetesAction action, UpstreamCredential credential, StreamClass streamClass)
    {
        PooledHandler handler;
        try
        {
            handler = cluster.Upstream.Rent(credential.UsesClientCertificate);
        }
        catch (TlsMaterialException exception)
        {
            LogUnusable(cluster.Definition.QualifiedName, exception.Message);
            return new ForwardResult(
                ForwardOutcome.Failed,
                new Refusal(RefusalReason.ClusterUnusable, $"Cluster '{cluster.Definition.Name}' request error: its certificates cannot be used"));
        }

        catch (ObjectDisposedException)
        {
            // A reload changed the cluster or took it away after this request had found it. Not a 404: clients would believe that the object is gone.
            return new ForwardResult(
                ForwardOutcome.Failed, new Refusal(RefusalReason.ClusterUnusable, $"Cluster '{cluster.Definition.Name}' request error: its configuration has just changed, try again"));
        }

        try
        {
            var exchange = new Exchange(request, route, cluster, action, credential, streamClass);
            var hasBody = request.Upgrade is UpgradeKind.None && http.Request.Body != Stream.Null && HasBody(http);
            using var timer = _classes.HeaderLimit(streamClass) is { } limit ? new HeaderTimer(limit, time) : null;
            exchange.Timer = timer;
            if (timer is not null && hasBody)
            {
                http.Request.Body = timer.Watch(http.Request.Body);
            }

            var error = await forwarder.SendAsync(
                http, cluster.Upstream.Prefix, handler.Invoker, _classes.Config(streamClass), exchange, timer?.Token ?? CancellationToken.None);
            return exchange.IsRedirectedUpgrade ? Fail(cluster, RefusalReason.UpgradeRedirected, null)
                : error is ForwarderError.None ? ForwardResult.Done
                : Explain(http, cluster, exchange, error);
        }
        finally
        {
            handler.Return();
        }
    }

    private static bool HasBody(HttpContext http) =>
        http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;

    private ForwardResult Explain(HttpContext http, Cluster cluster, Exchange exchange, ForwarderError error)
    {
        var exception = http.GetForwarderErrorFeature()?.Exception;
        // The forwarder aborts the request itself when an upstream breaks off, so the error says more than the token.
        if (http.RequestAborted.IsCancellationRequested && error is not (ForwarderError.ResponseBodyDestination or ForwarderError.UpgradeResponseDestination))
        {
            LogClientGone(cluster.Definition.QualifiedName, error);
            return new ForwardResult(ForwardOutcome.ClientGone, null);
        }

        if (exchange.Answered || http.Response.HasStarted)
        {
            // The forwarder has cut the client's connection or stream: a truncated answer never looks whole (contract F39).
            LogCut(cluster.Definition.QualifiedName, error, UpstreamFailure.Detail(exception));
            return new ForwardResult(ForwardOutcome.Cut, null);
        }

        return Fail(cluster, UpstreamFailure.Classify(error, exception, exchange.Timer is { IsExpired: true }), exception);
    }

    private ForwardResult Fail(Cluster cluster, RefusalReason reason, Exception? exception)
    {
        LogFailed(cluster.Definition.QualifiedName, reason, UpstreamFailure.Detail(exception));
        return new ForwardResult(ForwardOutcome.Failed, new Refusal(reason, UpstreamFailure.Message(reason, cluster.Definition.Name)));
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
}

/// <summary>How forwarding ended.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Refusal">What to answer, where nothing has been sent yet.</param>
internal readonly record struct ForwardResult(ForwardOutcome Outcome, Refusal? Refusal)
{
    /// <summary>The whole answer was copied.</summary>
    public static ForwardResult Done => new(ForwardOutcome.Complete, null);
}
