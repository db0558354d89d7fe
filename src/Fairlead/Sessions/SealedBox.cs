using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Fairlead.Configuration;

namespace Fairlead.Sessions;

/// <summary>
/// Encrypts what a browser keeps for the gateway and must not be able to read, change, or use elsewhere. Nothing is kept here, so that nobody
/// can fill a memory with it. The key comes from the configured secret, the same on every replica; without one it is random and ends
/// with the process.
/// </summary>
internal sealed class SealedBox
{
    private const byte Format = 1;
    private const int KeySize = 32;
    private static readonly int _nonceSize = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int _tagSize = AesGcm.TagByteSizes.MaxSize;

    // The first one seals; all of them open.
    private readonly byte[][] _keys;

    /// <summary>Derives the key.</summary>
    /// <param name="options">The configuration of sessions.</param>
    public SealedBox(BrowserSessionOptions options)
    {
        byte[][] secrets = options switch
        {
            { EncryptionSecret: { } current, PreviousSecret: { } previous } => [Encoding.UTF8.GetBytes(current.Reveal()), Encoding.UTF8.GetBytes(previous.Reveal())],
            { EncryptionSecret: { } current } => [Encoding.UTF8.GetBytes(current.Reveal())],
            _ => [RandomNumberGenerator.GetBytes(KeySize)],
        };
        _keys = [.. secrets.Select(static secret => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, KeySize, "fairlead/sealed/1"u8.ToArray(), "browser"u8.ToArray()))];
        Array.ForEach(secrets, static secret => CryptographicOperations.ZeroMemory(secret));
    }

    /// <summary>Encrypts a value, as base64url.</summary>
    /// <param name="purpose">What it is and whom it belongs to: it opens for exactly that.</param>
    /// <param name="value">The value.</param>
    public string Seal(string purpose, ReadOnlySpan<byte> value)
    {
        var result = new byte[1 + _nonceSize + value.Length + _tagSize];
        result[0] = Format;
        var nonce = result.AsSpan(1, _nonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_keys[0], _tagSize);
        cipher.Encrypt(nonce, value, result.AsSpan(1 + _nonceSize, value.Length), result.AsSpan(1 + _nonceSize + value.Length), Encoding.UTF8.GetBytes(purpose));
        return Base64Url.EncodeToString(result);
    }

    /// <summary>Decrypts a value; null for what <see cref="Seal"/> did not make for that purpose under this key.</summary>
    public byte[]? Open(string purpose, ReadOnlySpan<char> text)
    {
        if (!Base64Url.IsValid(text))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(text);
        var length = bytes.Length - 1 - _nonceSize - _tagSize;
        if (length < 0 || bytes[0] != Format)
        {
            return null;
        }

        var value = new byte[length];
        foreach (var key in _keys)
        {
            using var cipher = new AesGcm(key, _tagSize);
            try
            {
                cipher.Decrypt(bytes.AsSpan(1, _nonceSize), bytes.AsSpan(1 + _nonceSize, length), bytes.AsSpan(1 + _nonceSize + length), value, Encoding.UTF8.GetBytes(purpose));
                return value;
            }
            catch (AuthenticationTagMismatchException)
            {
                // Not under this secret.
            }
        }

        return null;
    }
}
