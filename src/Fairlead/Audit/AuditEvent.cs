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

    // Encoded here, once: what has to be escaped would be looked for each time that one is written.
    private static readonly JsonEncodedText _kind = JsonEncodedText.Encode("kind");
    private static readonly JsonEncodedText _eventKind = JsonEncodedText.Encode("Event");
    private static readonly JsonEncodedText _apiVersion = JsonEncodedText.Encode("apiVersion");
    private static readonly JsonEncodedText _auditVersion = JsonEncodedText.Encode("audit.k8s.io/v1");
    private static readonly JsonEncodedText _level = JsonEncodedText.Encode("level");
    private static readonly JsonEncodedText _metadataLevel = JsonEncodedText.Encode("Metadata");
    private static readonly JsonEncodedText _auditID = JsonEncodedText.Encode("auditID");
    private static readonly JsonEncodedText _stage = JsonEncodedText.Encode("stage");
    private static readonly JsonEncodedText _requestURI = JsonEncodedText.Encode("requestURI");
    private static readonly JsonEncodedText _verb = JsonEncodedText.Encode("verb");
    private static readonly JsonEncodedText _sourceIPs = JsonEncodedText.Encode("sourceIPs");
    private static readonly JsonEncodedText _userAgent = JsonEncodedText.Encode("userAgent");
    private static readonly JsonEncodedText _objectRef = JsonEncodedText.Encode("objectRef");
    private static readonly JsonEncodedText _resource = JsonEncodedText.Encode("resource");
    private static readonly JsonEncodedText _namespace = JsonEncodedText.Encode("namespace");
    private static readonly JsonEncodedText _name = JsonEncodedText.Encode("name");
    private static readonly JsonEncodedText _apiGroup = JsonEncodedText.Encode("apiGroup");
    private static readonly JsonEncodedText _subresource = JsonEncodedText.Encode("subresource");
    private static readonly JsonEncodedText _responseStatus = JsonEncodedText.Encode("responseStatus");
    private static readonly JsonEncodedText _code = JsonEncodedText.Encode("code");
    private static readonly JsonEncodedText _status = JsonEncodedText.Encode("status");
    private static readonly JsonEncodedText _failureStatus = JsonEncodedText.Encode("Failure");
    private static readonly JsonEncodedText _reason = JsonEncodedText.Encode("reason");
    private static readonly JsonEncodedText _message = JsonEncodedText.Encode("message");
    private static readonly JsonEncodedText _requestReceivedTimestamp = JsonEncodedText.Encode("requestReceivedTimestamp");
    private static readonly JsonEncodedText _stageTimestamp = JsonEncodedText.Encode("stageTimestamp");
    private static readonly JsonEncodedText _user = JsonEncodedText.Encode("user");
    private static readonly JsonEncodedText _username = JsonEncodedText.Encode("username");
    private static readonly JsonEncodedText _uid = JsonEncodedText.Encode("uid");
    private static readonly JsonEncodedText _impersonatedUser = JsonEncodedText.Encode("impersonatedUser");
    private static readonly JsonEncodedText _extra = JsonEncodedText.Encode("extra");

    /// <summary>Writes <paramref name="record"/> as it is now.</summary>
    public static void Write(Utf8JsonWriter json, AuditRecord record, string stage, int status)
    {
        var (http, action, refusal) = (record.Http, record.Action, record.Refusal);
        var target = Redact(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        json.WriteStartObject();
        json.WriteString(_kind, _eventKind);
        json.WriteString(_apiVersion, _auditVersion);
        json.WriteString(_level, _metadataLevel);
        json.WriteString(_auditID, record.Id);
        json.WriteString(_stage, stage);
        json.WriteString(_requestURI, refusal is null ? target : Cut(target));
        json.WriteString(_verb, action?.Verb ?? http.Request.Method.ToLowerInvariant());
        WriteCaller(json, record.Caller);
        if (record.ImpersonatedUser is { } user)
        {
            WriteImpersonated(json, user);
        }

        json.WriteStartArray(_sourceIPs);
        if (http.Connection.RemoteIpAddress is { } address)
        {
            json.WriteStringValue(Addresses.Text(address));
        }

        json.WriteEndArray();
        if (http.Request.Headers.UserAgent is [{ Length: > 0 } agent])
        {
            json.WriteString(_userAgent, Cut(agent));
        }

        if (action is { IsResourceRequest: true })
        {
            json.WriteStartObject(_objectRef);
            json.WriteString(_resource, Cut(action.Resource));
            json.WriteString(_namespace, Cut(action.Namespace));
            json.WriteString(_name, Cut(action.Name));
            json.WriteString(_apiGroup, Cut(action.ApiGroup));
            json.WriteString(_apiVersion, Cut(action.ApiVersion));
            json.WriteString(_subresource, Cut(action.Subresource));
            json.WriteEndObject();
        }

        json.WriteStartObject(_responseStatus);
        json.WriteNumber(_code, status);
        if (refusal is not null)
        {
            json.WriteString(_status, _failureStatus);
            json.WriteString(_reason, refusal.Reason.Form().StatusReason);
            json.WriteString(_message, Cut(refusal.Message));
        }

        json.WriteEndObject();
        WriteTime(json, _requestReceivedTimestamp, record.Received);
        WriteTime(json, _stageTimestamp, record.Now);
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
        json.WriteStartObject(_user);
        json.WriteString(_username, caller?.Name ?? "system:anonymous");
        if (caller is Caller.Portal { Uid: { } uid })
        {
            json.WriteString(_uid, uid);
        }

        if (caller is { IsKnown: true, Groups: var groups })
        {
            WriteTexts(json, "groups", groups);
        }

        json.WriteEndObject();
    }

    private static void WriteImpersonated(Utf8JsonWriter json, ImpersonatedUser user)
    {
        json.WriteStartObject(_impersonatedUser);
        json.WriteString(_username, user.Name);
        if (user.Uid is { } uid)
        {
            json.WriteString(_uid, uid);
        }

        WriteTexts(json, "groups", user.Groups);
        if (user.Extras.Count > 0)
        {
            json.WriteStartObject(_extra);
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

    private static void WriteTime(Utf8JsonWriter json, JsonEncodedText name, DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[32];
        time.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[TimeLength] = (byte)'Z';
        json.WriteString(name, text[..(TimeLength + 1)]);
    }

    private static string Cut(string text) => text.Length > LongestText ? text[..LongestText] : text;
}
