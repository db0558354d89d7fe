using System.Text;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Http2;

/// <summary>Encodes header fields as literals without indexing and without Huffman: any bytes, in any order, as often as wanted.</summary>
internal static class HpackEncoder
{
    public static byte[] Encode(IEnumerable<HeaderLine> fields)
    {
        using var block = new MemoryStream();
        foreach (var (name, value) in fields)
        {
            block.WriteByte(0);
            WriteText(block, name);
            WriteText(block, value);
        }

        return block.ToArray();
    }

    private static void WriteText(MemoryStream block, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        WriteLength(block, bytes.Length);
        block.Write(bytes);
    }

    private static void WriteLength(MemoryStream block, int length)
    {
        const int Prefix = 127;
        if (length < Prefix)
        {
            block.WriteByte((byte)length);
            return;
        }

        block.WriteByte(Prefix);
        for (length -= Prefix; length >= 128; length >>= 7)
        {
            block.WriteByte((byte)((length & 0x7F) | 0x80));
        }

        block.WriteByte((byte)length);
    }
}
