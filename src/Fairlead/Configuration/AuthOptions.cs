using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;

namespace Fairlead.Configuration;

/// <summary>Who may call (<c>auth</c>).</summary>
internal sealed record AuthOptions
{
    /// <summary>Machine callers (<c>auth.static</c>).</summary>
    public IReadOnlyList<StaticToken> Static { get; init; } = [];

    /// <summary>Issuers whose JWTs say who calls (<c>auth.jwt</c>); no two have the same <see cref="IssuerOptions.Issuer"/>.</summary>
    public IReadOnlyList<JwtOptions> Jwt { get; init; } = [];

    /// <summary>The Backstage whose tokens say who calls (<c>auth.backstage</c>); null for none.</summary>
    public BackstageOptions? Backstage { get; init; }

    /// <summary>Whether the target cluster is asked whose a caller's own token is (<c>auth.tokenReview</c>).</summary>
    public bool TokenReview { get; init; }

    /// <summary>Where people sign in with a browser (<c>auth.oidc</c>); names are unique without regard to case.</summary>
    public IReadOnlyList<OidcOptions> Oidc { get; init; } = [];

    /// <summary>The issuers whose JWTs say who calls: those of <c>auth.jwt</c>, and those at which people sign in with the command line.</summary>
    public IReadOnlyList<JwtOptions> BearerIssuers() => Oidc.All(static provider => provider.Cli is null) ? Jwt : [.. CommandLineIssuers.AddTo(Jwt, Oidc)];
}

/// <summary>A machine caller, known by the SHA-256 of its token.</summary>
/// <param name="Subject">The caller's name.</param>
/// <param name="TokenSha256">The hash, 32 bytes.</param>
/// <param name="Groups">The caller's groups.</param>
internal sealed record StaticToken(string Subject, ReadOnlyMemory<byte> TokenSha256, IReadOnlyList<string> Groups)
{
    /// <summary>What access rules may know the caller by besides (<c>claims</c>).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Claims { get; init; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
}

/// <summary>An issuer of signed tokens (OpenID Connect Core 2, Discovery 3).</summary>
internal abstract record IssuerOptions
{
    /// <summary>The signature algorithms that count unless <c>algorithms</c> says otherwise: asymmetric ones only.</summary>
    public static readonly IReadOnlyList<string> DefaultAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    /// <summary>What clusters call it in <c>oidcTokenProvider</c> (<c>name</c>).</summary>
    public required string Name { get; init; }

    /// <summary><c>iss</c>, exactly as it stands in tokens (<c>issuer</c>): https, or http on loopback.</summary>
    public required string Issuer { get; init; }

    /// <summary>Signature algorithms that count (<c>algorithms</c>); a subset of <see cref="DefaultAlgorithms"/>.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = DefaultAlgorithms;

    /// <summary>Which claims say who somebody is.</summary>
    public ClaimOptions Claims { get; init; } = new();

    /// <summary>The PEM file with the authorities that its certificate is checked against (<c>caFile</c>), an absolute path; null for those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>Whether its certificate is not checked at all (<c>skipTLSVerify</c>).</summary>
    public bool SkipTlsVerify { get; init; }
}

/// <summary>Which claims say who somebody is.</summary>
internal sealed record ClaimOptions
{
    /// <summary>The claim with the name (<c>usernameClaim</c>).</summary>
    public string Username { get; init; } = "sub";

    /// <summary>What is put before the name (<c>usernamePrefix</c>).</summary>
    public string UsernamePrefix { get; init; } = "";

    /// <summary>The claim with the groups (<c>groupsClaim</c>): a string or a list of strings.</summary>
    public string Groups { get; init; } = "groups";

    /// <summary>What is put before each group (<c>groupsPrefix</c>).</summary>
    public string GroupsPrefix { get; init; } = "";

    /// <summary>Other claims that access rules and impersonation may look at (<c>claims</c>).</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>Whether both say the same: a reload keeps what it knows of an issuer that has not changed.</summary>
    public bool Equals(ClaimOptions? other) =>
        other is not null
        && (Username, UsernamePrefix, Groups, GroupsPrefix) == (other.Username, other.UsernamePrefix, other.Groups, other.GroupsPrefix)
        && Kept.SequenceEqual(other.Kept, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Username, UsernamePrefix, Groups, GroupsPrefix, Kept.Count);
}

/// <summary>One of <c>auth.jwt</c>.</summary>
internal sealed record JwtOptions : IssuerOptions
{
    /// <summary>One of these has to be in <c>aud</c> (<c>audiences</c>); at least one.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>Where its keys are (<c>jwksUrl</c>); null to find them by discovery below the issuer.</summary>
    public Uri? KeysUrl { get; init; }
}

