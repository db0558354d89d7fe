using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fairlead.Doors;

/// <summary>Backstage's error body (contract S19, F42).</summary>
internal sealed record BackstageErrorBody(BackstageErrorName Error, BackstageErrorRequest Request, BackstageErrorResponse Response);

/// <summary><c>error</c> of a Backstage error body.</summary>
internal sealed record BackstageErrorName(string Name, string Message);

/// <summary><c>request</c> of a Backstage error body.</summary>
internal sealed record BackstageErrorRequest(string Method, string Url);

/// <summary><c>response</c> of a Backstage error body.</summary>
internal sealed record BackstageErrorResponse(int StatusCode);

/// <summary>A <c>metav1.Status</c>, the error that Kubernetes clients print.</summary>
internal sealed record StatusBody(
    string Kind, string ApiVersion, StatusMetadata Metadata, string Status, string Message, string Reason, StatusDetails Details, int Code);

/// <summary><c>metadata</c> of a <c>metav1.Status</c>: always empty.</summary>
internal sealed record StatusMetadata;

/// <summary><c>details</c> of a <c>metav1.Status</c>.</summary>
internal sealed record StatusDetails(IReadOnlyList<StatusCause> Causes, int? RetryAfterSeconds);

/// <summary>Which layer refused, and its stable reason.</summary>
/// <param name="Field"><c>Fairlead/{layer}</c>: no API server writes such a field.</param>
/// <param name="Reason">The <see cref="RefusalReason"/>.</param>
internal sealed record StatusCause(string Field, string Reason);

/// <summary><c>GET /api/kubernetes/clusters</c> (contract S36), and <c>GET /clusters</c>.</summary>
internal sealed record ClusterList(IReadOnlyList<ClusterItem> Items);

/// <summary>A cluster as the stock front end reads it: never its URL, authority or token.</summary>
internal sealed record ClusterItem(string Name, string? Title, string? DashboardUrl, string AuthProvider, string? OidcTokenProvider);

/// <summary>Source-generated serialisers of the bodies that the gateway itself writes.</summary>
[JsonSerializable(typeof(BackstageErrorBody))]
[JsonSerializable(typeof(StatusBody))]
[JsonSerializable(typeof(ClusterList))]
internal sealed partial class DoorJson : JsonSerializerContext
{
    /// <summary>Quotes stay readable: the answers are JSON with <c>nosniff</c>, never HTML.</summary>
    public static DoorJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
