using System.Buffers;

namespace Fairlead.Doors;

/// <summary>What makes a path ambiguous wherever it stands.</summary>
internal enum PathProblem
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A segment that some reader takes for <c>.</c> or <c>..</c>.</summary>
    DotSegment,

    /// <summary>An encoded control byte.</summary>
    ControlByte,
}

/// <summary>
/// Looks for dot segments as the most careless reader would see them: after one decoding, with overlong UTF-8 taken at
/// face value, with <c>\</c> as a separator, and with path parameters cut off (<c>..;x</c>).
/// </summary>
internal static class PathCheck
{
    // Without one of these no segment can be or hide a dot segment: a literal dot after a slash, or an encoded byte.
    private static readonly SearchValues<string> _suspicious = SearchValues.Create(["/.", "%"], StringComparison.Ordinal);

    /// <summary>Finds the first problem of <paramref name="path"/>.</summary>
    public static PathProblem Find(ReadOnlySpan<char> path)
    {
        if (!path.ContainsAny(_suspicious))
        {
            return PathProblem.None;
        }

        var buffer = ArrayPool<char>.Shared.Rent(path.Length);
        try
        {
            var length = DecodeLeniently(path, buffer);
            var decoded = buffer.AsSpan(0, length);
            if (decoded.IndexOfAnyInRange('\0', '\x1f') >= 0 || decoded.Contains('\x7f'))
            {
                return PathProblem.ControlByte;
            }

            foreach (var range in decoded.SplitAny('/', '\\'))
            {
                var segment = decoded[range];
                var parameters = segment.IndexOf(';');
                if ((parameters < 0 ? segment : segment[..parameters]) is "." or "..")
                {
                    return PathProblem.DotSegment;
                }
            }

            return PathProblem.None;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    /// <summary>Decodes percent triplets once; each byte becomes a character, but for overlong forms, which become the character they stand for.</summary>
    private static int DecodeLeniently(ReadOnlySpan<char> path, Span<char> output)
    {
        var written = 0;
        for (var i = 0; i < path.Length;)
        {
            if (!PercentByte.TryRead(path, i, out var value))
            {
                output[written++] = path[i++];
                continue;
            }

            i += 3;
            // Overlong UTF-8 (RFC 3629 3): C0/C1, E0 followed by less than A0, F0 followed by less than 90; the forms of five and six
            // bytes are older still (RFC 2279 2).
            var continuation = value switch { 0xC0 or 0xC1 => 1, 0xE0 => 2, 0xF0 => 3, 0xF8 => 4, 0xFC => 5, _ => 0 };
            var point = value & (0x3F >> continuation);
            var position = i;
            for (var taken = 0; taken < continuation; taken++, position += 3)
            {
                if (!PercentByte.TryRead(path, position, out var next) || (next & 0xC0) != 0x80)
                {
                    point = -1;
                    break;
                }

                point = (point << 6) | (next & 0x3F);
            }

            if (continuation > 0 && point is >= 0 and < 0x80)
            {
                output[written++] = (char)point;
                i = position;
            }
            else
            {
                output[written++] = (char)value;
            }
        }

        return written;
    }
}
