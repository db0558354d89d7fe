using System.Collections.Frozen;

namespace Fairlead.Clusters;

/// <summary>A cluster's labels; equal when they say the same, so that a reload sees whether a definition has changed.</summary>
/// <param name="labels">Names and values.</param>
internal sealed class ClusterLabels(IEnumerable<KeyValuePair<string, string>> labels) : IEquatable<ClusterLabels>
{
    private readonly FrozenDictionary<string, string> _labels = labels.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>No labels.</summary>
    public static ClusterLabels None { get; } = new([]);

    /// <summary>The value of a label; null where there is none.</summary>
    public string? Find(string name) => _labels.GetValueOrDefault(name);

    /// <inheritdoc/>
    public bool Equals(ClusterLabels? other) =>
        other is not null && _labels.Count == other._labels.Count && _labels.All(pair => string.Equals(other.Find(pair.Key), pair.Value, StringComparison.Ordinal));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ClusterLabels);

    /// <inheritdoc/>
    public override int GetHashCode() => _labels.Count;
}
