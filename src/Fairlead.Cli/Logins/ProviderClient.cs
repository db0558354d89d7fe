using System.Net;
using Fairlead.Cli.Http;
using Fairlead.Cli.Sessions;

namespace Fairlead.Cli.Logins;

/// <summary>This program as a client of one identity provider.</summary>
internal sealed class ProviderClient
{
    private readonly string _issuer;
    private readonly string _clientId;
    private readonly string? _clientSecret;
    private readonly SecureHttp _http;
    private readonly TimeProvider _time;

    private ProviderClient(string issuer, string clientId, string? clientSecret, ProviderMetadata metadata, SecureHttp http, TimeProvider time) =>
        (_issuer, _clientId, _clientSecret, Metadata, _http, _time) = (issuer, clientId, clientSecret, metadata, http, time);

    /// <summary>What the provider says of itself.</summary>
    public ProviderMetadata Metadata { get; }

    /// <summary>The provider's issuer.</summary>
    public string Issuer => _issuer;

    /// <summary>This program's id there.</summary>
    public string ClientId => _clientId;

    private static string What(string issuer) => $"The identity provider {Printable.Of(issuer)}";

    /// <summary>Asks a provider for what it says of itself.</summary>
    /// <exception cref="CommandFailure">It cannot be used.</exception>
    public static async Task<ProviderClient> FindAsync(string issuer, string clientId, string? clientSecret, SecureHttp http, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!IsSafe(issuer, issuer))
        {
            throw new CommandFailure($"{What(issuer)} has no https address, so that nothing that it says can be believed");
        }

        var request = new HttpRequestMessage(HttpMethod.Get, issuer.TrimEnd('/') + "/.well-known/openid-configuration");
        var answer = await http.SendAsync(request, What(issuer), cancellationToken);
        if (answer.Status >= HttpStatusCode.InternalServerError)
        {
            throw new UnreachableFailure($"{What(issuer)} is out of order ({(int)answer.Status}); try again later");
        }

