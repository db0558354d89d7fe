using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fairlead.Callers.Tokens;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Sessions.Oidc;

/// <summary>
/// The gateway as a client of one provider (OpenID Connect Core 1.0): authorization code with PKCE, always; what the provider says is believed as far as
/// it is signed for this client.
/// </summary>
internal sealed partial class OidcClient
{
    private readonly OidcOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<OidcClient> _logger;
    private readonly IssuerHttp _http;
    private readonly IssuerKeys _keys;

    /// <summary>Asks for nothing yet.</summary>
    public OidcClient(OidcOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _time, _logger) = (options, time, loggers.CreateLogger<OidcClient>());
        _http = new IssuerHttp(options.CaFile, options.SkipTlsVerify);
        _keys = new IssuerKeys(options.Issuer, null, _http, time, loggers.CreateLogger<IssuerKeys>());
    }

    /// <summary>The configuration.</summary>
    public OidcOptions Options => _options;

    private string TokenIssuer => _options.TokenIssuer ?? _options.Issuer;

    private TokenRules IdTokenRules => new(TokenIssuer, [_options.Audience ?? _options.ClientId], _options.Algorithms);

    /// <summary>Where the browser goes to sign in.</summary>
    public async ValueTask<OidcAnswer<Uri>> AuthorizationUrlAsync(LoginAttempt attempt, CancellationToken cancellationToken)
    {
        if (await _keys.GetAsync(cancellationToken) is not { } document)
        {
            return new OidcAnswer<Uri>.Unavailable("The identity provider cannot be reached; try again later");
        }

        if (!IsEndpoint(document.Configuration.AuthorizationEndpoint, out var endpoint))
        {
            return new OidcAnswer<Uri>.Unavailable("The identity provider names no authorization endpoint that can be used");
        }

        var query = new StringBuilder()
            .Append("response_type=code")
            .Append("&client_id=").Append(Uri.EscapeDataString(_options.ClientId))
            .Append("&redirect_uri=").Append(Uri.EscapeDataString(_options.CallbackUrl.OriginalString))
            .Append("&scope=").Append(Uri.EscapeDataString(string.Join(' ', _options.Scopes)))
            .Append("&state=").Append(attempt.State)
            .Append("&nonce=").Append(attempt.Nonce)
            .Append("&code_challenge=").Append(attempt.CodeChallenge)
            .Append("&code_challenge_method=S256");
        if (_options.Scopes.Contains("offline_access", StringComparer.Ordinal))
        {
            // Without it a provider has to ignore the scope (OpenID Connect Core 11).
            query.Append("&prompt=consent");
        }

        return new OidcAnswer<Uri>.Done(With(endpoint, query.ToString()));
    }

    /// <summary>Exchanges a code for tokens.</summary>
    /// <param name="code">The code.</param>
    /// <param name="iss"><c>iss</c> of the authorization response (RFC 9207).</param>
    /// <param name="attempt">The attempt that it answers.</param>
    /// <param name="cancellationToken">Ends the wait for the provider's documents; an exchange that has begun is not cancelled.</param>
    public async Task<OidcAnswer<OidcTokens>> RedeemAsync(string code, string? iss, LoginAttempt attempt, CancellationToken cancellationToken)
    {
        if (await _keys.GetAsync(cancellationToken) is not { } document)
        {
            return Away();
        }

        var namesItself = document.Configuration.AuthorizationResponseIssParameterSupported;
        if ((iss is not null || namesItself) && !string.Equals(iss, _options.Issuer, StringComparison.Ordinal))
        {
            return new OidcAnswer<OidcTokens>.Refused("The answer is of another identity provider than the one that was asked; begin again");
        }

        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = _options.CallbackUrl.OriginalString,
            ["code_verifier"] = attempt.CodeVerifier,
        };
        var (response, failed) = await AskAsync(document, form);
        return failed ?? (response.IdToken is null
            ? new OidcAnswer<OidcTokens>.Refused("The identity provider gave no ID token; is the scope openid allowed for this client?")
            : await ReadAsync(response, attempt.Nonce));
    }

    /// <summary>Renews a session's tokens.</summary>
    /// <param name="session">The session, with a refresh token.</param>
    public async Task<OidcAnswer<OidcTokens>> RefreshAsync(BrowserSession session)
    {
        if (await _keys.GetAsync(CancellationToken.None) is not { } document)
        {
            return Away();
        }

        var (response, failed) = await AskAsync(document, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = session.RefreshToken!.Reveal(),
        });
        if (failed is not null)
        {
            return failed;
        }

        if (response.IdToken is null)
        {
            return new OidcAnswer<OidcTokens>.Done(Tokens(response, null, session.Issuer, session.Subject, null));
        }

        var read = await ReadAsync(response, nonce: null);
        // OpenID Connect Core 12.2: the same person, of the same provider.
        return read is OidcAnswer<OidcTokens>.Done { Value: var tokens }
            && !(string.Equals(tokens.Subject, session.Subject, StringComparison.Ordinal) && string.Equals(tokens.Issuer, session.Issuer, StringComparison.Ordinal))
                ? new OidcAnswer<OidcTokens>.Refused("The identity provider renewed the session for somebody else")
                : read;
    }

    /// <summary>Where the browser goes to sign out at the provider (RP-Initiated Logout 1.0 2); null where it has no such place.</summary>
    public async ValueTask<Uri?> EndSessionUrlAsync(BrowserSession session, Uri postLogoutRedirect, CancellationToken cancellationToken)
    {
        if (await _keys.GetAsync(cancellationToken) is not { } document || !IsEndpoint(document.Configuration.EndSessionEndpoint, out var endpoint))
        {
            return null;
        }

        var query = new StringBuilder("client_id=").Append(Uri.EscapeDataString(_options.ClientId))
            .Append("&post_logout_redirect_uri=").Append(Uri.EscapeDataString(postLogoutRedirect.AbsoluteUri));
        if (session.IdToken is { } token)
        {
            query.Append("&id_token_hint=").Append(token.Reveal());
        }

        return With(endpoint, query.ToString());
    }

    private static Uri With(Uri endpoint, string query) => new(endpoint.OriginalString + (endpoint.Query.Length > 0 ? '&' : '?') + query);

    private static OidcAnswer<OidcTokens>.Unavailable Away() => new("The identity provider cannot be reached; try again later");

    /// <summary>An address that is no less safe than the provider's own.</summary>
    private bool IsEndpoint(string? text, out Uri endpoint) =>
        Uri.TryCreate(text, UriKind.Absolute, out endpoint!) && endpoint.Fragment.Length == 0
        && (endpoint.Scheme is "https" || (endpoint.Scheme is "http" && _options.Issuer.StartsWith("http:", StringComparison.Ordinal)));

    private async Task<(TokenResponse Response, OidcAnswer<OidcTokens>? Failed)> AskAsync(IssuerDocument document, Dictionary<string, string> form)
    {
        if (!IsEndpoint(document.Configuration.TokenEndpoint, out var endpoint))
        {
            return (default, new OidcAnswer<OidcTokens>.Unavailable("The identity provider names no token endpoint that can be used"));
        }

        var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        var methods = document.Configuration.TokenEndpointAuthMethodsSupported;
        if (_options.ClientSecret is not { } secret)
        {
            form["client_id"] = _options.ClientId;
        }
        else if (methods.Count == 0 || methods.Contains("client_secret_basic"))
        {
            // RFC 6749 2.3.1: each part is form-encoded first.
            var pair = $"{FormEncoded(_options.ClientId)}:{FormEncoded(secret.Reveal())}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
        else
        {
            form["client_id"] = _options.ClientId;
            form["client_secret"] = secret.Reveal();
        }

        request.Content = new FormUrlEncodedContent(form);
        // Not cancelled with the request that wanted it: with a code or a refresh token that is spent, the answer must not be lost.
        var reply = await _http.SendAsync(request, CancellationToken.None);
        if (reply.Problem is not null || (int)reply.Status is 429 or >= 500)
        {
            LogFailed(_options.Issuer, form["grant_type"], reply.Problem ?? $"status {(int)reply.Status}");
            return (default, Away());
        }

        var response = TokenResponse.Read(reply.Body);
        if ((int)reply.Status == 200 && response is { } good && (good.AccessToken is not null || good.IdToken is not null))
        {
            return (good, null);
        }

        var error = OidcError.Code(response?.Error);
        LogFailed(_options.Issuer, form["grant_type"], $"status {(int)reply.Status}, {error}");
        // A client that is not known or not allowed is a matter of configuration, and no reason to end anybody's session.
        return (default, error is "invalid_client" or "unauthorized_client" or "no code" or "temporarily_unavailable" or "server_error"
            ? new OidcAnswer<OidcTokens>.Unavailable($"The identity provider does not serve this gateway ({error}); its operator has to look")
            : new OidcAnswer<OidcTokens>.Refused($"The identity provider does not accept this sign-in any more ({error}); sign in again"));
    }

    private async Task<OidcAnswer<OidcTokens>> ReadAsync(TokenResponse response, string? nonce)
    {
        if (SignedToken.Read(response.IdToken!) is not { } token)
        {
            return new OidcAnswer<OidcTokens>.Refused("The identity provider's ID token is none");
        }

        var result = await token.CheckAsync(_keys, IdTokenRules, _time, CancellationToken.None);
        if (result.Problem is { } problem)
        {
            return result.IsUnavailable ? Away() : new OidcAnswer<OidcTokens>.Refused($"The identity provider's ID token is not acceptable: {problem}");
        }

        var claims = result.Claims;
        return Text(claims, "sub") is not { } subject ? Wrong("it has no sub")
            : nonce is not null && !(Text(claims, "nonce") is { } answered && LoginAttempt.IsSame(answered, nonce)) ? Wrong("it is for another sign-in (nonce)")
            : claims.TryGetProperty("aud", out var audience) && audience.ValueKind is JsonValueKind.Array && audience.GetArrayLength() > 1
                && !string.Equals(Text(claims, "azp"), _options.ClientId, StringComparison.Ordinal) ? Wrong("it was issued to another client (azp)")
            : response.AccessToken is { } access && Text(claims, "at_hash") is { } hash && !IsHashOf(hash, access, token.Algorithm) ? Wrong("it does not belong to the access token (at_hash)")
            : ClaimedIdentity.Read(claims, _options.Claims, out var claim) is not { } identity ? new OidcAnswer<OidcTokens>.Refused(claim!)
            : new OidcAnswer<OidcTokens>.Done(Tokens(response, identity, TokenIssuer, subject, (claims, result.ExpiresAt)));
    }

    private OidcTokens Tokens(TokenResponse response, ClaimedIdentity? identity, string issuer, string subject, (JsonElement Claims, DateTimeOffset ExpiresAt)? id) => new()
    {
        Identity = identity,
        Email = id is { } some ? Text(some.Claims, "email") : null,
        Issuer = issuer,
        Subject = subject,
        ProviderSession = id is { } known ? Text(known.Claims, "sid") : null,
        IdToken = response.IdToken is { } idToken ? new Secret(idToken) : null,
        IdTokenExpiresAt = id?.ExpiresAt,
        AccessToken = response.AccessToken is { } accessToken ? new Secret(accessToken) : null,
        AccessTokenExpiresAt = response.ExpiresIn is { } seconds ? _time.GetUtcNow().AddSeconds(seconds) : null,
        RefreshToken = response.RefreshToken is { } refreshToken ? new Secret(refreshToken) : null,
    };

    private static OidcAnswer<OidcTokens>.Refused Wrong(string what) => new($"The identity provider's ID token is not acceptable: {what}");

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>OpenID Connect Core 3.1.3.6: the left half of the hash that the signature's algorithm names.</summary>
    private static bool IsHashOf(string claimed, string accessToken, string algorithm)
    {
        var bytes = Encoding.ASCII.GetBytes(accessToken);
        var hash = algorithm[^3..] switch
        {
            "384" => SHA384.HashData(bytes),
            "512" => SHA512.HashData(bytes),
            _ => SHA256.HashData(bytes),
        };
        return LoginAttempt.IsSame(claimed, System.Buffers.Text.Base64Url.EncodeToString(hash.AsSpan(0, hash.Length / 2)));
    }

    private static string FormEncoded(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);

    [LoggerMessage(EventId = 711, Level = LogLevel.Warning, Message = "The identity provider {Issuer} did not serve {Grant}: {Problem}")]
    private partial void LogFailed(string issuer, string grant, string problem);
}
