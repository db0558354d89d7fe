using System.Diagnostics;
using System.Globalization;
using Fairlead.Audit;
using Fairlead.Commands;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Fairlead.Management.Metrics;

namespace Fairlead.Management.Tracing;

/// <summary>
/// One span for a request and one for each time it is sent upstream (W3C Trace Context; OpenTelemetry's conventions for HTTP). None of them is ambient: what else the gateway asks,
/// an identity provider or a cloud, does not learn of it. Without a listener nothing is made at all.
/// </summary>
internal sealed class GatewayTracing : IDisposable
{
    /// <summary>The name of the source of spans.</summary>
    public const string Name = "Fairlead";

    // Of an object's name or a Service's in a path: as long as Kubernetes lets them be.
    private const int LongestName = 253;

    private readonly ActivitySource _source = new(Name, ProductVersion.Text);

    /// <summary>A request has come; null where nobody listens.</summary>
    public Activity? Begin(HttpContext http)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        var span = Start(MethodOf(http), ActivityKind.Server, TraceHeaders.Read(http.Request.Headers));
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("http.request.method", MethodOf(http));
            span.SetTag("url.scheme", http.Request.Scheme);
            span.SetTag("network.protocol.version", HttpProtocol.IsHttp2(http.Request.Protocol) ? "2" : HttpProtocol.IsHttp11(http.Request.Protocol) ? "1.1" : "1.0");
        }

        return span;
    }

    /// <summary>The request is over.</summary>
    /// <param name="span">Its span.</param>
    /// <param name="record">What happened to it.</param>
    /// <param name="status">The status that the client got; 0 for none.</param>
    public static void End(Activity? span, AuditRecord record, int status)
    {
        if (span is null)
        {
            return;
        }

        if (span.IsAllDataRequested)
        {
            Describe(span, record, status);
        }

        span.Dispose();
    }

    /// <summary>A request is sent upstream; null where nobody listens.</summary>
    /// <param name="server">The span of the request.</param>
    /// <param name="request">What is sent.</param>
    public Activity? Begin(Activity? server, UpstreamRequest request)
    {
        if (server is null)
        {
            return null;
        }

        var span = Start(request.Inbound.Method, ActivityKind.Client, server.Context);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("http.request.method", request.Inbound.Method);
            span.SetTag(MetricTags.Cluster, request.Cluster.QualifiedName);
            if (!request.IsDirect)
            {
                // Where a Service is, is the cluster's business; where an API server is, the operator has said.
                var url = request.Cluster.Definition.Connection.Server;
                span.SetTag("server.address", url.Host);
                span.SetTag("server.port", url.Port);
            }
        }

        return span;
    }

    /// <summary>The upstream is done.</summary>
    /// <param name="span">The span.</param>
    /// <param name="status">Its status; null for none.</param>
    /// <param name="failure">What went wrong; null for nothing.</param>
    public static void End(Activity? span, int? status, string? failure)
    {
        if (span is null)
        {
            return;
        }

        SetStatus(span, status, errorFrom: 400);
        if (failure is not null)
        {
            Fail(span, failure);
        }

        span.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    /// <summary>Begins a span that is not the current one of the thread.</summary>
    private Activity? Start(string name, ActivityKind kind, ActivityContext parent)
    {
        var before = Activity.Current;
        Activity.Current = null;
        var span = _source.StartActivity(name, kind, parent);
        Activity.Current = before;
        return span;
    }

    private static void Describe(Activity span, AuditRecord record, int status)
    {
        span.DisplayName = $"{span.DisplayName} {RouteOf(record.Door)}";
        span.SetTag("http.route", RouteOf(record.Door));
        span.SetTag(MetricTags.Door, MetricTags.Of(record.Door));
        span.SetTag(MetricTags.Outcome, MetricTags.OutcomeOf(record));
        SetText(span, MetricTags.Cluster, record.Cluster);
        // Only what names a resource: a path that names none can hold anything.
        if (record.Action is { IsResourceRequest: true } action)
        {
            SetText(span, "fairlead.k8s.verb", action.Verb);
            SetText(span, "fairlead.k8s.resource", action.QualifiedResource);
            SetText(span, "k8s.namespace.name", action.Namespace);
            SetText(span, "fairlead.k8s.name", action.Name);
        }

        SetStatus(span, status == 0 ? null : status, errorFrom: 500);
        if (record.Refusal is { } refusal)
        {
            span.SetTag("error.type", MetricTags.Of(refusal.Reason));
            if (status >= 500)
            {
                span.SetStatus(ActivityStatusCode.Error);
            }
        }
        else if (record.Outcome is ForwardOutcome.Cut)
        {
            Fail(span, MetricTags.Of(ForwardOutcome.Cut));
        }
    }

    private static void SetStatus(Activity span, int? status, int errorFrom)
    {
        if (status is { } code && span.IsAllDataRequested)
        {
            span.SetTag("http.response.status_code", code);
            if (code >= errorFrom)
            {
                Fail(span, code.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static void Fail(Activity span, string type)
    {
        span.SetTag("error.type", type);
        span.SetStatus(ActivityStatusCode.Error);
    }

    private static void SetText(Activity span, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            span.SetTag(name, text.Length > LongestName ? text[..LongestName] : text);
        }
    }

    private static string RouteOf(Door door) => door switch
    {
        Door.Cluster => "/clusters/{cluster}",
        Door.Service => "/serviceproxy/{namespace}/{service}",
        _ => "/api/kubernetes",
    };

    private static string MethodOf(HttpContext http) => http.Request.Method is
        "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS" or "CONNECT" or "TRACE" ? http.Request.Method : "_OTHER";
}
