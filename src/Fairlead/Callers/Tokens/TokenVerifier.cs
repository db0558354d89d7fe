using System.Collections.Frozen;
using Fairlead.Clusters;
using Fairlead.Configuration;

namespace Fairlead.Callers.Tokens;

/// <summary>
/// Verifies tokens of the configured issuers. Which of them is asked the token's own <c>iss</c> says, unverified: it has to be that one's in every other
/// respect too. A good token costs nothing within its time; bad ones are remembered apart from good ones, so that a flood of them pushes
/// no good one out.
/// </summary>
internal sealed class TokenVerifier
{
    /// <summary>How long a good token is believed without a look at it.</summary>
    public static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(5);

    /// <summary>How long a bad one is refused without a look.</summary>
    public static readonly TimeSpan RefusedFor = TimeSpan.FromSeconds(10);

    private const int Capacity = 16_384;

    // Each may hold a thousand groups.
    private const int KnownCapacity = 4096;

    private readonly AuthOptions? _options;
    private readonly FrozenDictionary<string, (JwtOptions Options, IssuerKeys Keys)> _issuers;
    private readonly BackstageTokens? _backstage;
    private readonly TimeProvider _time;
    private readonly ExpiringCache<TokenHash, TokenVerdict.Known> _known;
    private readonly ExpiringCache<TokenHash, TokenVerdict> _asked;

    private TokenVerifier(AuthOptions? options, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _time = time;
        var logger = loggers.CreateLogger<IssuerKeys>();
        _issuers = (options?.BearerIssuers() ?? []).ToFrozenDictionary(
            static issuer => issuer.Issuer,
            issuer => (issuer, new IssuerKeys(issuer.Issuer, issuer.KeysUrl, new IssuerHttp(issuer.CaFile, issuer.SkipTlsVerify), time, logger)),
            StringComparer.Ordinal);
        _backstage = options?.Backstage is { } portal ? new BackstageTokens(portal, time, logger) : null;
        _known = new(KnownCapacity, time);
        _asked = new(Capacity, time);
    }

    /// <summary>The verifier of a configuration: the one in force, with all that it knows, where nothing has changed.</summary>
    public static TokenVerifier For(AuthOptions? options, TokenVerifier? previous, TimeProvider time, ILoggerFactory loggers) =>
        previous is not null && IsSame(previous._options, options) ? previous : new TokenVerifier(options, time, loggers);

    /// <summary>Verifies a token.</summary>
    /// <param name="token">The bare token.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<TokenVerdict> VerifyAsync(ReadOnlyMemory<char> token, TokenHash hash, CancellationToken cancellationToken)
    {
        return _issuers.Count == 0 && _backstage is null ? new(TokenVerdict.NotOurs.Instance)
            // A token may expire while it is remembered.
            : _known.TryGet(hash, out var known) && known.ExpiresAt > _time.GetUtcNow() - SignedToken.ClockSkew ? new(known)
            : _asked.TryGet(hash, out var asked) ? new(asked)
            : VerifyUnknownAsync(token, hash, cancellationToken);
    }

    private ValueTask<TokenVerdict> VerifyUnknownAsync(ReadOnlyMemory<char> token, TokenHash hash, CancellationToken cancellationToken) =>
        _asked.GetAsync(hash, () => AskAsync(token.ToString(), hash), LifetimeOf, cancellationToken);

    /// <summary>Whether a text is a token that Backstage has issued, by what it says of itself.</summary>
    public bool IsBackstageToken(ReadOnlySpan<char> text) => _backstage is not null && text.Count('.') == 2 && SignedToken.Read(text.ToString()) is { } token && _backstage.IsOurs(token);

    private static TimeSpan LifetimeOf(TokenVerdict verdict) => verdict switch
    {
        TokenVerdict.Refused => RefusedFor,
        TokenVerdict.NotOurs => KnownFor,
        _ => TimeSpan.Zero,
    };

    private async Task<TokenVerdict> AskAsync(string text, TokenHash hash)
    {
        var verdict = SignedToken.Read(text) is not { } token ? TokenVerdict.NotOurs.Instance
            : _backstage?.IsOurs(token) == true ? await _backstage.VerifyAsync(token, text)
            : _issuers.TryGetValue(token.Issuer, out var issuer) ? await VerifyAsync(token, issuer.Options, issuer.Keys) with { Issuer = issuer.Options }
            : TokenVerdict.NotOurs.Instance;
        if (verdict is TokenVerdict.Known known)
        {
            await _known.GetAsync(hash, () => Task.FromResult(known), static _ => KnownFor, CancellationToken.None);
        }

        return verdict;
    }

    private async Task<TokenVerdict> VerifyAsync(SignedToken token, JwtOptions options, IssuerKeys keys)
    {
        // An ID token or access token (RFC 9068 2.1); a logout token or another signed document of the issuer is neither.
        if (!(token.Type is "" || token.Type.Equals("JWT", StringComparison.OrdinalIgnoreCase) || token.Type.Equals("at+jwt", StringComparison.OrdinalIgnoreCase)
            || token.Type.Equals("application/at+jwt", StringComparison.OrdinalIgnoreCase)))
        {
            return new TokenVerdict.Refused("The token is of another type than an ID or access token (typ)");
        }

        var result = await token.CheckAsync(keys, new TokenRules(options.Issuer, options.Audiences, options.Algorithms), _time, CancellationToken.None);
        return result.IsUnavailable ? new TokenVerdict.Unavailable(result.Problem!)
            : result.Problem is { } problem ? new TokenVerdict.Refused(problem)
            : ClaimedIdentity.Read(result.Claims, options.Claims, out var claim) is { } identity
                ? new TokenVerdict.Known(new Caller.Portal(identity.Name, identity.Groups) { Claims = identity.Claims, Uid = token.Subject is { Length: > 0 } subject ? subject : null }, result.ExpiresAt, IsBackstage: false)
            : new TokenVerdict.Refused(claim!);
    }

    private static bool IsSame(AuthOptions? one, AuthOptions? other) =>
        IsSame(one?.BearerIssuers() ?? [], other?.BearerIssuers() ?? []) && IsSame(one?.Backstage, other?.Backstage);

    private static bool IsSame(IReadOnlyList<JwtOptions> one, IReadOnlyList<JwtOptions> other) =>
        one.Count == other.Count && one.Zip(other).All(static pair => IsSame(pair.First, pair.Second));

    private static bool IsSame(JwtOptions one, JwtOptions other) =>
        one with { Audiences = other.Audiences, Algorithms = other.Algorithms } == other
        && one.Audiences.SequenceEqual(other.Audiences, StringComparer.Ordinal) && one.Algorithms.SequenceEqual(other.Algorithms, StringComparer.Ordinal);

    private static bool IsSame(BackstageOptions? one, BackstageOptions? other) =>
        one is null || other is null ? one is null && other is null
            : one with { PluginIds = other.PluginIds } == other && one.PluginIds.SequenceEqual(other.PluginIds, StringComparer.Ordinal);
}
