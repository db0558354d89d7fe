using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.Callers;
using Fairlead.Credentials;
using Fairlead.Credentials.Impersonation;
using Fairlead.Forwarding;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Audit;

/// <summary>A record in the shape of <c>audit.k8s.io/v1</c> <c>Event</c>. It never holds a token, a body or a query value.</summary>
internal sealed record AuditEvent(
    string Kind,
    string ApiVersion,
    string Level,
    string AuditID,
    string Stage,
    [property: JsonPropertyName("requestURI")] string RequestUri,
    string Verb,
    AuditUser User,
    AuditUser? ImpersonatedUser,
    [property: JsonPropertyName("sourceIPs")] IReadOnlyList<string> SourceIPs,
    AuditObject? ObjectRef,
    AuditStatus ResponseStatus,
    string RequestReceivedTimestamp,
    string StageTimestamp,
    IReadOnlyDictionary<string, string> Annotations)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Reads <paramref name="record"/> for good.</summary>
    public static AuditEvent From(AuditRecord record, HttpContext http, DateTimeOffset received, DateTimeOffset ended, int status)
    {
        var action = record.Action;
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["fairlead.dev/door"] = record.Door.ToString(),
            ["fairlead.dev/outcome"] = record.Refusal is { } refusal ? $"Refused/{refusal.Reason}" : record.Outcome?.ToString() ?? "Complete",
        };
        Add(annotations, "fairlead.dev/cluster", record.Cluster);
        Add(annotations, "fairlead.dev/service", record.Service?.Name);
        Add(annotations, "fairlead.dev/transport", record.Service?.Transport);
        Add(annotations, "fairlead.dev/credential", record.Credential?.GetType().Name);
        return new AuditEvent(
            "Event",
            "audit.k8s.io/v1",
            "Metadata",
            Guid.NewGuid().ToString(),
            "ResponseComplete",
            Redact(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget),
            action?.Verb ?? http.Request.Method.ToLowerInvariant(),
            new AuditUser(record.Caller?.Name ?? "system:anonymous", (record.Caller as Caller.Portal)?.Uid, record.Caller is { IsKnown: true, Groups: var groups } ? groups : null, null),
            record.Credential is UpstreamCredential.Impersonated { User: var user } ? AuditUser.Of(user) : null,
            http.Connection.RemoteIpAddress is { } address ? [Addresses.Text(address)] : [],
            action is { IsResourceRequest: true }
                ? new AuditObject(action.Resource, action.Namespace, action.Name, action.ApiGroup, action.ApiVersion, action.Subresource)
                : null,
            new AuditStatus(status, record.Refusal?.Message),
            Time(received),
            Time(ended),
            annotations);
    }

    /// <summary>Keeps the query's keys and drops its values: commands and tokens stand there.</summary>
    public static string Redact(string target)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        if (question < 0)
        {
            return target;
        }

        var redacted = new StringBuilder(target, 0, question + 1, target.Length);
        var query = target.AsSpan(question + 1);
        var first = true;
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            var equals = pair.IndexOf('=');
            redacted.Append(first ? "" : "&").Append(equals < 0 ? "" : pair[..equals]).Append(pair.IsEmpty ? "" : "=***");
            first = false;
        }

        return redacted.ToString();
    }

    private static void Add(Dictionary<string, string> annotations, string name, string? value)
    {
        if (value is not null)
        {
            annotations[name] = value;
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>The caller, or whom the cluster sees.</summary>
internal sealed record AuditUser(string Username, string? Uid, IReadOnlyList<string>? Groups, IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra)
{
    /// <summary>Somebody as a cluster sees them.</summary>
    public static AuditUser Of(ImpersonatedUser user) =>
        new(user.Name, user.Uid, user.Groups, user.Extras.Count == 0 ? null : user.Extras.ToDictionary(static extra => extra.Key, static extra => extra.Value, StringComparer.Ordinal));
}

/// <summary>The object that the request names.</summary>
internal sealed record AuditObject(string Resource, string Namespace, string Name, string ApiGroup, string ApiVersion, string Subresource);

/// <summary>The answer.</summary>
internal sealed record AuditStatus(int Code, string? Message);

/// <summary>The source-generated serialiser of audit records.</summary>
[JsonSerializable(typeof(AuditEvent))]
internal sealed partial class AuditJson : JsonSerializerContext
{
    /// <summary>One line a record: control characters are escaped, quotes stay readable.</summary>
    public static AuditJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
