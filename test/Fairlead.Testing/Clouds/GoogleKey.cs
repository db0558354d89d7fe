using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Fairlead.Testing.Clouds;

/// <summary>A Google service account with its JSON key, as the console gives it out.</summary>
public sealed class GoogleKey
{
    /// <summary>The account.</summary>
    public const string Email = "portal@project.iam.gserviceaccount.com";

    private readonly RSA _key = RSA.Create(2048);

    /// <summary>Makes an account whose tokens are issued at <paramref name="tokenUri"/>.</summary>
    public GoogleKey(string tokenUri = "https://oauth2.googleapis.com/token")
    {
        PrivatePem = _key.ExportPkcs8PrivateKeyPem();
        Json = new JsonObject
        {
            ["type"] = "service_account", ["project_id"] = "project", ["private_key_id"] = "key-1", ["private_key"] = PrivatePem, ["client_email"] = Email, ["client_id"] = "1", ["token_uri"] = tokenUri,
        }.ToJsonString();
    }

    /// <summary>The private key.</summary>
    public string PrivatePem { get; }

    /// <summary>The JSON key.</summary>
    public string Json { get; }

    /// <summary>Whether a signature by RS256 is the account's.</summary>
    public bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => _key.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
}
