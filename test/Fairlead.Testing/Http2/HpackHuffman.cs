namespace Fairlead.Testing.Http2;

/// <summary>The Huffman code of RFC 7541 appendix B. It is canonical: the lengths alone determine it.</summary>
internal static class HpackHuffman
{
    private const int EndOfString = 256;
    private const int LongestCode = 30;

    private static readonly (uint FirstCode, int[] Symbols)[] CodesByLength = Build();

    private static ReadOnlySpan<byte> Lengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    /// <summary>Decodes; throws <see cref="InvalidDataException"/> for what RFC 7541 section 5.2 forbids.</summary>
    public static byte[] Decode(ReadOnlySpan<byte> coded)
    {
        var decoded = new List<byte>(coded.Length * 2);
        uint code = 0;
        var length = 0;
        foreach (var octet in coded)
        {
            for (var bit = 7; bit >= 0; bit--)
            {
                code = (code << 1) | (uint)((octet >> bit) & 1);
                length++;
                if (length > LongestCode)
                {
                    throw new InvalidDataException("No such Huffman code.");
                }

                var (first, symbols) = CodesByLength[length];
                if (code < first || code - first >= symbols.Length)
                {
                    continue;
                }

                var symbol = symbols[code - first];
                if (symbol == EndOfString)
                {
                    throw new InvalidDataException("End of string inside a Huffman string.");
                }

                decoded.Add((byte)symbol);
                code = 0;
                length = 0;
            }
        }

        // Padding is the beginning of the end-of-string code, which is all ones.
        return length <= 7 && code == (1u << length) - 1
            ? [.. decoded]
            : throw new InvalidDataException("Wrong padding of a Huffman string.");
    }

    private static (uint FirstCode, int[] Symbols)[] Build()
    {
        var byLength = new (uint, int[])[LongestCode + 1];
        uint code = 0;
        for (var length = 0; length <= LongestCode; length++)
        {
            code <<= 1;
            var symbols = new List<int>();
            for (var symbol = 0; symbol < Lengths.Length; symbol++)
            {
                if (Lengths[symbol] == length)
                {
                    symbols.Add(symbol);
                }
            }

            byLength[length] = (code, [.. symbols]);
            code += (uint)symbols.Count;
        }

        return byLength;
    }
}