        var metadata = answer.Status is HttpStatusCode.OK ? answer.Read(ProviderJson.Default.ProviderMetadata) : null;
        return metadata is null ? throw new CommandFailure($"{What(issuer)} does not say where to sign in (.well-known/openid-configuration: {(int)answer.Status})")
            : !string.Equals(metadata.Issuer, issuer, StringComparison.Ordinal) ? throw new CommandFailure($"{What(issuer)} calls itself '{Printable.Of(metadata.Issuer)}'; the gateway's operator has to write the issuer as the provider does")
            : new ProviderClient(issuer, clientId, clientSecret, metadata, http, time);
    }

    /// <summary>An endpoint that is no less safe than the issuer.</summary>
    /// <param name="text">The provider's word for it; null for none.</param>
    public Uri? Endpoint(string? text) => text is not null && IsSafe(_issuer, text) ? new Uri(text) : null;

    /// <summary>Tokens for a code.</summary>
    public async Task<ProviderTokens> RedeemAsync(string code, string verifier, Uri redirect, string nonce, CancellationToken cancellationToken)
    {
        var answer = await AskForTokensAsync(
            new(StringComparer.Ordinal) { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = redirect.OriginalString, ["code_verifier"] = verifier }, cancellationToken);
        return answer.Error is { } error ? throw new CommandFailure($"Signing in failed: {error.Explain(_issuer)}") : Check(answer.Response!, nonce);
    }

    /// <summary>Tokens for a refresh token; the provider's error when it gives none for it.</summary>
    /// <param name="session">The session, with the refresh token.</param>
    /// <param name="keep">Takes the next refresh token, before anything else can go wrong: the old one is spent.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ProviderAnswer> RefreshAsync(Session session, Action<string> keep, CancellationToken cancellationToken)
    {
        var answer = await AskForTokensAsync(new(StringComparer.Ordinal) { ["grant_type"] = "refresh_token", ["refresh_token"] = session.RefreshToken! }, cancellationToken);
        if (answer.Error is not null)
        {
            return new ProviderAnswer(null, answer.Error);
        }

        if (answer.Response!.RefreshToken is { } next)
        {
            keep(next);
        }

        var tokens = Check(answer.Response!, nonce: null);
        // OpenID Connect Core 1.0 12.2: the same person.
        return string.Equals(tokens.Subject, session.Subject, StringComparison.Ordinal) ? new ProviderAnswer(tokens, null)
            : new ProviderAnswer(null, new ProviderError("other_subject", "the token was renewed for somebody else"));
    }

    /// <summary>Asks whether somebody has agreed on another device (RFC 8628 3.4).</summary>
    public async Task<ProviderAnswer> AskForDeviceAsync(string deviceCode, CancellationToken cancellationToken)
    {
        var answer = await AskForTokensAsync(new(StringComparer.Ordinal) { ["grant_type"] = "urn:ietf:params:oauth:grant-type:device_code", ["device_code"] = deviceCode }, cancellationToken);
        return answer.Error is { } error ? new ProviderAnswer(null, error) : new ProviderAnswer(Check(answer.Response!, nonce: null), null);
    }

    /// <summary>Begins a login on another device (RFC 8628 3.1).</summary>
    public async Task<DeviceResponse> BeginDeviceAsync(Uri endpoint, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        var answer = await PostAsync(endpoint, new(StringComparer.Ordinal) { ["scope"] = string.Join(' ', scopes) }, cancellationToken);
        return answer.Status is HttpStatusCode.OK && answer.Read(ProviderJson.Default.DeviceResponse) is { DeviceCode: not null, UserCode: not null, VerificationUri: not null } device
            ? device
            : throw new CommandFailure($"Signing in with a code failed: {(answer.Read(ProviderJson.Default.ProviderError) ?? new ProviderError($"{(int)answer.Status}", null)).Explain(_issuer)}");
    }

    /// <summary>Takes a refresh token back (RFC 7009).</summary>
    /// <returns>Whether the provider did so.</returns>
    public async Task<bool> RevokeAsync(string refreshToken, CancellationToken cancellationToken) =>
        Endpoint(Metadata.RevocationEndpoint) is { } endpoint
        && (await PostAsync(endpoint, new(StringComparer.Ordinal) { ["token"] = refreshToken, ["token_type_hint"] = "refresh_token" }, cancellationToken)).Status is HttpStatusCode.OK;

    private static bool IsSafe(string issuer, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Fragment.Length == 0 && url.UserInfo.Length == 0
        && (url.Scheme is "https" || (url.Scheme is "http" && url.IsLoopback && issuer.StartsWith("http:", StringComparison.Ordinal)));

    private async Task<(TokenResponse? Response, ProviderError? Error)> AskForTokensAsync(Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        var endpoint = Endpoint(Metadata.TokenEndpoint) ?? throw new CommandFailure($"{What(_issuer)} names no token endpoint that can be used");
        var answer = await PostAsync(endpoint, form, cancellationToken);
        return answer.Status is HttpStatusCode.OK && answer.Read(ProviderJson.Default.TokenResponse) is { } response ? (response, null)
            : answer.Read(ProviderJson.Default.ProviderError) is { Error: not null and not ("temporarily_unavailable" or "server_error") } error && answer.Status < HttpStatusCode.InternalServerError ? (null, error)
            : throw new UnreachableFailure($"{What(_issuer)} is out of order ({(int)answer.Status}); try again later");
    }

    private Task<HttpAnswer> PostAsync(Uri endpoint, Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        form["client_id"] = _clientId;
        if (_clientSecret is not null)
        {
            form["client_secret"] = _clientSecret;
        }

        var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new FormUrlEncodedContent(form) };
        return _http.SendAsync(request, What(_issuer), cancellationToken);
    }

    private ProviderTokens Check(TokenResponse response, string? nonce)
    {
        var now = _time.GetUtcNow();
        if (response.IdToken is null)
        {
            throw new CommandFailure($"{What(_issuer)} gave no ID token; is the scope openid allowed for the client {Printable.Of(_clientId)}?");
        }

        var problem = IdToken.Read(response.IdToken) is not { } token ? "it is none"
            : !string.Equals(token.Issuer, _issuer, StringComparison.Ordinal) ? "it is of another issuer"
            : !token.Audiences.Contains(_clientId, StringComparer.Ordinal) ? "it is for another client"
            : nonce is not null && !string.Equals(token.Nonce, nonce, StringComparison.Ordinal) ? "it answers another login"
            : token.Subject is null || token.ExpiresAt is null ? "it does not say whose it is, or until when it is good"
            : token.ExpiresAt <= now ? $"it has expired already ({token.ExpiresAt:u}); this machine's clock says {now:u}, is that right?"
            : null;
        if (problem is not null)
        {
            throw new CommandFailure($"The ID token of {Printable.Of(_issuer)} cannot be used: {problem}");
        }

        var read = IdToken.Read(response.IdToken)!;
        // By a clock that is behind, a token would seem to be good for longer than it is.
        var behind = read.IssuedAt - now;
        return new ProviderTokens
        {
            IdToken = response.IdToken, Subject = read.Subject!, RefreshToken = response.RefreshToken,
            ExpiresAt = behind > TimeSpan.Zero ? read.ExpiresAt!.Value - behind.Value : read.ExpiresAt!.Value,
        };
    }
}
