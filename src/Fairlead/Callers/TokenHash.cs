using System.Buffers.Binary;
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

    /// <summary>Hashes <paramref name="token"/>.</summary>
    public static TokenHash Of(ReadOnlySpan<char> token)
    {
        const int StackLimit = 1024;
        var length = Encoding.UTF8.GetMaxByteCount(token.Length);
        var bytes = length <= StackLimit ? stackalloc byte[StackLimit] : new byte[length];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(token, bytes)], hash);
        return new TokenHash(hash);
    }
}
