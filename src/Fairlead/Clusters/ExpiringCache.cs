using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Clusters;

/// <summary>
/// Answers that are good for seconds. Who asks for one that is on its way waits for that one; what failed is asked again; and there are
/// never more than so many, whatever is asked.
/// </summary>
/// <typeparam name="TKey">What is asked.</typeparam>
/// <typeparam name="TValue">The answer.</typeparam>
/// <param name="capacity">How many answers are kept at most.</param>
/// <param name="time">The clock.</param>
internal sealed class ExpiringCache<TKey, TValue>(int capacity, TimeProvider time)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();

    /// <summary>The answer; made unless a fresh one is there.</summary>
    /// <param name="key">What is asked.</param>
    /// <param name="make">Makes it, bounded in time by itself; it is not cancelled when a caller leaves, since others may wait.</param>
    /// <param name="lifetime">How long an answer is good for; zero keeps it only for those who wait already.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    public ValueTask<TValue> GetAsync(TKey key, Func<Task<TValue>> make, Func<TValue, TimeSpan> lifetime, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        if (_entries.TryGetValue(key, out var found) && found.IsFresh(now))
        {
            return found.Value.IsCompletedSuccessfully ? new(found.Value.Result) : new(found.Value.WaitAsync(cancellationToken));
        }

        return new(MakeAsync(key, found, make, lifetime).WaitAsync(cancellationToken));
    }

    /// <summary>A fresh answer that is there already.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        value = default;
        if (!_entries.TryGetValue(key, out var found) || !found.IsFresh(time.GetTimestamp()) || !found.Value.IsCompletedSuccessfully)
        {
            return false;
        }

        value = found.Value.Result;
        return true;
    }

    private Task<TValue> MakeAsync(TKey key, Entry? stale, Func<Task<TValue>> make, Func<TValue, TimeSpan> lifetime)
    {
        if (_entries.Count >= capacity)
        {
            Shrink();
        }

        var entry = new Entry();
        var mine = stale is null ? _entries.GetOrAdd(key, entry) : _entries.TryUpdate(key, entry, stale) ? entry : _entries.GetOrAdd(key, entry);
        if (ReferenceEquals(mine, entry))
        {
            _ = FillAsync(key, entry, make, lifetime);
        }

        return mine.Value;
    }

    private async Task FillAsync(TKey key, Entry entry, Func<Task<TValue>> make, Func<TValue, TimeSpan> lifetime)
    {
        try
        {
            var value = await make();
            var good = lifetime(value);
            entry.ExpiresAt = time.GetTimestamp() + (long)(good.TotalSeconds * time.TimestampFrequency);
            entry.Source.SetResult(value);
            if (good <= TimeSpan.Zero)
            {
                _entries.TryRemove(new KeyValuePair<TKey, Entry>(key, entry));
            }
        }
        catch (Exception exception)
        {
            _entries.TryRemove(new KeyValuePair<TKey, Entry>(key, entry));
            entry.Source.SetException(exception);
        }
    }

    /// <summary>Drops what has expired, and where that is not enough whatever comes first.</summary>
    private void Shrink()
    {
        var now = time.GetTimestamp();
        var spare = _entries.Count - (capacity - (capacity / 8) - 1);
        foreach (var pair in _entries)
        {
            if (!pair.Value.IsFresh(now))
            {
                _entries.TryRemove(pair);
                spare--;
            }
        }

        foreach (var pair in _entries)
        {
            if (spare-- <= 0)
            {
                return;
            }

            _entries.TryRemove(pair);
        }
    }

    private sealed class Entry
    {
        private long _expiresAt = long.MaxValue;

        public TaskCompletionSource<TValue> Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TValue> Value => Source.Task;

        public long ExpiresAt
        {
            get => Interlocked.Read(ref _expiresAt);
            set => Interlocked.Exchange(ref _expiresAt, value);
        }

        public bool IsFresh(long now) => now < ExpiresAt;
    }
}
