using System.Globalization;
using System.Text;
using System.Text.Json;
using Fairlead.Callers;
using Fairlead.Credentials.Impersonation;
using Fairlead.Forwarding;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Audit;

/// <summary>A record in the shape of <c>audit.k8s.io/v1</c> <c>Event</c>. It never holds a token, a body or a query value.</summary>
internal static class AuditEvent
{
    /// <summary>The stage of a stream that has begun.</summary>
    public const string Started = "ResponseStarted";

    /// <summary>The stage of a request that is over.</summary>
    public const string Complete = "ResponseComplete";

    // As an API server bounds a user agent. Names of objects are shorter, and what was refused is not worth more: records that wait take memory, and fill files.
    private const int LongestText = 1024;

    // 2026-01-02T03:04:05.678901, without the seventh digit and the Z of .NET's round-trip format.
    private const int TimeLength = 26;

    /// <summary>Writes <paramref name="record"/> as it is now.</summary>
    public static void Write(Utf8JsonWriter json, AuditRecord record, string stage, int status)
    {
        var (http, action, refusal) = (record.Http, record.Action, record.Refusal);
        var target = Redact(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        json.WriteStartObject();
        json.WriteString("kind"u8, "Event"u8);
        json.WriteString("apiVersion"u8, "audit.k8s.io/v1"u8);
        json.WriteString("level"u8, "Metadata"u8);
        json.WriteString("auditID"u8, record.Id);
        json.WriteString("stage"u8, stage);
        json.WriteString("requestURI"u8, refusal is null ? target : Cut(target));
        json.WriteString("verb"u8, action?.Verb ?? http.Request.Method.ToLowerInvariant());
        WriteCaller(json, record.Caller);
        if (record.ImpersonatedUser is { } user)
        {
            WriteImpersonated(json, user);
        }

        json.WriteStartArray("sourceIPs"u8);
        if (http.Connection.RemoteIpAddress is { } address)
        {
            json.WriteStringValue(Addresses.Text(address));
        }

        json.WriteEndArray();
        if (http.Request.Headers.UserAgent is [{ Length: > 0 } agent])
        {
            json.WriteString("userAgent"u8, Cut(agent));
        }

        if (action is { IsResourceRequest: true })
        {
            json.WriteStartObject("objectRef"u8);
            json.WriteString("resource"u8, Cut(action.Resource));
            json.WriteString("namespace"u8, Cut(action.Namespace));
            json.WriteString("name"u8, Cut(action.Name));
            json.WriteString("apiGroup"u8, Cut(action.ApiGroup));
            json.WriteString("apiVersion"u8, Cut(action.ApiVersion));
            json.WriteString("subresource"u8, Cut(action.Subresource));
            json.WriteEndObject();
        }

        json.WriteStartObject("responseStatus"u8);
        json.WriteNumber("code"u8, status);
        if (refusal is not null)
        {
            json.WriteString("status"u8, "Failure"u8);
            json.WriteString("reason"u8, refusal.Reason.Form().StatusReason);
            json.WriteString("message"u8, Cut(refusal.Message));
        }

        json.WriteEndObject();
        WriteTime(json, "requestReceivedTimestamp"u8, record.Received);
        WriteTime(json, "stageTimestamp"u8, record.Now);
        AuditAnnotations.Write(json, record, stage, status);
        json.WriteEndObject();
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

    private static void WriteCaller(Utf8JsonWriter json, Caller? caller)
    {
        json.WriteStartObject("user"u8);
        json.WriteString("username"u8, caller?.Name ?? "system:anonymous");
        if (caller is Caller.Portal { Uid: { } uid })
        {
            json.WriteString("uid"u8, uid);
        }

        if (caller is { IsKnown: true, Groups: var groups })
        {
            WriteTexts(json, "groups", groups);
        }

        json.WriteEndObject();
    }

    private static void WriteImpersonated(Utf8JsonWriter json, ImpersonatedUser user)
    {
        json.WriteStartObject("impersonatedUser"u8);
        json.WriteString("username"u8, user.Name);
        if (user.Uid is { } uid)
        {
            json.WriteString("uid"u8, uid);
        }

        WriteTexts(json, "groups", user.Groups);
        if (user.Extras.Count > 0)
        {
            json.WriteStartObject("extra"u8);
            foreach (var (key, values) in user.Extras)
            {
                WriteTexts(json, key, values);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        // By index: an enumerator of the interface would be allocated.
        for (var i = 0; i < texts.Count; i++)
        {
            json.WriteStringValue(texts[i]);
        }

        json.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[32];
        time.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[TimeLength] = (byte)'Z';
        json.WriteString(name, text[..(TimeLength + 1)]);
    }

    private static string Cut(string text) => text.Length > LongestText ? text[..LongestText] : text;
}
