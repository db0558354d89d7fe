using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Fairlead.Testing.Issuers;

/// <summary>A signing key of a test issuer. It signs whatever it is asked to, forgeries included.</summary>
internal sealed class IssuerKey
{
    private readonly RSA? _rsa;
    private readonly ECDsa? _ec;

    private IssuerKey(string id, RSA? rsa, ECDsa? ec) => (Id, _rsa, _ec) = (id, rsa, ec);

    /// <summary><c>kid</c>.</summary>
    public string Id { get; }

    /// <summary>The algorithm that it signs with.</summary>
    public string Algorithm => _rsa is null ? "ES256" : "RS256";

    /// <summary>The public key as PEM, which attackers know.</summary>
    public string PublicPem => _rsa?.ExportSubjectPublicKeyInfoPem() ?? _ec!.ExportSubjectPublicKeyInfoPem();

    /// <summary>An RSA key.</summary>
    public static IssuerKey Rsa(string id, int bits = 2048) => new(id, RSA.Create(bits), null);

    /// <summary>A key on P-256.</summary>
    public static IssuerKey Ec(string id) => new(id, null, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>The entry of a JWK set.</summary>
    public JsonObject ToJwk()
    {
        if (_rsa is not null)
        {
            var key = _rsa.ExportParameters(false);
            return new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = Id, ["alg"] = "RS256", ["n"] = Base64Url.EncodeToString(key.Modulus), ["e"] = Base64Url.EncodeToString(key.Exponent) };
        }

        var point = _ec!.ExportParameters(false).Q;
        return new JsonObject { ["kty"] = "EC", ["use"] = "sig", ["kid"] = Id, ["crv"] = "P-256", ["alg"] = "ES256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
    }

    /// <summary>A JWS in compact form.</summary>
    /// <param name="claims">The payload.</param>
    /// <param name="header">Header members beside or instead of <c>alg</c>, <c>typ</c> and <c>kid</c>; null takes one away.</param>
    public string Sign(JsonObject claims, params (string Name, JsonNode? Value)[] header)
    {
        var all = new JsonObject { ["alg"] = Algorithm, ["typ"] = "JWT", ["kid"] = Id };
        foreach (var (name, value) in header)
        {
            all.Remove(name);
            if (value is not null)
            {
                all[name] = value.DeepClone();
            }
        }

        var signed = $"{Encode(all.ToJsonString())}.{Encode(claims.ToJsonString())}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = all["alg"]?.GetValue<string>() switch
        {
            "none" => [],
            // The classic confusion: the public key as a shared secret.
            "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(PublicPem), bytes),
            _ => SignBytes(bytes),
        };
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The signature of <paramref name="bytes"/>.</summary>
    public byte[] SignBytes(byte[] bytes) => _rsa?.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) ?? _ec!.SignData(bytes, HashAlgorithmName.SHA256);

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
