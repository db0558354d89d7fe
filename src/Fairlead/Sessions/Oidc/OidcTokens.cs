using Fairlead.Callers.Tokens;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Sessions.Oidc;

/// <summary>What a provider gave. A class, so that nothing prints it.</summary>
internal sealed class OidcTokens
{
    private static readonly TimeSpan _ahead = TimeSpan.FromSeconds(60);

    /// <summary>Who signed in; null where a refresh brought no new ID token.</summary>
    public ClaimedIdentity? Identity { get; init; }

    /// <summary><c>email</c>, for pages that show it.</summary>
    public string? Email { get; init; }

    /// <summary><c>iss</c>.</summary>
    public required string Issuer { get; init; }

    /// <summary><c>sub</c>.</summary>
    public required string Subject { get; init; }

    /// <summary><c>sid</c>.</summary>
    public string? ProviderSession { get; init; }

    /// <summary>The ID token.</summary>
    public Secret? IdToken { get; init; }

    /// <summary>When it expires.</summary>
    public DateTimeOffset? IdTokenExpiresAt { get; init; }

    /// <summary>The access token.</summary>
    public Secret? AccessToken { get; init; }

    /// <summary>When it expires; null where the provider does not say.</summary>
    public DateTimeOffset? AccessTokenExpiresAt { get; init; }

    /// <summary>The refresh token.</summary>
    public Secret? RefreshToken { get; init; }

    /// <summary>The session that begins with them.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="now">The time.</param>
    public BrowserSession ToSession(string provider, DateTimeOffset now) => new()
    {
        Name = Identity!.Name,
        Groups = Identity.Groups,
        Claims = Identity.Claims,
        Provider = provider,
        Email = Email,
        Issuer = Issuer,
        Subject = Subject,
        ProviderSession = ProviderSession,
        IdToken = IdToken,
        IdTokenExpiresAt = IdTokenExpiresAt,
        AccessToken = AccessToken,
        AccessTokenExpiresAt = AccessTokenExpiresAt,
        RefreshToken = RefreshToken,
        RefreshAt = RefreshTime(now, IdTokenExpiresAt, AccessTokenExpiresAt),
    };

    /// <summary>
    /// A session that goes on with them. An ID token that the provider does not renew stays as long as it is good, and is dropped then: dead it would be
    /// a reason to refresh over and over.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="now">The time.</param>
    public BrowserSession Renew(BrowserSession session, DateTimeOffset now)
    {
        var keepsOld = IdToken is null && session.IdTokenExpiresAt > now + _ahead;
        var idTokenExpiresAt = keepsOld ? session.IdTokenExpiresAt : IdTokenExpiresAt;
        return session with
        {
            Name = Identity?.Name ?? session.Name,
            Groups = Identity?.Groups ?? session.Groups,
            Claims = Identity?.Claims ?? session.Claims,
            Email = Identity is null ? session.Email : Email,
            IdToken = keepsOld ? session.IdToken : IdToken,
            IdTokenExpiresAt = idTokenExpiresAt,
            AccessToken = AccessToken,
            AccessTokenExpiresAt = AccessTokenExpiresAt,
            RefreshToken = RefreshToken ?? session.RefreshToken,
            RefreshAt = RefreshTime(now, idTokenExpiresAt, AccessTokenExpiresAt),
        };
    }

    /// <summary>A minute before the first of them expires; for tokens of minutes, when a quarter of their time is left.</summary>
    private static DateTimeOffset? RefreshTime(DateTimeOffset now, DateTimeOffset? idToken, DateTimeOffset? accessToken)
    {
        var first = idToken is null || accessToken < idToken ? accessToken ?? idToken : idToken;
        var quarter = (first - now) / 4;
        return first - (quarter < _ahead ? quarter : _ahead);
    }
}
