using System.Runtime.CompilerServices;

namespace Fairlead.Access;

/// <summary>The first segments of a resource path, as many as can name something; the others are counted.</summary>
internal struct PathSegments
{
    // apis, group, version, watch, namespaces, its name, resource, name, sub-resource.
    private const int Most = 9;

    private Names _names;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The last one of all.</summary>
    public string Last { get; private set; }

    /// <summary>One of the first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment, or it is none of the first nine.</exception>
    public readonly string this[int index] => index < Math.Min(Count, Most) ? _names[index]! : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Adds one.</summary>
    public void Add(string segment)
    {
        if (Count < Most)
        {
            _names[Count] = segment;
        }

        (Last, Count) = (segment, Count + 1);
    }

    /// <summary>The path of the first ones.</summary>
    public override readonly string ToString() => "/" + string.Join('/', ((ReadOnlySpan<string?>)_names)[..Math.Min(Count, Most)]);

    [InlineArray(Most)]
    private struct Names
    {
        private string? _first;
    }
}
