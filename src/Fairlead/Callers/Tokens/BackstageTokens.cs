using System.Collections.Concurrent;
using System.Text.Json;
using Fairlead.Configuration;

namespace Fairlead.Callers.Tokens;

/// <summary>
/// Tokens that a Backstage issues: to its users, and to its plugins' backends for calls of each other (backend-defaults: <c>UserTokenHandler</c>,
/// <c>PluginTokenHandler</c>). A plugin's token may say on whose behalf the plugin calls; then that user is the caller.
/// </summary>
internal sealed class BackstageTokens
{
    /// <summary>Where a portal's backend publishes the keys of its users' tokens.</summary>
    public const string UserKeysPath = "/api/auth/.well-known/jwks.json";

    private const string TypePrefix = "vnd.backstage.";
    private const string UserType = TypePrefix + "user";
    private const string LimitedUserType = TypePrefix + "limited-user";
    private const string PluginType = TypePrefix + "plugin";
    private const string UserAudience = "backstage";
    private const string OwnPlugin = "kubernetes";

    private readonly BackstageOptions _options;
    private readonly string _issuer;
    private readonly IssuerHttp _http;
    private readonly IssuerKeys _userKeys;
    private readonly ConcurrentDictionary<string, IssuerKeys> _pluginKeys = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ILogger<IssuerKeys> _logger;

    /// <summary>Asks for nothing yet.</summary>
    public BackstageTokens(BackstageOptions options, TimeProvider time, ILogger<IssuerKeys> logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _issuer = options.PublicUrl + "/api/auth";
        _http = new IssuerHttp(options.CaFile, skipVerify: false);
        _userKeys = KeysAt(UserKeysPath);
    }

    /// <summary>Whether Backstage has issued a token, by what it says of itself.</summary>
    public bool IsOurs(SignedToken token) =>
        token.Type.StartsWith(TypePrefix, StringComparison.OrdinalIgnoreCase) || string.Equals(token.Issuer, _issuer, StringComparison.Ordinal);

    /// <summary>Verifies a token that <see cref="IsOurs"/>.</summary>
    /// <param name="token">The token.</param>
    /// <param name="text">The same as it was sent.</param>
    public async Task<TokenVerdict> VerifyAsync(SignedToken token, string text) => token.Type switch
    {
        UserType => await VerifyUserAsync(token, text, new TokenRules(_issuer, [UserAudience], IssuerOptions.DefaultAlgorithms)) is var verdict
            && verdict is TokenVerdict.Known known ? known with { Principal = PortalPrincipal.User } : verdict,
        PluginType => await VerifyPluginAsync(token),
        _ => new TokenVerdict.Refused("The token is of another type than a user's or a plugin's (typ)"),
    };

    private async Task<TokenVerdict> VerifyUserAsync(SignedToken token, string text, TokenRules rules)
    {
        var result = await token.CheckAsync(_userKeys, rules, _time, CancellationToken.None);
        if (result.Problem is { } problem)
        {
            return result.IsUnavailable ? new TokenVerdict.Unavailable(problem) : new TokenVerdict.Refused(problem);
        }

        var claims = result.Claims;
        if (!claims.TryGetProperty("ent", out _))
        {
            // Newer portals leave the ownership out of the token, and tell it to who has the token (auth plugin, /v1/userinfo).
            var reply = await _http.GetAsync(new Uri(_options.Url.OriginalString + "/api/auth/v1/userinfo"), "Bearer " + text, CancellationToken.None);
            if (reply.Problem is not null || (int)reply.Status != 200 || InfoIn(reply.Body) is not { } info)
            {
                return (int)reply.Status == 401 ? new TokenVerdict.Refused("The portal does not accept the token")
                    : new TokenVerdict.Unavailable("The portal does not say what the token's owner belongs to; try again later");
            }

            // The portal speaks of the same person, or the answer is not for this token.
            if (!string.Equals(SubjectOf(info), token.Subject, StringComparison.Ordinal))
            {
                return new TokenVerdict.Refused("The portal knows the token as somebody else's");
            }

            claims = info;
        }

        return ClaimedIdentity.Read(claims, new ClaimOptions { Username = "sub", Groups = "ent" }, out var claim) is { } identity
            ? new TokenVerdict.Known(new Caller.Portal(identity.Name, identity.Groups), result.ExpiresAt, IsBackstage: true)
            : new TokenVerdict.Refused(claim!);
    }

    private async Task<TokenVerdict> VerifyPluginAsync(SignedToken token)
    {
        // The plugin's id becomes part of an address: only configured ones do.
        var plugin = token.Subject;
        if (!_options.PluginIds.Contains(plugin, StringComparer.Ordinal))
        {
            return new TokenVerdict.Refused("The token is of a plugin that may not call; auth.backstage.plugins lists those that may");
        }

        var keys = _pluginKeys.GetOrAdd(plugin, static (id, self) => self.KeysAt($"/api/{id}/.backstage/auth/v1/jwks.json"), this);
        var result = await token.CheckAsync(keys, new TokenRules(null, [OwnPlugin], IssuerOptions.DefaultAlgorithms), _time, CancellationToken.None);
        if (result.Problem is { } problem)
        {
            return result.IsUnavailable ? new TokenVerdict.Unavailable(problem) : new TokenVerdict.Refused(problem);
        }

        if (!result.Claims.TryGetProperty("obo", out var onBehalf))
        {
            return new TokenVerdict.Known(new Caller.Portal("plugin:" + plugin, []), result.ExpiresAt, IsBackstage: true) { Principal = PortalPrincipal.Service };
        }

        if (onBehalf.ValueKind is not JsonValueKind.String || SignedToken.Read(onBehalf.GetString()!) is not { Type: LimitedUserType } user)
        {
            return new TokenVerdict.Refused("The token's obo is no user's token");
        }

        // A limited token has neither issuer nor audience, and whoever sees a user's token can make one of it (its uip): it is worth something inside a
        // plugin's token only.
        var verdict = await VerifyUserAsync(
            user, onBehalf.GetString()!, new TokenRules(null, null, IssuerOptions.DefaultAlgorithms));
        return verdict is TokenVerdict.Known known && known.ExpiresAt > result.ExpiresAt ? known with { ExpiresAt = result.ExpiresAt } : verdict;
    }

    private static JsonElement? InfoIn(byte[] body) =>
        ReadableJson.Object(body) is not { } root ? null
        : root.TryGetProperty("claims", out var claims) && claims.ValueKind is JsonValueKind.Object ? claims : root;

    private static string? SubjectOf(JsonElement info) => info.TryGetProperty("sub", out var subject) && subject.ValueKind is JsonValueKind.String ? subject.GetString() : null;

    private IssuerKeys KeysAt(string path) => new(_issuer, new Uri(_options.Url.OriginalString + path), _http, _time, _logger);
}
