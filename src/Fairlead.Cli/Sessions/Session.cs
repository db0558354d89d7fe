using System.Text.Json.Serialization;
using Fairlead.Cli.Gateways;

namespace Fairlead.Cli.Sessions;

/// <summary>A login at a gateway's identity provider, as it is kept. A class, so that nothing prints it.</summary>
internal sealed class Session
{
    /// <summary>The version of this shape; what has another one is not read.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Which version of this shape it is.</summary>
    public required int Version { get; init; }

    /// <summary>The gateway.</summary>
    public required string Server { get; init; }

    /// <summary>Authorities to trust beside the system's, PEM; null for none.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>The provider, as the gateway calls it.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's issuer.</summary>
    public required string Issuer { get; init; }

    /// <summary>This program's id there.</summary>
    public required string ClientId { get; init; }

    /// <summary>What the provider asks of programs on people's machines too; null for nothing.</summary>
    public string? ClientSecret { get; init; }

    /// <summary><c>sub</c>: who signed in.</summary>
    public required string Subject { get; init; }

    /// <summary>The ID token; null when the login has ended.</summary>
    public string? IdToken { get; init; }

    /// <summary>When it expires, by this machine's clock.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>From when on it is renewed rather than used: a minute before, or for tokens of minutes when a quarter of their time is left.</summary>
    public DateTimeOffset RefreshAt { get; init; }

    /// <summary>The refresh token; null where the provider gives none.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>Whether it is a login of this client at this provider.</summary>
    public bool IsFor(LoginProvider offer) => string.Equals(Issuer, offer.Issuer, StringComparison.Ordinal) && string.Equals(ClientId, offer.ClientId, StringComparison.Ordinal);

    /// <summary>Whether the token is to be used as it is.</summary>
    public bool IsFresh(DateTimeOffset now) => IdToken is not null && now < RefreshAt;
}

/// <summary>The source-generated serialiser of sessions.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(Session))]
internal sealed partial class SessionJson : JsonSerializerContext;
