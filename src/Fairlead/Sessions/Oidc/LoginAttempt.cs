using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Fairlead.Sessions.Oidc;

/// <summary>
/// One attempt to sign in: what the browser's answer has to match. It travels sealed in a cookie of that browser. A class, since a record would
/// print it.
/// </summary>
internal sealed class LoginAttempt
{
    /// <summary>How many characters of the state tell attempts of one browser apart.</summary>
    public const int IdLength = 8;

    /// <summary>The provider's name.</summary>
    public required string Provider { get; init; }

    /// <summary>Where the browser goes afterwards.</summary>
    public required string ReturnPath { get; init; }

    /// <summary><c>state</c>: 256 random bits.</summary>
    public required string State { get; init; }

    /// <summary><c>nonce</c>: 256 random bits.</summary>
    public required string Nonce { get; init; }

    /// <summary><c>code_verifier</c> (RFC 7636 4.1): 256 random bits.</summary>
    public required string CodeVerifier { get; init; }

    /// <summary>Until when it can be completed.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What tells it from the browser's other attempts.</summary>
    [JsonIgnore]
    public string Id => State[..IdLength];

    /// <summary><c>code_challenge</c> of the method S256 (RFC 7636 4.2).</summary>
    [JsonIgnore]
    public string CodeChallenge => System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(CodeVerifier)));

    /// <summary>Begins one.</summary>
    public static LoginAttempt Create(string provider, string returnPath, DateTimeOffset expiresAt) => new()
    {
        Provider = provider, ReturnPath = returnPath, State = OpaqueKey.Create().Reveal(), Nonce = OpaqueKey.Create().Reveal(), CodeVerifier = OpaqueKey.Create().Reveal(), ExpiresAt = expiresAt,
    };

    /// <summary>Whether <paramref name="state"/> is this attempt's.</summary>
    public bool IsFor(string state) => IsSame(State, state);

    /// <summary>Compares without telling by time where two differ.</summary>
    public static bool IsSame(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}

/// <summary>The source-generated serialiser of attempts.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoginAttempt))]
internal sealed partial class LoginJson : JsonSerializerContext;