/// <summary><c>auth.backstage</c>.</summary>
/// <param name="Url">The portal backend (<c>url</c>), without a slash at the end: http or https.</param>
/// <param name="PublicUrl">What stands as <c>iss</c> in its users' tokens before <c>/api/auth</c> (<c>publicUrl</c>, its <c>backend.baseUrl</c>), without a slash at the end; the same as the URL unless configured.</param>
/// <param name="PluginIds">The plugins whose service tokens count (<c>plugins</c>).</param>
/// <param name="CaFile">The authorities that its certificate is checked against (<c>caFile</c>); null for those of the system.</param>
internal sealed record BackstageOptions(Uri Url, string PublicUrl, IReadOnlyList<string> PluginIds, string? CaFile)
{
    /// <summary>The token that the gateway itself shows to the portal (<c>token</c>, one of its <c>backend.auth.externalAccess</c>); null for none.</summary>
    public Secret? Token { get; init; }

    /// <summary>Whether the portal's permission backend judges too what its users do at the Backstage door (<c>permissions</c>, contract F48).</summary>
    public bool Permissions { get; init; }
}

/// <summary>A provider of browser logins (<c>auth.oidc</c>).</summary>
internal sealed record OidcOptions : IssuerOptions
{
    /// <summary>The name of a provider that is given none.</summary>
    public const string DefaultName = "oidc";

    /// <summary>The scopes unless <c>scopes</c> says otherwise.</summary>
    public static readonly IReadOnlyList<string> DefaultScopes = ["openid", "profile", "email", "offline_access"];

    /// <summary><c>clientId</c>.</summary>
    public required string ClientId { get; init; }

    /// <summary><c>clientSecret</c>; null for a public client.</summary>
    public Secret? ClientSecret { get; init; }

    /// <summary><c>scopes</c>; <c>openid</c> is among them.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = DefaultScopes;

    /// <summary>The redirect URI (<c>callbackUrl</c>), absolute.</summary>
    public required Uri CallbackUrl { get; init; }

    /// <summary>Whether clusters get the access token instead of the ID token (<c>clusterToken: access_token</c>).</summary>
    public bool UseAccessToken { get; init; }

    /// <summary><c>aud</c> of the ID tokens, where it is not the client's id (<c>audience</c>).</summary>
    public string? Audience { get; init; }

    /// <summary><c>iss</c> of the ID tokens, where it is not the issuer (<c>tokenIssuer</c>).</summary>
    public string? TokenIssuer { get; init; }

    /// <summary>How people sign in here on their own machines (<c>cli</c>); null where they cannot.</summary>
    public CliOptions? Cli { get; init; }
}

/// <summary>Browser sessions (<c>sessions</c>).</summary>
internal sealed record BrowserSessionOptions
{
    /// <summary>How long a session lasts without a request (<c>idle</c>).</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long it lasts at most (<c>absolute</c>).</summary>
    public TimeSpan Absolute { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Where replicas share sessions (<c>redis</c>), <c>redis://host:6379</c> or <c>rediss://</c>; null: in this process.</summary>
    public RedisAddress? Redis { get; init; }

    /// <summary>What sessions and cookies are encrypted with (<c>secret</c> or <c>secretFile</c>); the same on every replica. Null: random, until this process ends.</summary>
    public Secret? EncryptionSecret { get; init; }

    /// <summary>What others may still, or already, encrypt with (<c>previousSecret</c> or <c>previousSecretFile</c>): it reads, and never writes.</summary>
    public Secret? PreviousSecret { get; init; }
}

/// <summary>What <c>GET /clusters/{c}/me</c> answers from (<c>me</c>; contract <c>headlamp.md</c> S18).</summary>
internal sealed record MeOptions
{
    /// <summary>Claims that may hold the name, the first that is there counts (<c>usernamePath</c>).</summary>
    public IReadOnlyList<string> UsernamePath { get; init; } = ["preferred_username", "upn", "username", "name"];

    /// <summary>Claims that may hold the address (<c>emailPath</c>).</summary>
    public IReadOnlyList<string> EmailPath { get; init; } = ["email"];

    /// <summary>Claims that may hold the groups (<c>groupsPath</c>).</summary>
    public IReadOnlyList<string> GroupsPath { get; init; } = ["groups", "realm_access.roles"];

    /// <summary>An address that is passed on (<c>userInfoURL</c>).</summary>
    public string UserInfoUrl { get; init; } = "";
}
