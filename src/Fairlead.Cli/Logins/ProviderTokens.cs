using Fairlead.Cli.Sessions;

namespace Fairlead.Cli.Logins;

/// <summary>Tokens of a provider, checked. A class, so that nothing prints it.</summary>
internal sealed class ProviderTokens
{
    /// <summary>The ID token.</summary>
    public required string IdToken { get; init; }

    /// <summary>Who signed in.</summary>
    public required string Subject { get; init; }

    /// <summary>When the ID token expires, by this machine's clock.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The refresh token; null for none.</summary>
    public string? RefreshToken { get; init; }
}

/// <summary>What a token endpoint answered.</summary>
/// <param name="Tokens">Tokens; null with an error.</param>
/// <param name="Error">The error; null with tokens.</param>
internal sealed record ProviderAnswer(ProviderTokens? Tokens, ProviderError? Error);

/// <summary>Sessions with a provider's tokens in them.</summary>
internal static class SessionTokens
{
    private static readonly TimeSpan _ahead = TimeSpan.FromMinutes(1);

    /// <summary>The session with new tokens.</summary>
    public static Session With(this Session session, ProviderTokens tokens, DateTimeOffset now)
    {
        var quarter = (tokens.ExpiresAt - now) / 4;
        return Copy(session, tokens.IdToken, tokens.RefreshToken ?? session.RefreshToken, tokens.ExpiresAt, tokens.ExpiresAt - (quarter < _ahead ? quarter : _ahead));
    }

    /// <summary>The session with the next refresh token, which alone is good from now on.</summary>
    public static Session WithNext(this Session session, string refreshToken) => Copy(session, session.IdToken, refreshToken, session.ExpiresAt, session.RefreshAt);

    /// <summary>The session without any: where it was is remembered, so that the next login finds its way.</summary>
    public static Session Ended(this Session session) => Copy(session, null, null, default, default);

    private static Session Copy(Session session, string? idToken, string? refreshToken, DateTimeOffset expiresAt, DateTimeOffset refreshAt) => new()
    {
        Version = session.Version, Server = session.Server, CertificateAuthority = session.CertificateAuthority,
        Provider = session.Provider, Issuer = session.Issuer, ClientId = session.ClientId, ClientSecret = session.ClientSecret, Subject = session.Subject,
        IdToken = idToken, RefreshToken = refreshToken, ExpiresAt = expiresAt, RefreshAt = refreshAt,
    };
}
