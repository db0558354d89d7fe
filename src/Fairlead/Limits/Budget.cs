using System.Runtime.InteropServices;

namespace Fairlead.Limits;

/// <summary>How often something may be done for each of many: some at once, and so many a second in the long run. It never keeps more than so many of them.</summary>
/// <typeparam name="TKey">For whom.</typeparam>
/// <param name="atOnce">How often at once.</param>
/// <param name="perSecond">How often a second, in the long run.</param>
/// <param name="most">How many are told apart at most.</param>
/// <param name="time">The clock.</param>
internal sealed class Budget<TKey>(int atOnce, int perSecond, int most, TimeProvider time)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Bucket> _buckets = [];

    /// <summary>How often a second, in the long run.</summary>
    public int PerSecond => perSecond;

    /// <summary>Takes a place; false when there is none.</summary>
    public bool TryTake(TKey key)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_buckets.Count >= most && !_buckets.ContainsKey(key))
            {
                Forget(now);
            }

            var bucket = Refilled(_buckets.GetValueOrDefault(key, new Bucket(atOnce, now)), now);
            var isTaken = bucket.Places >= 1;
            _buckets[key] = isTaken ? bucket with { Places = bucket.Places - 1 } : bucket;
            return isTaken;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void GiveBack(TKey key)
    {
        lock (_lock)
        {
            if (_buckets.TryGetValue(key, out var bucket))
            {
                _buckets[key] = bucket with { Places = Math.Min(atOnce, bucket.Places + 1) };
            }
        }
    }

    private Bucket Refilled(Bucket bucket, long now) => new(Math.Min(atOnce, bucket.Places + (time.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond)), now);

    /// <summary>Drops those that owe nothing any more, and where all do everything.</summary>
    private void Forget(long now)
    {
        foreach (var (key, bucket) in _buckets.ToArray())
        {
            if (Refilled(bucket, now).Places >= atOnce)
            {
                _buckets.Remove(key);
            }
        }

        if (_buckets.Count >= most)
        {
            _buckets.Clear();
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Bucket(double Places, long At);
}
