using System.Text.Json.Serialization;

namespace Fairlead.Kubernetes.ExecPlugins;

/// <summary>An <c>ExecCredential</c> as a plugin prints it.</summary>
internal sealed record ExecCredentialJson(string? ApiVersion, string? Kind, ExecCredentialStatusJson? Status);

/// <summary>The credential in an <c>ExecCredential</c>.</summary>
internal sealed class ExecCredentialStatusJson
{
    /// <summary>The bearer token.</summary>
    public string? Token { get; init; }

    /// <summary>The client certificate as PEM.</summary>
    public string? ClientCertificateData { get; init; }

    /// <summary>Its key as PEM.</summary>
    public string? ClientKeyData { get; init; }

    /// <summary>When they end, by RFC 3339.</summary>
    public string? ExpirationTimestamp { get; init; }
}

/// <summary>Source-generated reader of what plugins print.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExecCredentialJson))]
internal sealed partial class ExecJson : JsonSerializerContext;
