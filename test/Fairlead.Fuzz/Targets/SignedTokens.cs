using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Callers.Tokens;
using Fairlead.Testing.Issuers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Fuzz.Targets;

/// <summary>
/// JSON Web Tokens. An input is one; or, where it begins with <c>{</c>, a header and a payload on lines of their own, which are signed with the issuer's key:
/// what a signature does not excuse is looked at too.
/// </summary>
internal static class SignedTokens
{
    private const string Audience = "fairlead";
    private static readonly TestIssuer _issuer = TestIssuer.StartAsync().GetAwaiter().GetResult();
    private static readonly StillClock _clock = new();
    private static readonly IssuerKeys _keys = new("http://issuer.test", new Uri($"{_issuer.Issuer}/jwks"), new IssuerHttp(null, skipVerify: false), _clock, NullLogger.Instance);
    private static readonly TokenRules _rules = new("http://issuer.test", [Audience], ["RS256", "ES256"]);

    /// <summary>Reads and checks one token.</summary>
    public static bool Attack(byte[] input)
    {
        var text = InputText.Of(input);
        var isSigned = text.StartsWith('{');
        if (SignedToken.Read(isSigned ? Sign(text) : text) is not { } token)
        {
            return false;
        }

        Invariant.Holds(token is { Issuer: not null, Subject: not null, Algorithm: not null, Type: not null }, "a part is missing");
        var result = token.CheckAsync(_keys, _rules, _clock, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Invariant.Holds(!result.IsUnavailable, "the keys are missing");
        if (result.Problem is not null)
        {
            return false;
        }

        Invariant.Holds(isSigned, "a token was accepted that nobody has signed");
        Check(JsonNode.Parse(result.Claims.GetRawText())!.AsObject(), token, result.ExpiresAt);
        return true;
    }

    private static void Check(JsonObject claims, SignedToken token, DateTimeOffset expiresAt)
    {
        Invariant.Same((string?)claims["iss"], "http://issuer.test", "iss");
        Invariant.Holds(claims["aud"] is JsonArray audiences ? audiences.Any(static one => one is JsonValue value && value.TryGetValue<string>(out var text) && text is Audience) : (string?)claims["aud"] is Audience, "the audience is another");
        Invariant.Holds(token.Algorithm is "RS256" or "ES256", "the algorithm does not count");
        Invariant.Holds(expiresAt > _clock.GetUtcNow() - SignedToken.ClockSkew, "the token has expired");
    }

    private static string Sign(string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var (header, payload) = end < 0 ? (text, "{}") : (text[..end], text[(end + 1)..]);
        var signed = $"{Base64Url.EncodeToString(Encoding.Latin1.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.Latin1.GetBytes(payload))}";
        return $"{signed}.{Base64Url.EncodeToString(_issuer.Keys[0].SignBytes(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>A clock that stands still: keys are fetched once.</summary>
    private sealed class StillClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long GetTimestamp() => 1;
    }
}
