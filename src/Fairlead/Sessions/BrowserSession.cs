using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Sessions;

/// <summary>
/// Somebody who is signed in with a browser. The browser holds a random key only; everything here stays on the server, in an
/// <see cref="ISessionStore"/>.
/// </summary>
internal sealed record BrowserSession
{
    /// <summary>The caller's name, as access rules and clusters know it.</summary>
    public required string Name { get; init; }

    /// <summary>The caller's groups.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Other claims that are kept, as access rules and impersonation look at them.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Claims { get; init; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>The identity provider: <c>iss</c> of the ID token. It never changes within a session, nor do the next two.</summary>
    public required string Issuer { get; init; }

    /// <summary><c>sub</c> of the ID token. It tells people apart at the provider, and need not be their name here.</summary>
    public required string Subject { get; init; }

    /// <summary>The name of the provider in the configuration.</summary>
    public required string Provider { get; init; }

    /// <summary>The caller's address, where the provider names one.</summary>
    public string? Email { get; init; }

    /// <summary><c>sid</c> of the ID token: the session at the provider, for its back-channel logout. Null for a provider that names none.</summary>
    public string? ProviderSession { get; init; }

    /// <summary>The ID token.</summary>
    public Secret? IdToken { get; init; }

    /// <summary>When the ID token expires.</summary>
    public DateTimeOffset? IdTokenExpiresAt { get; init; }

    /// <summary>The access token.</summary>
    public Secret? AccessToken { get; init; }

    /// <summary>When the access token expires.</summary>
    public DateTimeOffset? AccessTokenExpiresAt { get; init; }

    /// <summary>The refresh token.</summary>
    public Secret? RefreshToken { get; init; }

    /// <summary>When the refresh token expires, where the provider says so.</summary>
    public DateTimeOffset? RefreshTokenExpiresAt { get; init; }

    /// <summary>When its tokens are to be renewed: shortly before the first of them expires. Null where none says when.</summary>
    public DateTimeOffset? RefreshAt { get; init; }

    /// <summary>When it began. Set by the store.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used. Set by the store.</summary>
    public DateTimeOffset LastUsedAt { get; init; }

    /// <summary>When it ends at the latest. Set by the store; a replacement may bring it forward and cannot put it off.</summary>
    public DateTimeOffset EndsAt { get; init; }

    /// <summary>Counts the replacements, for compare-and-swap. Set by the store.</summary>
    public long Version { get; init; }

    /// <summary>Tells nothing: names, groups and tokens belong into no log.</summary>
    public override string ToString() => "[session]";
}
