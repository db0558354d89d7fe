using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Callers;

/// <summary>The SHA-256 of a token, as a value that can be looked up. The token itself is not kept.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TokenHash
{
    private readonly UInt128 _high;
    private readonly UInt128 _low;

    private TokenHash(ReadOnlySpan<byte> hash)
    {
        _high = BinaryPrimitives.ReadUInt128LittleEndian(hash);
        _low = BinaryPrimitives.ReadUInt128LittleEndian(hash[16..]);
    }

    /// <summary>Takes a hash of 32 bytes.</summary>
    public static TokenHash FromHash(ReadOnlySpan<byte> hash) => new(hash);

    /// <summary>The hash of two hashes, in that order.</summary>
    public static TokenHash Of(TokenHash first, TokenHash second)
    {
        const int Each = 16;
        Span<byte> bytes = stackalloc byte[Each * 4];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, first._high);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[Each..], first._low);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[(2 * Each)..], second._high);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[(3 * Each)..], second._low);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new TokenHash(hash);
    }

    /// <summary>The hash of several texts: others, or the same ones divided otherwise, have another.</summary>
    public static TokenHash Of(ReadOnlySpan<string> parts)
    {
        const int StackLimit = 512;
        var length = 2 * parts.Length;
        foreach (var part in parts)
        {
            length += part.Length;
        }

        var rented = length <= StackLimit ? null : ArrayPool<char>.Shared.Rent(length);
        Span<char> all = rented ?? stackalloc char[StackLimit];
        var end = 0;
        foreach (var part in parts)
        {
            all[end++] = (char)part.Length;
            all[end++] = (char)(part.Length >> 16);
            part.CopyTo(all[end..]);
            end += part.Length;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(all[..end]), hash);
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }

        return new TokenHash(hash);
    }

    /// <summary>The hash as base64url.</summary>
    public string ToText()
    {
        const int Half = 16;
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, _high);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[Half..], _low);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Hashes <paramref name="token"/>.</summary>
    public static TokenHash Of(ReadOnlySpan<char> token)
    {
        const int StackLimit = 1024;
        var length = Encoding.UTF8.GetByteCount(token);
        var rented = length <= StackLimit ? null : ArrayPool<byte>.Shared.Rent(length);
        var bytes = rented ?? stackalloc byte[StackLimit];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(token, bytes)], hash);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }

        return new TokenHash(hash);
    }
}
