using Fairlead.Callers;

namespace Fairlead.Sessions;

/// <content>What may be used once.</content>
internal sealed partial class MemorySessionStore
{
    /// <inheritdoc/>
    public ValueTask<StoreStatus> RememberOnceAsync(string id, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var hash = TokenHash.Of(id);
        var now = _time.GetUtcNow();
        lock (_usedLock)
        {
            _used.RemoveOldestWhile(end => end <= now);
            if (_used.TryGet(hash, out var known))
            {
                if (known > now)
                {
                    return new(StoreStatus.Conflict);
                }

                _used.Remove(hash);
            }

            // Forgetting one would let it be used again.
            if (_used.Count >= _capacity && _used.RemoveWhere(end => end <= now) == 0)
            {
                return new(StoreStatus.Unavailable);
            }

            var least = now + SessionLifetimes.LeastMemory;
            var end = until > least ? until : least;
            if (_files?.TryRemember(hash, end) is false)
            {
                return new(StoreStatus.Unavailable);
            }

            _used.Add(hash, end);
            return new(StoreStatus.Done);
        }
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<OpaqueKey>> PutOnceAsync(
        string purpose, ReadOnlyMemory<byte> payload, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var key = OpaqueKey.Create();
        var now = _time.GetUtcNow();
        lock (_valuesLock)
        {
            _values.RemoveOldestWhile(value => value.EndsAt <= now);
            if (_values.Count >= _capacity)
            {
                _values.RemoveOldest();
            }

            _values.Add(NameOf(purpose, key), new OneTimeValue(payload.ToArray(), now + lifetime));
        }

        return new(StoreAnswer.Done(key));
    }

    /// <inheritdoc/>
    public ValueTask<StoreAnswer<byte[]>> TakeOnceAsync(string purpose, OpaqueKey key, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var name = NameOf(purpose, key);
        lock (_valuesLock)
        {
            _values.RemoveOldestWhile(value => value.EndsAt <= now);
            return new(_values.TryGet(name, out var value) && _values.Remove(name) && value.EndsAt > now
                ? StoreAnswer.Done(value.Payload)
                : new StoreAnswer<byte[]>(StoreStatus.NotFound));
        }
    }

    private static TokenHash NameOf(string purpose, OpaqueKey key) => TokenHash.Of($"{key.HashText} {purpose}");

    private sealed record OneTimeValue(byte[] Payload, DateTimeOffset EndsAt);
}
