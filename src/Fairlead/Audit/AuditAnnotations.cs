using System.Globalization;
using System.Text.Json;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Doors;
using Fairlead.Forwarding;

namespace Fairlead.Audit;

/// <summary>What an event of Kubernetes has no field for, as <c>fairlead.dev/...</c> (docs/audit.md).</summary>
internal static class AuditAnnotations
{
    // Longer than any name of a cluster: what somebody else has written is no reason for a long record.
    private const int LongestName = 253;

    // By value, since ToString makes an object of each.
    private static readonly string[] _doors = Enum.GetNames<Door>();
    private static readonly string[] _logins = Enum.GetNames<LoginKind>();
    private static readonly string[] _outcomes = Enum.GetNames<ForwardOutcome>();

    /// <summary>Writes the annotations of a record.</summary>
    public static void Write(Utf8JsonWriter json, AuditRecord record, string stage, int status)
    {
        json.WriteStartObject("annotations"u8);
        Add(json, "fairlead.dev/door"u8, _doors[(int)record.Door]);
        Add(json, "fairlead.dev/login"u8, record.Login is { } login ? _logins[(int)login] : null);
        if (record.Cluster is { } cluster)
        {
            Add(json, "fairlead.dev/cluster"u8, cluster);
        }
        else
        {
            Add(json, "fairlead.dev/requested-cluster"u8, Short(record.RequestedCluster));
        }

        AddDecision(json, record, status);
        Add(json, "fairlead.dev/credential"u8, record.Credential?.GetType().Name);
        if (record.Service is { } service)
        {
            Add(json, "fairlead.dev/service"u8, service.Name);
            Add(json, "fairlead.dev/transport"u8, service.Transport);
        }

        Add(json, "fairlead.dev/cluster-audit-id"u8, record.ClusterAuditId);
        Add(json, "fairlead.dev/upgrade"u8, record.Upgrade is UpgradeKind.None ? null : record.Upgrade.ToString());
        Add(json, "fairlead.dev/recording"u8, record.Recording);
        Add(json, "fairlead.dev/not-recorded"u8, record.NotRecorded);
        if (stage is AuditEvent.Complete)
        {
            Add(json, "fairlead.dev/outcome"u8, record.Refusal is { } refusal ? $"Refused/{refusal.Reason}" : _outcomes[(int)(record.Outcome ?? ForwardOutcome.Complete)]);
            Add(json, "fairlead.dev/ended-by"u8, record.EndedBy is { } end ? $"{end.Reason}: {end.Message}" : null);
            Add(json, "fairlead.dev/request-bytes"u8, record.Bytes.In);
            Add(json, "fairlead.dev/response-bytes"u8, record.Bytes.Out);
            Add(json, "fairlead.dev/duration-seconds"u8, record.Duration.TotalSeconds, "0.000000");
        }

        json.WriteEndObject();
    }

    private static void AddDecision(Utf8JsonWriter json, AuditRecord record, int status)
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
        Add(json, "fairlead.dev/decision"u8, isDenied ? "deny" : "allow");
        Add(json, "fairlead.dev/decided-by"u8, judgement?.ToString() ?? layer);
    }

    private static void Add(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is { Length: > 0 })
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>A number, which is a string like every annotation.</summary>
    private static void Add<T>(Utf8JsonWriter json, ReadOnlySpan<byte> name, T value, ReadOnlySpan<char> format = default)
        where T : struct, IUtf8SpanFormattable
    {
        Span<byte> text = stackalloc byte[32];
        value.TryFormat(text, out var length, format, CultureInfo.InvariantCulture);
        json.WriteString(name, text[..length]);
    }

    private static string? Short(string? name) => name is { Length: > LongestName } ? name[..LongestName] : name;
}
