using System.Buffers;

namespace Fairlead.Doors;

/// <summary>
/// The request target as it came, origin form (RFC 9112 3.2.1), checked once. Routing, authorization and forwarding all
/// read this object, so that no two of them can read different paths (contract F25 to F27, decision 1).
/// </summary>
internal sealed class RequestTarget
{
    private static readonly SearchValues<char> _allowed = SearchValues.Create(
        "!\"$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private RequestTarget(string raw, int pathLength)
    {
        Raw = raw;
        PathLength = pathLength;
    }

    /// <summary>The whole target, byte for byte.</summary>
    public string Raw { get; }

    /// <summary>The length of the path part of <see cref="Raw"/>.</summary>
    public int PathLength { get; }

    /// <summary>The path, still encoded.</summary>
    public ReadOnlySpan<char> Path => Raw.AsSpan(0, PathLength);

    /// <summary>The query with its question mark, still encoded; empty where there is none.</summary>
    public ReadOnlySpan<char> Query => Raw.AsSpan(PathLength);

    /// <summary>What an upstream is asked for when the first <paramref name="prefixLength"/> characters belong to a door.</summary>
    /// <param name="prefixLength">How many.</param>
    /// <param name="prefix">What stands before it.</param>
    public string Below(int prefixLength, string prefix = "") =>
        prefixLength == PathLength ? string.Concat(prefix, "/", Query) : string.Concat(prefix, Raw.AsSpan(prefixLength));

    /// <summary>Checks <paramref name="raw"/>.</summary>
    /// <returns>The target, or null with what is wrong with it.</returns>
    public static RequestTarget? Parse(string raw, int maximumLength, out Refusal? refusal)
    {
        refusal = Check(raw, maximumLength, out var pathLength);
        return refusal is null ? new RequestTarget(raw, pathLength) : null;
    }

    private static Refusal? Check(string raw, int maximumLength, out int pathLength)
    {
        pathLength = 0;
        if (raw.Length > maximumLength)
        {
            return new Refusal(RefusalReason.TargetTooLong, $"The request target is longer than {maximumLength} bytes");
        }

        if (raw.Length == 0 || raw[0] != '/')
        {
            return Invalid("The request target has to begin with '/' (origin form)");
        }

        if (raw.AsSpan().ContainsAnyExcept(_allowed))
        {
            return Invalid("The request target holds '#', a backslash, a blank, a control byte or a byte outside ASCII; percent-encode it");
        }

        var question = raw.IndexOf('?', StringComparison.Ordinal);
        pathLength = question < 0 ? raw.Length : question;
        return PathCheck.Find(raw.AsSpan(0, pathLength)) switch
        {
            PathProblem.None => null,
            PathProblem.DotSegment => Invalid("The path holds a dot segment; write the path without '.' and '..'"),
            _ => Invalid("The path holds an encoded control byte"),
        };
    }

    private static Refusal Invalid(string message) => new(RefusalReason.InvalidTarget, message);
}
