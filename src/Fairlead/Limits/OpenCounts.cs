using System.Runtime.InteropServices;

namespace Fairlead.Limits;

/// <summary>How much is open of each of many; those who have nothing open are forgotten. Not safe for several threads.</summary>
/// <typeparam name="TKey">Of whom.</typeparam>
/// <param name="comparer">How they are told apart; null for the usual way.</param>
internal sealed class OpenCounts<TKey>(IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
{
    private readonly Dictionary<TKey, int> _counts = new(comparer);

    /// <summary>How much the one has that has most.</summary>
    public int Most => _counts.Count == 0 ? 0 : _counts.Values.Max();

    /// <summary>Whether one has as much as they may have.</summary>
    /// <param name="key">Who.</param>
    /// <param name="most">How much that is; null for no limit.</param>
    public bool IsFull(TKey key, int? most) => _counts.GetValueOrDefault(key) >= (most ?? int.MaxValue);

    /// <summary>Counts up or down.</summary>
    public void Add(TKey key, int change)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, key, out _);
        count += change;
        if (count == 0)
        {
            _counts.Remove(key);
        }
    }
}
