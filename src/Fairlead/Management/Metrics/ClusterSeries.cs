using System.Collections.Concurrent;

namespace Fairlead.Management.Metrics;

/// <summary>
/// Which clusters have series of their own. Only names of the catalogue come here, and no more than so many of them in the life of the process: those that come later share one, so
/// that clusters which come and go fill no memory, neither here nor at whoever keeps the series.
/// </summary>
internal sealed class ClusterSeries
{
    /// <summary>How many clusters have series of their own.</summary>
    public const int Most = 250;

    /// <summary>The one of all others.</summary>
    public const string Other = "other";

    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private volatile int _count;

    /// <summary>The label of a cluster.</summary>
    /// <param name="qualifiedName">Its qualified name; null where there is no cluster.</param>
    public string Of(string? qualifiedName)
    {
        if (qualifiedName is null)
        {
            return MetricTags.None;
        }

        if (_known.TryGetValue(qualifiedName, out var label))
        {
            return label;
        }

        if (_count >= Most)
        {
            return Other;
        }

        lock (_lock)
        {
            if (_count >= Most)
            {
                return Other;
            }

            label = _known.GetOrAdd(qualifiedName, qualifiedName);
            _count = _known.Count;
            return label;
        }
    }
}
