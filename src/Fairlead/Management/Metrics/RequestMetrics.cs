using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Forwarding;

namespace Fairlead.Management.Metrics;

/// <summary>
/// What is measured of each request. Long-running ones are apart: how long somebody watches says nothing about how quick anything is. It allocates nothing.
/// </summary>
internal sealed class RequestMetrics
{
    /// <summary>The names of the histograms, which <see cref="TelemetrySetup"/> gives their buckets.</summary>
    public const string Duration = "fairlead.request.duration";

    /// <inheritdoc cref="Duration"/>
    public const string StreamDuration = "fairlead.stream.duration";

    /// <inheritdoc cref="Duration"/>
    public const string UpstreamDuration = "fairlead.upstream.response_headers.duration";

    private readonly ClusterSeries _clusters;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _streamDuration;
    private readonly Histogram<double> _upstreamDuration;
    private readonly UpDownCounter<long> _open;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _logins;

    /// <summary>Makes the instruments.</summary>
    public RequestMetrics(GatewayMeter gateway, ClusterSeries clusters, TimeProvider time)
    {
        (_clusters, _time) = (clusters, time);
        var meter = gateway.Meter;
        _duration = meter.CreateHistogram<double>(Duration, "s", "How long requests took that are no streams, refused ones included.");
        _streamDuration = meter.CreateHistogram<double>(StreamDuration, "s", "How long long-running requests lasted that have ended.");
        _upstreamDuration = meter.CreateHistogram<double>(UpstreamDuration, "s", "How long upstreams took to answer with the headers of a response.");
        _open = meter.CreateUpDownCounter<long>("fairlead.streams.open", "{stream}", "Long-running requests that are open.");
        _refusals = meter.CreateCounter<long>("fairlead.refusals", "{request}", "Requests that the gateway answered with an error of its own.");
        _decisions = meter.CreateCounter<long>("fairlead.access.decisions", "{decision}", "Decisions whether a caller may.");
        _logins = meter.CreateCounter<long>("fairlead.logins", "{login}", "Sign-ins that came back from an identity provider.");
    }

    /// <summary>The moment at which something begins.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>A request has ended.</summary>
    /// <param name="record">What happened to it.</param>
    /// <param name="status">The status that the client got; 0 for none.</param>
    /// <param name="began">When it came.</param>
    public void Ended(AuditRecord record, int status, long began)
    {
        var cluster = _clusters.Of(record.Cluster);
        if (record.Refusal is { } refusal)
        {
            _refusals.Add(1, new(MetricTags.Error, MetricTags.Of(refusal.Reason)), new(MetricTags.Cluster, cluster));
        }

        var seconds = _time.GetElapsedTime(began).TotalSeconds;
        var kind = record.Outcome is null ? null : StreamKind.Of(record.Action);
        var tags = new TagList
        {
            { MetricTags.Cluster, cluster },
            { MetricTags.StatusClass, MetricTags.StatusClassOf(status) },
            { MetricTags.Outcome, MetricTags.OutcomeOf(record) },
        };
        if (kind is not null)
        {
            tags.Add(MetricTags.Stream, kind);
            _streamDuration.Record(seconds, tags);
        }
        else
        {
            tags.Add(MetricTags.Door, MetricTags.Of(record.Door));
            tags.Add(MetricTags.Verb, MetricTags.VerbOf(record.Action));
            _duration.Record(seconds, tags);
        }
    }

    /// <summary>A request goes upstream; a stream counts as open until what this gives is disposed of.</summary>
    public OpenStream Open(KubernetesAction action, string cluster)
    {
        if (StreamKind.Of(action) is not { } kind)
        {
            return default;
        }

        var label = _clusters.Of(cluster);
        _open.Add(1, new(MetricTags.Stream, kind), new(MetricTags.Cluster, label));
        return new OpenStream(this, kind, label);
    }

    /// <summary>A request is sent upstream.</summary>
    public SentRequest Sent(StreamClass streamClass, string cluster) => new(this, streamClass, cluster, Now);

    /// <summary>Somebody has come back from an identity provider.</summary>
    /// <param name="refusal">Why they are not signed in; null when they are.</param>
    public void LoggedIn(Refusal? refusal) => _logins.Add(1, new KeyValuePair<string, object?>(MetricTags.Result, refusal is null ? "completed" : MetricTags.Of(refusal.Reason)));

    /// <summary>It was decided whether a caller may.</summary>
    public void Decided(in Authority authority)
    {
        var (decision, judge) = authority switch
        {
            { Refusal: null, Plan: { } plan, Cluster: { } cluster } => ("allow", Decision.IsJudgedByCluster(plan, cluster) ? Judge.Cluster : Judge.Rules),
            { Refusal: { Reason: RefusalReason.NotAllowed or RefusalReason.ImpersonationNotAllowed } denied } => ("deny", denied.Judge),
            { Refusal.Reason: RefusalReason.ClusterNotFound } => ("hidden", Judge.Rules),
            _ => (null, Judge.Rules),
        };
        if (decision is not null)
        {
            _decisions.Add(1, new("fairlead.decision", decision), new("fairlead.judge", MetricTags.Of(judge)));
        }
    }

    /// <summary>A stream that is open.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly struct OpenStream(RequestMetrics? metrics, string kind, string cluster) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => metrics?._open.Add(-1, new(MetricTags.Stream, kind), new(MetricTags.Cluster, cluster));
    }

    /// <summary>A request that was sent upstream.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly struct SentRequest(RequestMetrics? metrics, StreamClass streamClass, string cluster, long sent)
    {
        /// <summary>The headers of its answer are there.</summary>
        public void Answered() => metrics?._upstreamDuration.Record(
            metrics._time.GetElapsedTime(sent).TotalSeconds, new("fairlead.request.class", MetricTags.Of(streamClass)), new(MetricTags.Cluster, metrics._clusters.Of(cluster)));
    }
}
