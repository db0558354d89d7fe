using System.Globalization;

namespace Fairlead.Kubernetes.Documents;

/// <summary>Paths of values inside a document, as messages print them.</summary>
public static class NodePath
{
    private const int LongestKey = 80;

    /// <summary><c>parent.key</c>; a key that is no plain word is put in brackets and quotes, and cut where it is long.</summary>
    public static string Key(string parent, string key)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(key);
        var plain = key.Length is > 0 and <= LongestKey && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '$');
        return plain
            ? parent.Length == 0 ? key : $"{parent}.{key}"
            : $"{parent}['{Printable(key)}']";
    }

    /// <summary><c>parent[index]</c>.</summary>
    public static string Index(string parent, int index) => string.Create(CultureInfo.InvariantCulture, $"{parent}[{index}]");

    /// <summary>A key or name as a message may hold it: a control character must not reach a terminal or a log line.</summary>
    public static string Printable(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var text = string.Concat(name.Take(LongestKey).Select(static c => char.IsControl(c) ? '?' : c));
        return name.Length > LongestKey ? $"{text}…" : text;
    }
}
