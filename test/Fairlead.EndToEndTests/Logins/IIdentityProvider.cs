namespace Fairlead.EndToEndTests.Logins;

/// <summary>
/// An OpenID provider that runs on loopback over TLS. Its accounts are <c>alice</c> in <c>devs</c> and <c>admins</c>, and <c>bob</c> in <c>devs</c>; any
/// password is good. PKCE is required, and refresh tokens are good for one use (RFC 9700, section 4.14.2).
/// </summary>
internal interface IIdentityProvider : IAsyncDisposable
{
    /// <summary>The issuer, exactly as it stands in tokens.</summary>
    string Issuer { get; }

    /// <summary>The authority of its certificate.</summary>
    string AuthorityPem { get; }

    /// <summary>Registers a client, or replaces one.</summary>
    Task AddClientAsync(ProviderClient client);
}

/// <summary>A client at a provider.</summary>
/// <param name="Id"><c>client_id</c>.</param>
/// <param name="RedirectUris"><c>redirect_uris</c>.</param>
internal sealed record ProviderClient(string Id, params IReadOnlyList<string> RedirectUris)
{
    /// <summary><c>client_secret</c>; null for a public client.</summary>
    public string? Secret { get; init; } = "secret-of-a-test-client";

    /// <summary><c>post_logout_redirect_uris</c>.</summary>
    public IReadOnlyList<string> PostLogoutRedirectUris { get; init; } = [];

    /// <summary>Whether it is a program on people's machines: on loopback any port is good (RFC 8252 7.3), and a login by a code is too (RFC 8628).</summary>
    public bool IsNative { get; init; }

    /// <summary><c>backchannel_logout_uri</c>, whose calls always say which session ends; null for none.</summary>
    public string? BackchannelLogoutUri { get; init; }
}
