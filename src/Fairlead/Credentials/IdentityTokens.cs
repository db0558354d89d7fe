using System.Security.Cryptography;
using System.Text.Json;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Fairlead.Credentials;

/// <summary>
/// Signs who is calling for one Service: a JWT (RFC 7519) that lives for seconds, is good for that Service alone and useless at an API
/// server (contract <c>headlamp.md</c> F24). The key comes from <c>sessions.secret</c>, the same on every replica (<see cref="SigningKey"/>); its public half is published.
/// </summary>
/// <param name="options">The configuration: the issuer is <c>publicUrl</c>.</param>
/// <param name="time">The clock.</param>
/// <param name="state">What is in force; null for <paramref name="options"/>.</param>
internal sealed class IdentityTokens(GatewayOptions options, TimeProvider time, GatewayState? state = null) : IDisposable
{
    /// <summary>Where the public key is published, below the base URL (RFC 7517 5).</summary>
    public const string KeysPath = "/.well-known/jwks.json";

    private const int Capacity = 4096;
    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _reuse = TimeSpan.FromSeconds(20);

    // The first one signs; all are published.
    private readonly ECDsa[] _keys = SigningKey.Of(options.Sessions);
    private readonly JsonWebTokenHandler _writer = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly ExpiringCache<(string Issuer, string Subject, string Groups, string Kind, string Audience), Secret> _tokens = new(Capacity, time);
    private Signing? _signing;

    /// <summary>The public keys as a JSON Web Key Set.</summary>
    public byte[] Keys => Sign.Published;

    private Signing Sign => LazyInitializer.EnsureInitialized(ref _signing, () => Signing.From(_keys));

    private string Issuer => (state?.Current.Options ?? options).PublicUrl is { } url ? url.GetLeftPart(UriPartial.Authority) + options.BaseUrl : "fairlead";

    /// <summary>The token for a caller and a Service; the same one for a while, since signing costs more than the rest of a request.</summary>
    /// <param name="subject">The caller's name.</param>
    /// <param name="groups">The caller's groups.</param>
    /// <param name="kind">Who vouches for the name: <c>portal</c>, or <c>cluster</c> for a user of the cluster in the audience.</param>
    /// <param name="audience"><c>{cluster}/{namespace}/{service}</c>.</param>
    public ValueTask<Secret> GetAsync(string subject, IReadOnlyList<string> groups, string kind, string audience) => _tokens.GetAsync(
        // No group holds a line feed: API servers and configurations refuse it.
        (Issuer, subject, string.Join('\n', groups), kind, audience),
        () => Task.FromResult(Create(subject, groups, kind, audience)),
        static _ => _reuse,
        CancellationToken.None);

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_keys, static key => key.Dispose());

    private Secret Create(string subject, IReadOnlyList<string> groups, string kind, string audience)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return new Secret(_writer.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + _lifetime,
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [JwtRegisteredClaimNames.Sub] = subject,
                ["groups"] = groups.ToArray(),
                ["fairlead.dev/caller"] = kind,
                [JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N"),
            },
            SigningCredentials = Sign.Credentials,
        }));
    }

    private sealed record Signing(SigningCredentials Credentials, byte[] Published)
    {
        public static Signing From(ECDsa[] keys)
        {
            using var buffer = new MemoryStream();
            SigningCredentials? first = null;
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteStartArray("keys");
                foreach (var key in keys)
                {
                    var thumbprint = Write(json, key.ExportParameters(includePrivateParameters: false));
                    first ??= new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = thumbprint }, SecurityAlgorithms.EcdsaSha256);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            return new Signing(first!, buffer.ToArray());
        }

        private static string Write(Utf8JsonWriter json, ECParameters key)
        {
            var (x, y) = (Base64UrlEncoder.Encode(key.Q.X), Base64UrlEncoder.Encode(key.Q.Y));
            // RFC 7638: the members in this order, without blanks.
            var thumbprint = Base64UrlEncoder.Encode(SHA256.HashData(
                System.Text.Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")));
            json.WriteStartObject();
            foreach (var (name, value) in new[] { ("kty", "EC"), ("use", "sig"), ("alg", "ES256"), ("crv", "P-256"), ("kid", thumbprint), ("x", x), ("y", y) })
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            return thumbprint;
        }
    }
}
