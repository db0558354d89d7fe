using System.Text.Json;
using System.Text.Json.Serialization;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Sessions;

/// <summary>A session as it is stored. A class, since a record would print its tokens.</summary>
internal sealed class SessionDocument
{
    /// <summary>The schema that this version writes, and the only one that it reads.</summary>
    public const int CurrentSchema = 1;

    public required int Schema { get; init; }

    public required string Name { get; init; }

    public required string[] Groups { get; init; }

    public Dictionary<string, string[]>? Claims { get; init; }

    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required string Provider { get; init; }

    public string? Email { get; init; }

    public string? ProviderSession { get; init; }

    public string? IdToken { get; init; }

    public DateTimeOffset? IdTokenExpiresAt { get; init; }

    public string? AccessToken { get; init; }

    public DateTimeOffset? AccessTokenExpiresAt { get; init; }

    public string? RefreshToken { get; init; }

    public DateTimeOffset? RefreshTokenExpiresAt { get; init; }

    public DateTimeOffset? RefreshAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset LastUsedAt { get; init; }

    public required DateTimeOffset EndsAt { get; init; }

    public required long Version { get; init; }

    /// <summary>Writes a session as UTF-8.</summary>
    public static byte[] Write(BrowserSession session) => JsonSerializer.SerializeToUtf8Bytes(
        new SessionDocument
        {
            Schema = CurrentSchema,
            Name = session.Name,
            Groups = [.. session.Groups],
            Claims = session.Claims.Count == 0 ? null : session.Claims.ToDictionary(static claim => claim.Key, static claim => claim.Value.ToArray(), StringComparer.Ordinal),
            Issuer = session.Issuer,
            Subject = session.Subject,
            Provider = session.Provider,
            Email = session.Email,
            ProviderSession = session.ProviderSession,
            IdToken = session.IdToken?.Reveal(),
            IdTokenExpiresAt = session.IdTokenExpiresAt,
            AccessToken = session.AccessToken?.Reveal(),
            AccessTokenExpiresAt = session.AccessTokenExpiresAt,
            RefreshToken = session.RefreshToken?.Reveal(),
            RefreshTokenExpiresAt = session.RefreshTokenExpiresAt,
            RefreshAt = session.RefreshAt,
            CreatedAt = session.CreatedAt,
            LastUsedAt = session.LastUsedAt,
            EndsAt = session.EndsAt,
            Version = session.Version,
        },
        SessionJson.Default.SessionDocument);

    /// <summary>Reads a session; null for what another schema wrote, and for what is none.</summary>
    public static BrowserSession? Read(ReadOnlySpan<byte> utf8)
    {
        SessionDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(utf8, SessionJson.Default.SessionDocument);
        }
        catch (JsonException)
        {
            return null;
        }

        return document?.Schema != CurrentSchema ? null : new BrowserSession
        {
            Name = document.Name,
            Groups = document.Groups,
            Claims = (document.Claims ?? []).ToDictionary(static claim => claim.Key, static claim => (IReadOnlyList<string>)claim.Value, StringComparer.Ordinal),
            Issuer = document.Issuer,
            Subject = document.Subject,
            Provider = document.Provider,
            Email = document.Email,
            ProviderSession = document.ProviderSession,
            IdToken = SecretOf(document.IdToken),
            IdTokenExpiresAt = document.IdTokenExpiresAt,
            AccessToken = SecretOf(document.AccessToken),
            AccessTokenExpiresAt = document.AccessTokenExpiresAt,
            RefreshToken = SecretOf(document.RefreshToken),
            RefreshTokenExpiresAt = document.RefreshTokenExpiresAt,
            RefreshAt = document.RefreshAt,
            CreatedAt = document.CreatedAt,
            LastUsedAt = document.LastUsedAt,
            EndsAt = document.EndsAt,
            Version = document.Version,
        };
    }

    private static Secret? SecretOf(string? value) => string.IsNullOrEmpty(value) ? null : new Secret(value);
}

/// <summary>The source-generated serialiser of stored sessions.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SessionDocument))]
internal sealed partial class SessionJson : JsonSerializerContext;
