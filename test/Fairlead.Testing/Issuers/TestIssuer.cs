using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fairlead.Testing.Issuers;

/// <summary>
/// An identity provider on a real socket that keeps the rules (PKCE, codes that work once, refresh tokens that rotate and whose reuse ends the whole family),
/// counts what it is asked, and can be paused, made to fail, or stopped.
/// </summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    /// <summary>The client that it knows.</summary>
    public const string ClientId = "fairlead";

    /// <summary>The client's secret, with characters that have to be form-encoded.</summary>
    public const string ClientSecret = "client:secret+/%";

    private readonly ConcurrentDictionary<string, Grant> _codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Family> _refreshTokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private WebApplication? _server;
    private int _port;

    private TestIssuer()
    {
    }

    /// <summary><c>iss</c>.</summary>
    public string Issuer => $"http://127.0.0.1:{_port}";

    /// <summary>The keys that it publishes; the first one signs.</summary>
    public List<IssuerKey> Keys { get; } = [IssuerKey.Rsa("one")];

    /// <summary>More claims of ID tokens.</summary>
    public JsonObject Claims { get; set; } = new() { ["email"] = "jane@example.com", ["email_verified"] = true, ["preferred_username"] = "jane", ["groups"] = new JsonArray("devs", "ops") };

    /// <summary><c>aud</c> of ID tokens.</summary>
    public string Audience { get; set; } = ClientId;

    /// <summary>How long tokens are good for.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether a refresh brings a new ID token.</summary>
    public bool RenewsIdTokens { get; set; } = true;

    /// <summary>Whether there are refresh tokens.</summary>
    public bool GivesRefreshTokens { get; set; } = true;

    /// <summary>Token requests wait here; null for no gate.</summary>
    public Gate? TokenGate { get; set; }

    /// <summary>What every request is answered with instead; null for the truth.</summary>
    public int? Fails { get; set; }

    /// <summary>What the JWK set is instead; null for the truth.</summary>
    public string? KeySetInstead { get; set; }

    /// <summary>Changes the discovery document.</summary>
    public Action<JsonObject>? Discovery { get; set; }

    /// <summary>The refresh tokens of families that were ended by a reuse.</summary>
    public int Revoked { get; private set; }

    /// <summary>Starts one.</summary>
    public static async Task<TestIssuer> StartAsync()
    {
        var issuer = new TestIssuer();
        await issuer.ListenAsync();
        return issuer;
    }

    /// <summary>How often a path was asked for; for the token endpoint with the grant, as <c>/token refresh_token</c>.</summary>
    public int Calls(string path) => _calls.GetValueOrDefault(path);

    /// <summary>Listens again, on the port that it had.</summary>
    public async Task ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port));
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync();
        _port = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    /// <summary>Stops listening.</summary>
    public async Task StopAsync()
    {
        await _server!.StopAsync(new CancellationToken(canceled: true));
        await _server.DisposeAsync();
    }

    /// <summary>Claims of a token for <see cref="ClientId"/> that is good now.</summary>
    public JsonObject TokenClaims(string subject = "7", string audience = ClientId)
    {
        var now = DateTimeOffset.UtcNow;
        var claims = Claims.DeepClone().AsObject();
        claims["iss"] = Issuer;
        claims["sub"] = subject;
        claims["aud"] = audience;
        claims["iat"] = now.ToUnixTimeSeconds();
        claims["exp"] = (now + Lifetime).ToUnixTimeSeconds();
        return claims;
    }

    /// <summary>A token, with claims changed; null takes one away.</summary>
    public string Token(params (string Name, JsonNode? Value)[] changes)
    {
        var claims = TokenClaims();
        foreach (var (name, value) in changes)
        {
            claims.Remove(name);
            if (value is not null)
            {
                claims[name] = value.DeepClone();
            }
        }

        return Keys[0].Sign(claims);
    }

    /// <summary>Signs somebody in: where the browser is sent with a code, given where the gateway sent it.</summary>
    /// <param name="authorizationUrl">The authorization request.</param>
    /// <param name="subject">Who.</param>
    /// <param name="session"><c>sid</c>.</param>
    public string SignIn(string authorizationUrl, string subject = "7", string session = "sid-1")
    {
        var query = System.Web.HttpUtility.ParseQueryString(new Uri(authorizationUrl).Query);
        var code = Random();
        _codes[code] = new Grant(query["redirect_uri"]!, query["nonce"]!, query["code_challenge"]!, new Family(subject, session));
        return $"{query["redirect_uri"]}?code={code}&state={query["state"]}&iss={Uri.EscapeDataString(Issuer)}";
    }

    /// <summary>A logout token, with claims changed.</summary>
    public string LogoutToken(IssuerKey? key = null, (string Name, JsonNode? Value)[]? header = null, params (string Name, JsonNode? Value)[] changes)
    {
        var claims = new JsonObject
        {
            ["iss"] = Issuer, ["aud"] = ClientId, ["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(), ["exp"] = DateTimeOffset.UtcNow.AddMinutes(2).ToUnixTimeSeconds(), ["jti"] = Random(),
            ["sub"] = "7", ["sid"] = "sid-1", ["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() },
        };
        foreach (var (name, value) in changes)
        {
            claims.Remove(name);
            if (value is not null)
            {
                claims[name] = value.DeepClone();
            }
        }

        return (key ?? Keys[0]).Sign(claims, header ?? [("typ", "logout+jwt")]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Every token that was given, by its kind and number.</summary>
    public ConcurrentQueue<(string Name, string Token)> Given { get; } = new();

    /// <summary>The credentials and forms that clients have sent.</summary>
    public ConcurrentQueue<string> Received { get; } = new();

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private async Task AnswerAsync(HttpContext http)
    {
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync() : null;
        _calls.AddOrUpdate(form is null ? http.Request.Path.Value! : $"{http.Request.Path} {form["grant_type"]}", 1, static (_, count) => count + 1);
        Received.Enqueue(string.Join('\n', [http.Request.Headers.Authorization.ToString(), .. (form ?? FormCollection.Empty).Select(static field => $"{field.Key}={field.Value}")]));
        if (Fails is { } status)
        {
            http.Response.StatusCode = status;
            return;
        }

        switch (http.Request.Path.Value)
        {
            case "/.well-known/openid-configuration":
                var document = new JsonObject
                {
                    ["issuer"] = Issuer, ["authorization_endpoint"] = Issuer + "/authorize", ["token_endpoint"] = Issuer + "/token", ["jwks_uri"] = Issuer + "/jwks",
                    ["end_session_endpoint"] = Issuer + "/end", ["authorization_response_iss_parameter_supported"] = true,
                    ["token_endpoint_auth_methods_supported"] = new JsonArray("client_secret_basic"),
                };
                Discovery?.Invoke(document);
                await WriteAsync(http, document.ToJsonString());
                break;

            case "/jwks":
                await WriteAsync(http, KeySetInstead ?? new JsonObject { ["keys"] = new JsonArray([.. Keys.Select(static key => key.ToJwk())]) }.ToJsonString());
                break;

            case "/token":
                if (TokenGate is { } gate)
                {
                    await gate.WaitAsync();
                }

                var answer = Give(http, form!);
                http.Response.StatusCode = answer.ContainsKey("error") ? 400 : 200;
                await WriteAsync(http, answer.ToJsonString());
                break;

            default:
                http.Response.StatusCode = 404;
                break;
        }
    }

    private JsonObject Give(HttpContext http, IFormCollection form)
    {
        var expected = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{ClientId}:{Uri.EscapeDataString(ClientSecret)}"));
        if (!string.Equals(http.Request.Headers.Authorization, $"Basic {expected}", StringComparison.Ordinal))
        {
            return Error("invalid_client");
        }

        if (string.Equals(form["grant_type"], "authorization_code", StringComparison.Ordinal))
        {
            return _codes.TryRemove(form["code"].ToString(), out var grant) && string.Equals(grant.RedirectUri, form["redirect_uri"], StringComparison.Ordinal)
                && string.Equals(grant.Challenge, System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))), StringComparison.Ordinal)
                    ? Tokens(grant.Family, grant.Nonce)
                    : Error("invalid_grant");
        }

        if (!_refreshTokens.TryGetValue(form["refresh_token"].ToString(), out var family))
        {
            return Error("invalid_grant");
        }

        lock (family)
        {
            if (family.IsRevoked || !string.Equals(family.Current, form["refresh_token"], StringComparison.Ordinal))
            {
                // Somebody has an old one: a thief, or a client that refreshes twice.
                family.IsRevoked = true;
                Revoked++;
                return Error("invalid_grant");
            }

            return Tokens(family, null);
        }
    }

    /// <summary>Ends all refresh tokens of a person.</summary>
    public void Forget(string subject)
    {
        foreach (var family in _refreshTokens.Values.Where(family => string.Equals(family.Subject, subject, StringComparison.Ordinal)))
        {
            family.IsRevoked = true;
        }
    }

    private JsonObject Tokens(Family family, string? nonce)
    {
        var answer = new JsonObject { ["access_token"] = "access-" + Random(), ["token_type"] = "Bearer", ["expires_in"] = (int)Lifetime.TotalSeconds };
        if (nonce is not null || RenewsIdTokens)
        {
            var claims = TokenClaims(family.Subject, Audience);
            claims["sid"] = family.Session;
            claims["jti"] = Random();
            if (nonce is not null)
            {
                claims["nonce"] = nonce;
            }

            answer["id_token"] = Keys[0].Sign(claims);
        }

        if (GivesRefreshTokens)
        {
            var token = "refresh-" + Random();
            family.Current = token;
            _refreshTokens[token] = family;
            answer["refresh_token"] = token;
        }

        foreach (var kind in (string[])["access_token", "id_token", "refresh_token"])
        {
            if (answer[kind] is { } given)
            {
                Given.Enqueue(($"{kind} {Given.Count(one => one.Name.StartsWith(kind, StringComparison.Ordinal))}", given.GetValue<string>()));
            }
        }

        return answer;
    }

    private static JsonObject Error(string code) => new() { ["error"] = code };

    private static Task WriteAsync(HttpContext http, string json)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json);
    }

    private sealed record Grant(string RedirectUri, string Nonce, string Challenge, Family Family);

    private sealed class Family(string subject, string session)
    {
        public string Subject => subject;

        public string Session => session;

        public string? Current { get; set; }

        public bool IsRevoked { get; set; }
    }
}
