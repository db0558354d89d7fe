using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Sessions;

/// <summary>
/// Encrypts what is stored outside of this process. Each value has a key of its own, derived (HKDF-SHA256) from the configured secret and from
/// the key that only the browser holds: the store's content and the configuration together open nothing. Names are hashed under the
/// configured secret, so that the store's content alone does not even tell who is signed in.
/// </summary>
internal sealed class SessionCipher
{
    /// <summary>The least length of the configured secret.</summary>
    public const int MinimumSecretLength = 32;

    private const byte Format = 1;
    private const int KeySize = 32;
    private static readonly int _nonceSize = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int _tagSize = AesGcm.TagByteSizes.MaxSize;

    // The first one writes; all of them read.
    private readonly byte[][] _values;
    private readonly byte[][] _names;

    /// <summary>Derives the keys.</summary>
    /// <param name="secret">The configured secret.</param>
    /// <param name="previous">Another one, which others may encrypt with; null for none.</param>
    /// <exception cref="ArgumentException">The secret is too short.</exception>
    public SessionCipher(Secret secret, Secret? previous = null)
    {
        if (Encoding.UTF8.GetByteCount(secret.Reveal()) < MinimumSecretLength)
        {
            throw new ArgumentException($"The secret of the session store needs {MinimumSecretLength} characters at least.", nameof(secret));
        }

        Secret[] secrets = previous is null ? [secret] : [secret, previous];
        _values = [.. secrets.Select(static one => Derive(one, "values"u8))];
        _names = [.. secrets.Select(static one => Derive(one, "names"u8))];
    }

    /// <summary>Encrypts a value.</summary>
    /// <param name="key">The key of what it belongs to.</param>
    /// <param name="purpose">What it is. A value opens for its own purpose and version only.</param>
    /// <param name="version">Its version.</param>
    /// <param name="value">The value.</param>
    public byte[] Seal(OpaqueKey key, string purpose, long version, ReadOnlySpan<byte> value)
    {
        var result = new byte[1 + _nonceSize + value.Length + _tagSize];
        result[0] = Format;
        var nonce = result.AsSpan(1, _nonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = CipherOf(key, _values[0]);
        cipher.Encrypt(nonce, value, result.AsSpan(1 + _nonceSize, value.Length), result.AsSpan(1 + _nonceSize + value.Length), About(purpose, version));
        return result;
    }

    /// <summary>Decrypts a value; null for one that is not what <see cref="Seal"/> made for the same key, purpose and version.</summary>
    public byte[]? Open(OpaqueKey key, string purpose, long version, ReadOnlySpan<byte> stored)
    {
        var length = stored.Length - 1 - _nonceSize - _tagSize;
        if (length < 0 || stored[0] != Format)
        {
            return null;
        }

        var value = new byte[length];
        foreach (var values in _values)
        {
            using var cipher = CipherOf(key, values);
            try
            {
                cipher.Decrypt(stored.Slice(1, _nonceSize), stored.Slice(1 + _nonceSize, length), stored[(1 + _nonceSize + length)..], value, About(purpose, version));
                return value;
            }
            catch (AuthenticationTagMismatchException)
            {
                // Not under this secret.
            }
        }

        return null;
    }

    /// <summary>A name that stands for these words and tells nothing of them.</summary>
    public string NameOf(params ReadOnlySpan<string> words) => NameUnder(_names[0], words);

    /// <summary>The names that these words may have, the first one under the secret that writes.</summary>
    public string[] NamesOf(params string[] words) => [.. _names.Select(names => NameUnder(names, words))];

    private static string NameUnder(byte[] names, ReadOnlySpan<string> words)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, names);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var word in words)
        {
            // With the lengths, no two lists of words are the same bytes.
            var bytes = Encoding.UTF8.GetBytes(word);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return Base64Url.EncodeToString(hash.GetHashAndReset());
    }

    private static byte[] About(string purpose, long version)
    {
        var about = new byte[1 + sizeof(long) + Encoding.UTF8.GetByteCount(purpose)];
        about[0] = Format;
        BinaryPrimitives.WriteInt64BigEndian(about.AsSpan(1), version);
        Encoding.UTF8.GetBytes(purpose, about.AsSpan(1 + sizeof(long)));
        return about;
    }

    private static byte[] Derive(Secret secret, ReadOnlySpan<byte> kind)
    {
        var bytes = Encoding.UTF8.GetBytes(secret.Reveal());
        var derived = new byte[KeySize];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, bytes, derived, "fairlead/session-store/1"u8, kind);
        CryptographicOperations.ZeroMemory(bytes);
        return derived;
    }

    private static AesGcm CipherOf(OpaqueKey key, byte[] values)
    {
        Span<byte> derived = stackalloc byte[KeySize];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key.Bytes, derived, values, "fairlead/session-store/1/value"u8);
        var cipher = new AesGcm(derived, _tagSize);
        CryptographicOperations.ZeroMemory(derived);
        return cipher;
    }
}
