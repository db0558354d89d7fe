using Fairlead.Kubernetes.Documents;

namespace Fairlead.Kubernetes.Kubeconfigs;

/// <summary>Collects what is wrong with one context. Every message names file, context and key, and none a value.</summary>
internal sealed class KubeconfigProblems(string context)
{
    private readonly string _context = NodePath.Printable(context);
    private readonly List<string> _messages = [];

    public void Add(KubeconfigEntry entry, string key, string message) =>
        _messages.Add($"{entry.Origin}: context '{_context}': {key} {message}");

    public void AddIfTwice(KubeconfigEntry entry, string section)
    {
        if (entry.SecondLine is { } line)
        {
            _messages.Add($"{entry.Origin}: context '{_context}': '{NodePath.Printable(entry.Name)}' stands twice under '{section}', again on line {line}");
        }
    }

    public IReadOnlyList<string> ToList() => [.. _messages];
}
