using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
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
internal sealed partial class SignedToken
{
    /// <summary>How far clocks may be apart.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    private const int LongestToken = 16 * 1024;
    private static readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = LongestToken };

    private readonly string _text;
    private readonly JsonElement _header;
    private readonly JsonElement _payload;
    private readonly bool _isReadable;

    private SignedToken(string text, JsonElement header, JsonElement payload, bool isReadable) => (_text, _header, _payload, _isReadable) = (text, header, payload, isReadable);

    /// <summary><c>iss</c>, unverified: it selects who has to have signed.</summary>
    public string Issuer => Text(_payload, "iss");

    /// <summary><c>alg</c> of the header, unverified.</summary>
    public string Algorithm => Text(_header, "alg");

    /// <summary><c>typ</c> of the header, unverified; empty where there is none.</summary>
    public string Type => Text(_header, "typ");

    /// <summary><c>sub</c>, unverified.</summary>
    public string Subject => Text(_payload, "sub");

    /// <summary>
    /// The JWT that a text is; null for a text that is none. It is read far enough to know whose it says to be, whatever else is wrong with it: a token that
    /// one of ours has issued is nobody else's business, even a broken one.
    /// </summary>
    public static SignedToken? Read(string text)
    {
        if (text.AsSpan().Count('.') != 2)
        {
            return null;
        }

        var parts = text.Split('.');
        var isReadable = true;
        return Part(parts[0], ref isReadable) is { } header && Part(parts[1], ref isReadable) is { } payload ? new SignedToken(text, header, payload, isReadable) : null;
    }

    /// <summary>Verifies signature, issuer, audience and times.</summary>
    /// <param name="keys">The issuer's keys.</param>
    /// <param name="rules">What else it has to be.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait for keys.</param>
    public async ValueTask<CheckedToken> CheckAsync(IssuerKeys keys, TokenRules rules, TimeProvider time, CancellationToken cancellationToken)
    {
        if (_text.Length > LongestToken)
        {
            return CheckedToken.Refused("The token is longer than 16 KiB; its claims (groups?) are too many");
        }

        if (!_isReadable)
        {
            return CheckedToken.Refused("The token holds text that is none");
        }

        if (!rules.Algorithms.Contains(Algorithm, StringComparer.Ordinal))
        {
            return CheckedToken.Refused("The token is signed with an algorithm that does not count here");
        }

        if (_header.TryGetProperty("crit", out _))
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

        if (Parsed() is not { } parsed)
        {
            return CheckedToken.Refused("The token cannot be read");
        }

        var result = await _handler.ValidateTokenAsync(parsed, new TokenValidationParameters
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
            : new CheckedToken(_payload, Seconds(_payload, "exp") is { } expiry ? DateTimeOffset.FromUnixTimeSeconds((long)expiry) : DateTimeOffset.MaxValue, null, IsUnavailable: false);
    }

    private string? CheckTimes(TokenRules rules, DateTimeOffset now)
    {
        var payload = _payload;
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
    private List<JsonWebKey> Candidates(IssuerDocument document)
    {
        var kid = Text(_header, "kid");
        return [.. document.Keys.Where(key => (kid.Length == 0 || string.Equals(key.Kid, kid, StringComparison.Ordinal))
            && (string.IsNullOrEmpty(key.Alg) || string.Equals(key.Alg, Algorithm, StringComparison.Ordinal))
            && string.Equals(key.Kty, Algorithm.StartsWith('E') ? "EC" : "RSA", StringComparison.Ordinal))];
    }

    private static string Text(JsonElement part, string name) => part.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "";

    private static JsonElement? Part(string text, ref bool isReadable)
    {
        if (!Base64Url.IsValid(text))
        {
            return null;
        }

        var json = Base64Url.DecodeFromChars(text);
        if (ReadableJson.Object(json) is { } part)
        {
            return part;
        }

        // Whose it says to be is read all the same, with another character in place of what is none.
        isReadable = false;
        return ReadableJson.Object(Encoding.UTF8.GetBytes(HalfPair().Replace(Encoding.UTF8.GetString(json), "\\ufffd")));
    }

    [GeneratedRegex(@"\\u[dD][89a-fA-F][0-9a-fA-F]{2}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex HalfPair();

    private JsonWebToken? Parsed()
    {
        try
        {
            return new JsonWebToken(_text);
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException or JsonException or FormatException)
        {
            return null;
        }
    }
}
