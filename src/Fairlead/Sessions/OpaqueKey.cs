using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Fairlead.Callers;

namespace Fairlead.Sessions;

/// <summary>256 random bits that open what a store keeps, and that no store keeps: it knows their SHA-256.</summary>
[DebuggerDisplay("[secret]")]
internal sealed class OpaqueKey
{
    /// <summary>The length of its text: base64url without padding.</summary>
    public const int TextLength = 43;

    private const int Size = 32;

    private readonly byte[] _bytes;

    private OpaqueKey(byte[] bytes)
    {
        _bytes = bytes;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        Hash = TokenHash.FromHash(hash);
        HashText = Base64Url.EncodeToString(hash);
    }

    /// <summary>The hash, to look it up by.</summary>
    public TokenHash Hash { get; }

    /// <summary>The hash as base64url.</summary>
    public string HashText { get; }

    /// <summary>The bits themselves, to derive keys from.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Makes a new one.</summary>
    public static OpaqueKey Create() => new(RandomNumberGenerator.GetBytes(Size));

    /// <summary>Reads what <see cref="Reveal"/> wrote, and nothing else: one key has one text.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, [NotNullWhen(true)] out OpaqueKey? key)
    {
        key = null;
        if (text.Length != TextLength)
        {
            return false;
        }

        var bytes = new byte[Size];
        // The comparison: blanks are skipped by the decoder, and two bits of the last character carry nothing.
        if (Base64Url.DecodeFromChars(text, bytes, out _, out var length) != OperationStatus.Done || length != Size
            || !text.SequenceEqual(Base64Url.EncodeToString(bytes)))
        {
            return false;
        }

        key = new OpaqueKey(bytes);
        return true;
    }

    /// <summary>Gives the key away, to the browser that it is for. Every call is a place to review.</summary>
    public string Reveal() => Base64Url.EncodeToString(_bytes);

    /// <summary>Always <c>[secret]</c>.</summary>
    public override string ToString() => "[secret]";
}
