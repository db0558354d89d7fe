using System.Runtime.InteropServices;
using System.Text.Json;
using Fairlead.Callers.Tokens;

namespace Fairlead.Sessions.Oidc;

/// <summary>An answer of a token endpoint (RFC 6749 5; OpenID Connect Core 3.1.3.3).</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct TokenResponse
{
    /// <summary><c>access_token</c>.</summary>
    public string? AccessToken { get; private init; }

    /// <summary><c>id_token</c>.</summary>
    public string? IdToken { get; private init; }

    /// <summary><c>refresh_token</c>.</summary>
    public string? RefreshToken { get; private init; }

    /// <summary><c>expires_in</c>, in seconds.</summary>
    public double? ExpiresIn { get; private init; }

    /// <summary><c>error</c>.</summary>
    public string? Error { get; private init; }

    /// <summary>Reads a body; null for what is no JSON object.</summary>
    public static TokenResponse? Read(byte[] body) =>
        ReadableJson.Object(body) is not { } root ? null : new TokenResponse
        {
            AccessToken = Token(root, "access_token"),
            IdToken = Token(root, "id_token"),
            RefreshToken = Token(root, "refresh_token"),
            ExpiresIn = Seconds(root),
            Error = Token(root, "error"),
        };

    /// <summary>What could stand in a header: nothing else is a token.</summary>
    private static string? Token(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 } text && !text.AsSpan().ContainsAnyExceptInRange('!', '~') ? text : null;

    // Some providers write it as a text.
    private static double? Seconds(JsonElement root) =>
        !root.TryGetProperty("expires_in", out var value) ? null
        : value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) && number is > 0 and < 1e9 ? number
        : value.ValueKind is JsonValueKind.String && int.TryParse(value.GetString(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var text) && text > 0 ? text
        : null;
}
