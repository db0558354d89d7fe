using System.Globalization;
using Fairlead.Access;
using Fairlead.Doors;
using Fairlead.Forwarding;

namespace Fairlead.Audit;

/// <summary>What an event of Kubernetes has no field for, as <c>fairlead.dev/...</c> (docs/audit.md).</summary>
internal static class AuditAnnotations
{
    // Longer than any name of a cluster: what somebody else has written is no reason for a long record.
    private const int LongestName = 253;

    /// <summary>The annotations of a record.</summary>
    public static IReadOnlyDictionary<string, string> Of(AuditRecord record, string stage, int status)
    {
        var annotations = new Dictionary<string, string>(16, StringComparer.Ordinal) { ["fairlead.dev/door"] = record.Door.ToString() };
        Add("login", record.Login?.ToString());
        if (record.Cluster is { } cluster)
        {
            Add("cluster", cluster);
        }
        else
        {
            Add("requested-cluster", Short(record.RequestedCluster));
        }

        AddDecision(record, status, Add);
        Add("credential", record.Credential?.GetType().Name);
        if (record.Service is { } service)
        {
            Add("service", service.Name);
            Add("transport", service.Transport);
        }

        Add("cluster-audit-id", record.ClusterAuditId);
        Add("upgrade", record.Upgrade is UpgradeKind.None ? null : record.Upgrade.ToString());
        Add("recording", record.Recording);
        Add("not-recorded", record.NotRecorded);
        if (stage is AuditEvent.Complete)
        {
            Add("outcome", record.Refusal is { } refusal ? $"Refused/{refusal.Reason}" : (record.Outcome ?? ForwardOutcome.Complete).ToString());
            Add("ended-by", record.EndedBy is { } end ? $"{end.Reason}: {end.Message}" : null);
            Add("request-bytes", record.Bytes.In.ToString(CultureInfo.InvariantCulture));
            Add("response-bytes", record.Bytes.Out.ToString(CultureInfo.InvariantCulture));
            Add("duration-seconds", record.Duration.TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture));
        }

        return annotations;

        void Add(string name, string? value)
        {
            if (value is { Length: > 0 })
            {
                annotations["fairlead.dev/" + name] = value;
            }
        }
    }

    private static void AddDecision(AuditRecord record, int status, Action<string, string?> add)
    {
        var layer = record.Refusal?.Reason.Form().Layer;
        // What an upstream could not do had been allowed before.
        var isDenied = layer is not (null or "upstream");
        var judgement = isDenied && layer is not "decision" ? null : record.Judgement;
        if (judgement is null && !isDenied)
        {
            // A route of the gateway's own: there is nothing to decide but who somebody is.
            return;
        }

        // Where the cluster is the judge, its answer is the decision.
        isDenied |= judgement is { Judge: Judge.Cluster } && status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden;
        add("decision", isDenied ? "deny" : "allow");
        add("decided-by", judgement?.ToString() ?? layer);
    }

    private static string? Short(string? name) => name is { Length: > LongestName } ? name[..LongestName] : name;
}
