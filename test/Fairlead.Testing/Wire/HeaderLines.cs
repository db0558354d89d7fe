using System.Collections;

namespace Fairlead.Testing.Wire;

/// <summary>One header line as it stood on the wire; bytes are read as Latin-1, so that none is lost.</summary>
public readonly record struct HeaderLine(string Name, string Value);

/// <summary>Header lines in their order, with duplicates and the case they were sent in. Look-ups ignore case.</summary>
public sealed class HeaderLines : IReadOnlyList<HeaderLine>
{
    private readonly List<HeaderLine> _lines = [];

    /// <inheritdoc/>
    public int Count => _lines.Count;

    /// <inheritdoc/>
    public HeaderLine this[int index] => _lines[index];

    /// <summary>Adds a line at the end.</summary>
    public void Add(string name, string value) => _lines.Add(new(name, value));

    /// <summary>Adds lines at the end.</summary>
    public void AddRange(IEnumerable<HeaderLine> lines) => _lines.AddRange(lines);

    /// <summary>The value of the only line of that name, or null; throws when there are several, since a test that reads one must know.</summary>
    public string? Only(string name) => All(name) switch
    {
        [] => null,
        [var value] => value,
        var several => throw new InvalidOperationException($"{several.Count} lines of {name}: {string.Join(" | ", several)}"),
    };

    /// <summary>The values of all lines of that name, in order.</summary>
    public IReadOnlyList<string> All(string name) => [.. _lines.Where(line => Matches(line, name)).Select(line => line.Value)];

    /// <summary>Whether there is a line of that name.</summary>
    public bool Contains(string name) => _lines.Exists(line => Matches(line, name));

    /// <inheritdoc/>
    public IEnumerator<HeaderLine> GetEnumerator() => _lines.GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n', _lines.Select(line => $"{line.Name}: {line.Value}"));

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool Matches(HeaderLine line, string name) => string.Equals(line.Name, name, StringComparison.OrdinalIgnoreCase);
}
