using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Fairlead.Callers.Tokens;

/// <summary>What a token has to be besides signed.</summary>
/// <param name="Issuer"><c>iss</c>; null where the kind of token has none.</param>
/// <param name="Audiences">One of these has to be in <c>aud</c>; null where the kind of token has none.</param>
/// <param name="Algorithms">The algorithms that count.</param>
/// <param name="RequiresExpiry">Whether <c>exp</c> has to be there; where it is, it counts in any case.</param>
internal sealed record TokenRules(string? Issuer, IReadOnlyList<string>? Audiences, IReadOnlyList<string> Algorithms, bool RequiresExpiry = true);

/// <summary>What came of checking a token.</summary>
/// <param name="Claims">The payload; undefined with a problem.</param>
/// <param name="ExpiresAt">When it expires.</param>
/// <param name="Problem">What is wrong with it, for the caller.</param>
/// <param name="IsUnavailable">Whether the issuer's keys cannot be had, so that nothing is known about it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CheckedToken(JsonElement Claims, DateTimeOffset ExpiresAt, string? Problem, bool IsUnavailable)
{
    /// <summary>A token that is not acceptable.</summary>
    public static CheckedToken Refused(string problem) => new(default, default, problem, IsUnavailable: false);
}

/// <summary>A JWT, read once and believed only after <see cref="CheckAsync"/> (RFC 7519 7.2, RFC 8725).</summary>
internal sealed class SignedToken
{
    /// <summary>How far clocks may be apart.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    private const int LongestToken = 16 * 1024;
    private static readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = LongestToken };

    private readonly JsonWebToken _token;

    private SignedToken(JsonWebToken token) => _token = token;

    /// <summary><c>iss</c>, unverified: it selects who has to have signed.</summary>
    public string Issuer => _token.Issuer;

    /// <summary><c>alg</c> of the header, unverified.</summary>
    public string Algorithm => _token.Alg;

    /// <summary><c>typ</c> of the header, unverified; empty where there is none.</summary>
    public string Type => _token.Typ ?? "";

    /// <summary><c>sub</c>, unverified.</summary>
    public string Subject => _token.Subject ?? "";

    /// <summary>The JWT that a text is; null for a text that is none.</summary>
    public static SignedToken? Read(string text)
    {
        if (text.Length > LongestToken || text.AsSpan().Count('.') != 2)
        {
            return null;
        }

        try
        {
            return new SignedToken(new JsonWebToken(text));
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException or JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Verifies signature, issuer, audience and times.</summary>
    /// <param name="keys">The issuer's keys.</param>
    /// <param name="rules">What else it has to be.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait for keys.</param>
    public async ValueTask<CheckedToken> CheckAsync(IssuerKeys keys, TokenRules rules, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!rules.Algorithms.Contains(_token.Alg, StringComparer.Ordinal))
        {
            return CheckedToken.Refused("The token is signed with an algorithm that does not count here");
        }

        if (_token.TryGetHeaderValue<object>("crit", out _))
        {
            return CheckedToken.Refused("The token's header holds 'crit', which is not understood");
        }

        // Before the keys: an old token is no reason to ask anybody.
        if (CheckTimes(rules, time.GetUtcNow()) is { } problem)
        {
            return CheckedToken.Refused(problem);
        }

        if (await keys.GetAsync(cancellationToken) is not { } document)
        {
            return new CheckedToken(default, default, "The keys of the token's issuer cannot be had; try again later", IsUnavailable: true);
        }

        var candidates = Candidates(document);
        if (candidates.Count == 0)
        {
            candidates = Candidates(await keys.GetForUnknownKeyAsync(cancellationToken) ?? document);
        }

        if (candidates.Count == 0)
        {
            return CheckedToken.Refused("The token is signed with a key that its issuer does not publish");
        }

        var result = await _handler.ValidateTokenAsync(_token, new TokenValidationParameters
        {
            IssuerSigningKeys = candidates,
            TryAllIssuerSigningKeys = true,
            ValidAlgorithms = rules.Algorithms,
            RequireSignedTokens = true,
            ValidateIssuerSigningKey = false,
            ValidateIssuer = rules.Issuer is not null,
            ValidIssuer = rules.Issuer,
            ValidateAudience = rules.Audiences is not null,
            ValidAudiences = rules.Audiences,
            RequireAudience = rules.Audiences is not null,
            // Times are checked here, on the clock of the gateway.
            ValidateLifetime = false,
        });
        return !result.IsValid
            ? CheckedToken.Refused(result.Exception switch
            {
                SecurityTokenInvalidAudienceException => "The token is for another audience",
                SecurityTokenInvalidIssuerException => "The token is of another issuer",
                _ => "The token's signature is wrong",
            })
            : new CheckedToken(Payload(), _token.TryGetPayloadValue<long>("exp", out var exp) ? DateTimeOffset.FromUnixTimeSeconds(exp) : DateTimeOffset.MaxValue, null, IsUnavailable: false);
    }

    private string? CheckTimes(TokenRules rules, DateTimeOffset now)
    {
        var payload = Payload();
        if (payload.ValueKind is not JsonValueKind.Object)
        {
            return "The token's payload is no JSON object";
        }

        var expiry = Seconds(payload, "exp");
        return rules.RequiresExpiry && expiry is null ? "The token does not say when it expires (exp)"
            : expiry is { } end && end <= (now - ClockSkew).ToUnixTimeSeconds() ? "The token has expired"
            : payload.TryGetProperty("exp", out _) && expiry is null ? "The token's exp is no time"
            : IsAhead(payload, "nbf", now) ? "The token is not valid yet (nbf)"
            : IsAhead(payload, "iat", now) ? "The token was issued in the future (iat); is a clock wrong?"
            : null;
    }

    private static bool IsAhead(JsonElement payload, string name, DateTimeOffset now) =>
        payload.TryGetProperty(name, out _) && (Seconds(payload, name) is not { } at || at > (now + ClockSkew).ToUnixTimeSeconds());

    private static double? Seconds(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is > 0 and < 253402300800 ? seconds : null;

    /// <summary>The keys that may have signed it: the one that it names, or where it names none all that fit.</summary>
    private List<JsonWebKey> Candidates(IssuerDocument document) =>
        [.. document.Keys.Where(key => (string.IsNullOrEmpty(_token.Kid) || string.Equals(key.Kid, _token.Kid, StringComparison.Ordinal))
            && (string.IsNullOrEmpty(key.Alg) || string.Equals(key.Alg, _token.Alg, StringComparison.Ordinal))
            && string.Equals(key.Kty, _token.Alg.StartsWith('E') ? "EC" : "RSA", StringComparison.Ordinal))];

    private JsonElement Payload()
    {
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(_token.EncodedPayload));
            return document.RootElement.Clone();
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return default;
        }
    }
}
