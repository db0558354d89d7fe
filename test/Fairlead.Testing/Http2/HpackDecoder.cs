using System.Text;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Http2;

/// <summary>Decodes header blocks (RFC 7541). One for each connection: the dynamic table outlives a block.</summary>
internal sealed class HpackDecoder(int tableSize = HpackDecoder.DefaultTableSize)
{
    private const int DefaultTableSize = 4096;

    private readonly HpackTable _table = new(tableSize);

    /// <summary>The size of the dynamic table.</summary>
    public int TableSize => _table.Size;

    /// <summary>Decodes one complete block; throws <see cref="InvalidDataException"/> for a wrong one.</summary>
    public HeaderLines Decode(ReadOnlySpan<byte> block)
    {
        var lines = new HeaderLines();
        while (block.Length > 0)
        {
            var first = block[0];
            if ((first & 0x80) != 0)
            {
                var indexed = _table[Integer(ref block, 7)];
                lines.Add(indexed.Name, indexed.Value);
            }
            else if ((first & 0xC0) == 0x40)
            {
                var field = Literal(ref block, 6);
                _table.Add(field);
                lines.Add(field.Name, field.Value);
            }
            else if ((first & 0xE0) == 0x20)
            {
                _table.Resize(Integer(ref block, 5));
            }
            else
            {
                var field = Literal(ref block, 4);
                lines.Add(field.Name, field.Value);
            }
        }

        return lines;
    }

    private static string Text(ref ReadOnlySpan<byte> block)
    {
        var huffman = block.Length > 0 && (block[0] & 0x80) != 0;
        var length = Integer(ref block, 7);
        if (length > block.Length)
        {
            throw new InvalidDataException("A string that is longer than its block.");
        }

        var bytes = block[..length];
        block = block[length..];
        return Encoding.Latin1.GetString(huffman ? HpackHuffman.Decode(bytes) : bytes);
    }

    private static int Integer(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        var mask = (1 << prefixBits) - 1;
        var value = Next(ref block) & mask;
        if (value < mask)
        {
            return value;
        }

        for (var shift = 0; ; shift += 7)
        {
            var octet = Next(ref block);
            value = checked(value + ((octet & 0x7F) << shift));
            if ((octet & 0x80) == 0)
            {
                return value;
            }
        }
    }

    private static byte Next(ref ReadOnlySpan<byte> block)
    {
        if (block.Length == 0)
        {
            throw new InvalidDataException("A header block that ends too early.");
        }

        var octet = block[0];
        block = block[1..];
        return octet;
    }

    private HeaderLine Literal(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        var index = Integer(ref block, prefixBits);
        var name = index == 0 ? Text(ref block) : _table[index].Name;
        return new(name, Text(ref block));
    }
}
