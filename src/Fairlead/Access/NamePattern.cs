namespace Fairlead.Access;

/// <summary>A name with <c>*</c> for any run of characters; everything else is compared exactly.</summary>
internal sealed class NamePattern
{
    private readonly string _text;
    private readonly string[]? _parts;

    /// <summary>Compiles <paramref name="text"/>.</summary>
    public NamePattern(string text)
    {
        _text = text;
        _parts = IsPattern(text) ? text.Split('*') : null;
    }

    /// <summary>Whether <paramref name="text"/> stands for more than itself.</summary>
    public static bool IsPattern(string text) => text.Contains('*', StringComparison.Ordinal);

    /// <summary>Whether <paramref name="name"/> matches.</summary>
    public bool Matches(ReadOnlySpan<char> name)
    {
        if (_parts is null)
        {
            return name.SequenceEqual(_text);
        }

        var first = _parts[0];
        var last = _parts[^1];
        if (name.Length < first.Length + last.Length
            || !name.StartsWith(first, StringComparison.Ordinal)
            || !name.EndsWith(last, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = name[first.Length..^last.Length];
        foreach (var part in _parts.AsSpan(1, _parts.Length - 2))
        {
            var at = rest.IndexOf(part, StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            rest = rest[(at + part.Length)..];
        }

        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _text;
}
