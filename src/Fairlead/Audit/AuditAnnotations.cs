using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
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

    // As in AuditEvent.
    private static readonly JsonEncodedText _annotations = JsonEncodedText.Encode("annotations");
    private static readonly JsonEncodedText _door = JsonEncodedText.Encode("fairlead.dev/door");
    private static readonly JsonEncodedText _login = JsonEncodedText.Encode("fairlead.dev/login");
    private static readonly JsonEncodedText _cluster = JsonEncodedText.Encode("fairlead.dev/cluster");
    private static readonly JsonEncodedText _requestedCluster = JsonEncodedText.Encode("fairlead.dev/requested-cluster");
    private static readonly JsonEncodedText _credential = JsonEncodedText.Encode("fairlead.dev/credential");
    private static readonly JsonEncodedText _service = JsonEncodedText.Encode("fairlead.dev/service");
    private static readonly JsonEncodedText _transport = JsonEncodedText.Encode("fairlead.dev/transport");
    private static readonly JsonEncodedText _clusterAuditId = JsonEncodedText.Encode("fairlead.dev/cluster-audit-id");
    private static readonly JsonEncodedText _upgrade = JsonEncodedText.Encode("fairlead.dev/upgrade");
    private static readonly JsonEncodedText _recording = JsonEncodedText.Encode("fairlead.dev/recording");
    private static readonly JsonEncodedText _notRecorded = JsonEncodedText.Encode("fairlead.dev/not-recorded");
    private static readonly JsonEncodedText _outcome = JsonEncodedText.Encode("fairlead.dev/outcome");
    private static readonly JsonEncodedText _endedBy = JsonEncodedText.Encode("fairlead.dev/ended-by");
    private static readonly JsonEncodedText _requestBytes = JsonEncodedText.Encode("fairlead.dev/request-bytes");
    private static readonly JsonEncodedText _responseBytes = JsonEncodedText.Encode("fairlead.dev/response-bytes");
    private static readonly JsonEncodedText _durationSeconds = JsonEncodedText.Encode("fairlead.dev/duration-seconds");
    private static readonly JsonEncodedText _decision = JsonEncodedText.Encode("fairlead.dev/decision");
    private static readonly JsonEncodedText _decidedBy = JsonEncodedText.Encode("fairlead.dev/decided-by");

    /// <summary>Writes the annotations of a record.</summary>
    public static void Write(Utf8JsonWriter json, AuditRecord record, string stage, int status)
    {
        json.WriteStartObject(_annotations);
        Add(json, _door, _doors[(int)record.Door]);
        Add(json, _login, record.Login is { } login ? _logins[(int)login] : null);
        if (record.Cluster is { } cluster)
        {
            Add(json, _cluster, cluster);
        }
        else
        {
            Add(json, _requestedCluster, Short(record.RequestedCluster));
        }

        AddDecision(json, record, status);
        Add(json, _credential, record.Credential?.GetType().Name);
        if (record.Service is { } service)
        {
            Add(json, _service, service.Name);
            Add(json, _transport, service.Transport);
        }

        Add(json, _clusterAuditId, record.ClusterAuditId);
        Add(json, _upgrade, record.Upgrade is UpgradeKind.None ? null : record.Upgrade.ToString());
        Add(json, _recording, record.Recording);
        Add(json, _notRecorded, record.NotRecorded);
        if (stage is AuditEvent.Complete)
        {
            Add(json, _outcome, record.Refusal is { } refusal ? $"Refused/{refusal.Reason}" : _outcomes[(int)(record.Outcome ?? ForwardOutcome.Complete)]);
            Add(json, _endedBy, record.EndedBy is { } end ? $"{end.Reason}: {end.Message}" : null);
            Add(json, _requestBytes, record.Bytes.In);
            Add(json, _responseBytes, record.Bytes.Out);
            AddDuration(json, record.Duration);
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
        Add(json, _decision, isDenied ? "deny" : "allow");
        Add(json, _decidedBy, judgement?.ToString() ?? layer);
    }

    private static void Add(Utf8JsonWriter json, JsonEncodedText name, string? value)
    {
        if (value is { Length: > 0 })
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>A number, which is a string like every annotation.</summary>
    private static void Add(Utf8JsonWriter json, JsonEncodedText name, long value)
    {
        Span<byte> text = stackalloc byte[32];
        Utf8Formatter.TryFormat(value, text, out var length);
        json.WriteString(name, text[..length]);
    }

    /// <summary>Seconds with six digits behind the point, made of whole numbers: a fraction with a format of its own costs several times as much.</summary>
    private static void AddDuration(Utf8JsonWriter json, TimeSpan duration)
    {
        Span<byte> text = stackalloc byte[32];
        var microseconds = (duration.Ticks + (TimeSpan.TicksPerMicrosecond / 2)) / TimeSpan.TicksPerMicrosecond;
        Utf8.TryWrite(text, CultureInfo.InvariantCulture, $"{microseconds / 1_000_000}.{microseconds % 1_000_000:D6}", out var length);
        json.WriteString(_durationSeconds, text[..length]);
    }

    private static string? Short(string? name) => name is { Length: > LongestName } ? name[..LongestName] : name;
}
