using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.Callers;
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
    string? UserAgent,
    AuditObject? ObjectRef,
    AuditStatus ResponseStatus,
    string RequestReceivedTimestamp,
    string StageTimestamp,
    IReadOnlyDictionary<string, string> Annotations)
{
    /// <summary>The stage of a stream that has begun.</summary>
    public const string Started = "ResponseStarted";

    /// <summary>The stage of a request that is over.</summary>
    public const string Complete = "ResponseComplete";

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    // As an API server bounds a user agent. Names of objects are shorter, and what was refused is not worth more: records that wait take memory, and fill files.
    private const int LongestText = 1024;

    /// <summary>Reads <paramref name="record"/> as it is now.</summary>
    public static AuditEvent From(AuditRecord record, string stage, int status)
    {
        var (http, action, refusal) = (record.Http, record.Action, record.Refusal);
        var target = Redact(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        return new AuditEvent(
            "Event",
            "audit.k8s.io/v1",
            "Metadata",
            record.Id,
            stage,
            refusal is null ? target : Cut(target),
            action?.Verb ?? http.Request.Method.ToLowerInvariant(),
            new AuditUser(record.Caller?.Name ?? "system:anonymous", (record.Caller as Caller.Portal)?.Uid, record.Caller is { IsKnown: true, Groups: var groups } ? groups : null, null),
            record.ImpersonatedUser is { } user ? AuditUser.Of(user) : null,
            http.Connection.RemoteIpAddress is { } address ? [Addresses.Text(address)] : [],
            http.Request.Headers.UserAgent is [{ Length: > 0 } agent] ? Cut(agent) : null,
            action is { IsResourceRequest: true }
                ? new AuditObject(Cut(action.Resource), Cut(action.Namespace), Cut(action.Name), Cut(action.ApiGroup), Cut(action.ApiVersion), Cut(action.Subresource))
                : null,
            new AuditStatus(status, refusal is null ? null : "Failure", refusal?.Reason.Form().StatusReason, refusal is null ? null : Cut(refusal.Message)),
            Time(record.Received),
            Time(record.Now),
            AuditAnnotations.Of(record, stage, status));
    }

    private static string Cut(string text) => text.Length > LongestText ? text[..LongestText] : text;

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

/// <summary>The answer; for a refusal of the gateway's own with its reason.</summary>
internal sealed record AuditStatus(int Code, string? Status, string? Reason, string? Message);

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

    /// <summary>The same for a writer that is used again and again.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
