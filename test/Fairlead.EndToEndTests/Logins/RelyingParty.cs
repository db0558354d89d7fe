using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>
/// A client of a provider that has nothing to do with the gateway: it shows that a provider works as it should, and gets tokens for tests that need
/// no gateway for that. The code flow with PKCE (RFC 6749, section 4.1; RFC 7636).
/// </summary>
internal sealed class RelyingParty : IDisposable
{
    /// <summary>Where codes are sent; nobody listens there.</summary>
    public const string RedirectUri = "https://client.test/callback";

    private readonly ProviderClient _client;
    private readonly IIdentityProvider _provider;
    private readonly HttpClient _http;
    private readonly string _verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
    private readonly JsonElement _discovered;

    private RelyingParty(IIdentityProvider provider, ProviderClient client, HttpClient http, JsonElement discovered)
    {
        _provider = provider;
        _client = client;
        _http = http;
        _discovered = discovered;
    }

    /// <summary>Registers a client of this id and finds the provider's addresses (OpenID Connect Discovery 1.0, section 4).</summary>
    public static async Task<RelyingParty> RegisterAsync(IIdentityProvider provider, string id = "relying-party", string? backchannelLogoutUri = null)
    {
        var client = new ProviderClient(id, RedirectUri)
        {
            PostLogoutRedirectUris = [RedirectUri],
            // A provider says which session it is only to clients that it tells of logouts.
            BackchannelLogoutUri = backchannelLogoutUri ?? "https://client.test/back-channel",
        };
        await provider.AddClientAsync(client);
        var handler = new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = BrowserlessLogin.Trust(X509Certificate2.CreateFromPem(provider.AuthorityPem)) },
        };
        var http = new HttpClient(handler);
        var discovered = await http.GetFromJsonAsync<JsonElement>(new Uri($"{provider.Issuer.TrimEnd('/')}/.well-known/openid-configuration"));
        return new(provider, client, http, discovered);
    }

    /// <summary>An endpoint by its name in the provider's metadata.</summary>
    public Uri Endpoint(string name) => new(_discovered.GetProperty(name).GetString()!);

    /// <summary>A request for a code that may be renewed: with consent, as OpenID Connect Core 1.0, section 11, asks.</summary>
    public Uri AuthorizationUrl() => new(QueryHelpers.AddQueryString(
        Endpoint("authorization_endpoint").AbsoluteUri,
        new Dictionary<string, string?>
        {
            ["client_id"] = _client.Id,
            ["response_type"] = "code",
            ["redirect_uri"] = RedirectUri,
            ["scope"] = "openid profile email groups offline_access",
            ["prompt"] = "consent",
            ["state"] = "state",
            ["nonce"] = "nonce",
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(_verifier))),
            ["code_challenge_method"] = "S256",
        }));

    /// <summary>Where somebody signs out, and comes back from (OpenID Connect RP-Initiated Logout 1.0, section 2).</summary>
    public Uri EndSessionUrl(string idToken) => new(QueryHelpers.AddQueryString(
        Endpoint("end_session_endpoint").AbsoluteUri,
        new Dictionary<string, string?> { ["id_token_hint"] = idToken, ["post_logout_redirect_uri"] = RedirectUri, ["state"] = "left" }));

    /// <summary>The whole login of somebody without a browser.</summary>
    public async Task<TokenAnswer> LogInAsync(string account)
    {
        using var person = new BrowserlessLogin(_provider);
        var landing = await person.GoAsync(AuthorizationUrl(), account, IsRedirectUri);
        return await RedeemAsync(landing.Query("code") ?? throw new InvalidOperationException($"There is no code in {landing.Url}."));
    }

    /// <summary>Whether a URL is the redirect URI, whatever its query.</summary>
    public static bool IsRedirectUri(Uri url) => string.Equals(url.GetLeftPart(UriPartial.Path), RedirectUri, StringComparison.Ordinal);

    /// <summary>Tokens for a code.</summary>
    public Task<TokenAnswer> RedeemAsync(string code) => AskAsync(
        new() { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = RedirectUri, ["code_verifier"] = _verifier });

    /// <summary>Tokens for a refresh token.</summary>
    public Task<TokenAnswer> RefreshAsync(string? refreshToken) =>
        AskAsync(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken ?? "" });

    /// <summary>The ids of the provider's keys.</summary>
    public async Task<IReadOnlyList<string?>> KeysAsync() =>
        [.. (await _http.GetFromJsonAsync<JsonElement>(Endpoint("jwks_uri"))).GetProperty("keys").EnumerateArray().Select(static key => key.GetProperty("kid").GetString())];

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<TokenAnswer> AskAsync(Dictionary<string, string> form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Endpoint("token_endpoint")) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{_client.Id}:{_client.Secret}")));
        using var response = await _http.SendAsync(request);
        return new(response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}

/// <summary>What the token endpoint answered.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body.</param>
internal sealed record TokenAnswer(HttpStatusCode Status, JsonElement Body)
{
    /// <summary><c>id_token</c>.</summary>
    public string? IdToken => Text("id_token");

    /// <summary><c>access_token</c>.</summary>
    public string? AccessToken => Text("access_token");

    /// <summary><c>refresh_token</c>.</summary>
    public string? RefreshToken => Text("refresh_token");

    /// <summary><c>error</c>.</summary>
    public string? Error => Text("error");

    /// <summary>The header of the ID token.</summary>
    public JsonElement Header => Decode(IdToken!, 0);

    /// <summary>The claims of the ID token; its signature is not looked at.</summary>
    public JsonElement Claims => Decode(IdToken!, 1);

    /// <summary>A part of a signed token (RFC 7515, section 3.1), whose signature is not looked at: 0 for the header, 1 for the claims.</summary>
    public static JsonElement Decode(string token, int part) => JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(token.Split('.')[part]));

    private string? Text(string name) => Body.TryGetProperty(name, out var value) ? value.GetString() : null;
}
