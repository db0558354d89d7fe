using System.Diagnostics.Metrics;
using Fairlead.Audit;
using Fairlead.Configuration;
using Fairlead.Limits;
using Fairlead.Sessions;

namespace Fairlead.Management.Metrics;

/// <summary>What is known of this process when somebody asks: its limits, its audit trail, its store of sessions, its configuration.</summary>
internal sealed class ProcessMetrics
{
    private const string Limit = "fairlead.limit";
    private const string Scope = "fairlead.scope";
    private static readonly string[] _reloads = MetricTags.NamesOf<ReloadResult>();

    private readonly LimitStage _limits;
    private readonly ConnectionGate _connections;

    /// <summary>Makes the instruments.</summary>
    public ProcessMetrics(GatewayMeter gateway, LimitStage limits, ConnectionGate connections, AuditTrail audit, ISessionStore sessions, ReloadHistory reloads)
    {
        (_limits, _connections) = (limits, connections);
        var meter = gateway.Meter;
        meter.CreateObservableGauge("fairlead.limit.used", () => Limits(static use => use.Used), "{place}", "Places of a limit that are taken: in all, and by the one caller, cluster, Service or address that has most.");
        meter.CreateObservableGauge("fairlead.limit.places", () => Limits(static use => use.Most), "{place}", "Places that a limit has.");
        meter.CreateObservableCounter("fairlead.limit.refusals", Refusals, "{request}", "Requests and connections that were refused because of a limit.");
        meter.CreateObservableCounter("fairlead.config.reloads", () => Enum.GetValues<ReloadResult>().Select(result => Tagged(reloads[result], MetricTags.Result, _reloads[(int)result])), "{reload}", "Changes of the configuration.");
        meter.CreateObservableGauge("fairlead.config.last_reload.failed", () => reloads.Last is ReloadResult.Succeeded ? 0 : 1, "{reload}", "1 while the last change of the configuration is not in force.");
        meter.CreateObservableGauge("fairlead.config.last_success.time", () => reloads.InForceSince.ToUnixTimeSeconds(), "s", "When the configuration in force was put into force, as Unix time.");
        meter.CreateObservableGauge("fairlead.config.generation", () => reloads.Generation, "{configuration}", "Which configuration is in force; 1 is that of the start.");
        if (audit.IsOn)
        {
            meter.CreateObservableGauge("fairlead.audit.queue.length", () => audit.Waiting, "{record}", "Audit records that wait to be written.");
            meter.CreateObservableGauge("fairlead.audit.queue.capacity", static () => AuditTrail.Places, "{record}", "Audit records that may wait to be written.");
            meter.CreateObservableCounter("fairlead.audit.dropped", () => audit.Dropped, "{record}", "Audit records that were dropped: of requests that had changed nothing.");
            meter.CreateObservableGauge("fairlead.audit.failing", () => audit.IsFailing ? 1 : 0, "{sink}", "1 while audit records cannot be written.");
        }

        if (sessions is MeasuredSessionStore measured)
        {
            meter.CreateObservableCounter("fairlead.session_store.operations", () => Operations(measured), "{operation}", "What the store of sessions was asked, by what came of it.");
            if (measured.Count is not null)
            {
                meter.CreateObservableGauge("fairlead.sessions", () => measured.Count ?? 0, "{session}", "Browser sessions that this process keeps.");
            }
        }
    }

    private static Measurement<long> Tagged(long value, string name, string tag) => new(value, new KeyValuePair<string, object?>(name, tag));

    private static IEnumerable<Measurement<long>> Operations(MeasuredSessionStore store) =>
        MeasuredSessionStore.Results.Select(result => Tagged(store[result.Status], MetricTags.Result, result.Name));

    private IEnumerable<Measurement<long>> Limits(Func<LimitUse, long?> value)
    {
        foreach (var (section, uses) in All())
        {
            foreach (var use in uses)
            {
                if (use.Most is not null && value(use) is { } measured)
                {
                    yield return new Measurement<long>(measured, new(Limit, section), new(Scope, use.Scope));
                }
            }
        }
    }

    private IEnumerable<Measurement<long>> Refusals()
    {
        foreach (var (section, uses) in All())
        {
            foreach (var use in uses)
            {
                yield return new Measurement<long>(use.Refused, new(Limit, section), new(Scope, use.Scope));
            }
        }

        foreach (var scope in (string[])[RefusedCounts.PerCaller, RefusedCounts.PerAddress, RefusedCounts.PerCluster, RefusedCounts.All])
        {
            yield return new Measurement<long>(_limits.TooFastCounts[scope], new(Limit, "rate"), new(Scope, scope));
        }
    }

    private IEnumerable<(string Section, IReadOnlyList<LimitUse> Uses)> All() =>
        _limits.Open.Select(static open => (open.Section, open.Places.Use)).Append(("connections", _connections.Open));
}
