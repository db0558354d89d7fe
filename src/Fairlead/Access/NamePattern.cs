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
        _parts = text.Contains('*', StringComparison.Ordinal) ? text.Split('*') : null;
    }

    /// <summary>Whether <paramref name="name"/> matches.</summary>
    public bool Matches(string name)
    {
        if (_parts is null)
        {
            return string.Equals(_text, name, StringComparison.Ordinal);
        }

        var first = _parts[0];
        var last = _parts[^1];
        if (name.Length < first.Length + last.Length
            || !name.StartsWith(first, StringComparison.Ordinal)
            || !name.EndsWith(last, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = name.AsSpan(first.Length, name.Length - first.Length - last.Length);
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
