using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Fairlead.Cli.Logins;

/// <summary>
/// The claims of an ID token that came from the token endpoint over TLS: its signature need not be checked then (OpenID Connect Core 1.0 3.1.3.7, 6), and the gateway
/// does.
/// </summary>
internal sealed record IdToken
{
    /// <summary><c>iss</c>.</summary>
    public string? Issuer { get; private init; }

    /// <summary><c>sub</c>.</summary>
    public string? Subject { get; private init; }

    /// <summary><c>aud</c>.</summary>
    public IReadOnlyList<string> Audiences { get; private init; } = [];

    /// <summary><c>nonce</c>.</summary>
    public string? Nonce { get; private init; }

    /// <summary><c>exp</c>.</summary>
    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary><c>iat</c>.</summary>
    public DateTimeOffset? IssuedAt { get; private init; }

    /// <summary>Reads a token; null for what is none.</summary>
    public static IdToken? Read(string text)
    {
        // What no header can carry is no token either.
        if (text.AsSpan().ContainsAnyExceptInRange('!', '~') || text.Split('.') is not [_, var payload, _])
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            var claims = document.RootElement;
            return claims.ValueKind is not JsonValueKind.Object ? null : new IdToken
            {
                Issuer = Text(claims, "iss"),
                Subject = Text(claims, "sub"),
                Nonce = Text(claims, "nonce"),
                Audiences = Texts(claims, "aud"),
                ExpiresAt = Time(claims, "exp"),
                IssuedAt = Time(claims, "iat"),
            };
        }
        catch (Exception exception) when (exception is JsonException or FormatException or DecoderFallbackException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement claims, string name) => claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static IReadOnlyList<string> Texts(JsonElement claims, string name) =>
        !claims.TryGetProperty(name, out var value) ? []
        : value.ValueKind is JsonValueKind.String ? [value.GetString()!]
        : value.ValueKind is JsonValueKind.Array ? [.. value.EnumerateArray().Where(static item => item.ValueKind is JsonValueKind.String).Select(static item => item.GetString()!)]
        : [];

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is > 0 and < 253_402_300_799
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;
}
