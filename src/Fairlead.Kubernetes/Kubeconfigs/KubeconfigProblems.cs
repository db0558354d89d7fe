using Fairlead.Kubernetes.Documents;

namespace Fairlead.Kubernetes.Kubeconfigs;

/// <summary>Collects what is wrong with one context. Every message names file, context and key, and none a value.</summary>
internal sealed class KubeconfigProblems(string context)
{
    private readonly string _context = NodePath.Printable(context);
    private readonly List<string> _messages = [];

    public void Add(KubeconfigEntry entry, string key, string message) =>
        _messages.Add($"{entry.Origin}: context '{_context}': {entry.Prefix}{key} {message}");

    public void AddIfTwice(KubeconfigEntry entry, string section)
    {
        if (entry.SecondLine is { } line)
        {
            _messages.Add($"{entry.Origin}: context '{_context}': '{NodePath.Printable(entry.Name)}' stands twice under '{section}', again on line {line}");
        }
    }

    /// <summary>How many there are so far.</summary>
    public int Count => _messages.Count;

    /// <summary>Those after the first <paramref name="count"/>.</summary>
    public ValueList<string> After(int count) => [.. _messages.Skip(count)];

    public IReadOnlyList<string> ToList() => [.. _messages];
}
