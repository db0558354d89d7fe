namespace Fairlead.Configuration;

/// <summary>
/// The client of an identity provider that <c>fairlead login</c> is, on people's own machines (<c>auth.oidc[].cli</c>). The gateway tells it to everybody, and takes
/// ID tokens for it as bearer tokens.
/// </summary>
internal sealed record CliOptions
{
    /// <summary>The redirect URI unless <c>redirectUrl</c> says otherwise: loopback, on a port of the system's choice (RFC 8252 7.3).</summary>
    public static readonly Uri DefaultRedirectUrl = new("http://127.0.0.1/callback");

    /// <summary><c>clientId</c>: a public client.</summary>
    public required string ClientId { get; init; }

    /// <summary>
    /// <c>clientSecret</c>, for providers that ask one of programs on people's machines too (Google); not a secret then (RFC 8252 8.5), and therefore no
    /// <see cref="Kubernetes.Secrets.Secret"/>. Null for none.
    /// </summary>
    public string? ClientSecret { get; init; }

    /// <summary><c>scopes</c>; those of the browser logins unless configured. <c>openid</c> is among them.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary><c>redirectUrl</c>: http on loopback. Without a port the system chooses one.</summary>
    public Uri RedirectUrl { get; init; } = DefaultRedirectUrl;

    /// <summary>Whether both say the same: a reload keeps what it knows of a provider that has not changed.</summary>
    public bool Equals(CliOptions? other) =>
        other is not null && (ClientId, ClientSecret, RedirectUrl) == (other.ClientId, other.ClientSecret, other.RedirectUrl) && Scopes.SequenceEqual(other.Scopes, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ClientId, RedirectUrl, Scopes.Count);
}
