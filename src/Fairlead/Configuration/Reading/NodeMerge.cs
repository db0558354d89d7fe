using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Reading;

/// <summary>Lays one tree over another: maps merge, everything else replaces.</summary>
internal static class NodeMerge
{
    public static DocumentNode Merge(DocumentNode below, DocumentNode above)
    {
        if (above is UnsetNode)
        {
            return below;
        }

        if (below is not MapNode lower || above is not MapNode upper)
        {
            return above;
        }

        var entries = lower.Entries
            .Select(entry => upper.Find(entry.Key) is { } over ? Over(entry, over) : entry)
            .Concat(upper.Entries.Where(entry => lower.Find(entry.Key) is null));
        return new MapNode([.. entries], upper.Origin);
    }

    /// <summary>A tree with one value at <paramref name="keys"/>.</summary>
    public static DocumentNode Nest(ReadOnlySpan<string> keys, DocumentNode value) =>
        keys.IsEmpty
            ? value
            : new MapNode([new MapEntry(keys[0], value.Origin, Nest(keys[1..], value))], value.Origin);

    private static MapEntry Over(MapEntry below, MapEntry above)
    {
        var value = Merge(below.Value, above.Value);
        return new MapEntry(below.Key, ReferenceEquals(value, below.Value) ? below.Origin : above.Origin, value);
    }
}
