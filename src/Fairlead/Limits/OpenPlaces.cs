namespace Fairlead.Limits;

/// <summary>Which part of a limit is used up.</summary>
internal enum LimitScope
{
    /// <summary><c>perCaller</c>.</summary>
    Caller,

    /// <summary><c>perCluster</c>.</summary>
    Cluster,

    /// <summary><c>perService</c>.</summary>
    Service,

    /// <summary><c>all</c>.</summary>
    All,
}

/// <summary>Counts what is open now. It remembers nobody who has nothing open.</summary>
/// <param name="limit">How much may be open.</param>
internal sealed class OpenPlaces(ScopedLimit limit)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CallerKey, int> _callers = [];
    private readonly Dictionary<string, int> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<ServiceKey, int> _services = [];
    private int _all;

    /// <summary>How much may be open.</summary>
    public ScopedLimit Limit => limit;

    /// <summary>Takes a place; gives null, or what is used up.</summary>
    public LimitScope? Enter(in PlaceKey key)
    {
        lock (_lock)
        {
            if (_callers.GetValueOrDefault(key.Caller) >= (limit.PerCaller ?? int.MaxValue))
            {
                return LimitScope.Caller;
            }

            if (key.Service is { } named && _services.GetValueOrDefault(named) >= (limit.PerService ?? int.MaxValue))
            {
                return LimitScope.Service;
            }

            if (_clusters.GetValueOrDefault(key.Cluster) >= (limit.PerCluster ?? int.MaxValue))
            {
                return LimitScope.Cluster;
            }

            if (_all >= (limit.All ?? int.MaxValue))
            {
                return LimitScope.All;
            }

            _all++;
            Add(_callers, key.Caller, 1);
            Add(_clusters, key.Cluster, 1);
            if (key.Service is { } service)
            {
                Add(_services, service, 1);
            }

            return null;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(in PlaceKey key)
    {
        lock (_lock)
        {
            _all--;
            Add(_callers, key.Caller, -1);
            Add(_clusters, key.Cluster, -1);
            if (key.Service is { } service)
            {
                Add(_services, service, -1);
            }
        }
    }

    private static void Add<TKey>(Dictionary<TKey, int> counts, TKey key, int change)
        where TKey : notnull
    {
        ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
        count += change;
        if (count == 0)
        {
            counts.Remove(key);
        }
    }
}

/// <summary>A place among what is open, until it is disposed.</summary>
/// <param name="places">Where; null for no place.</param>
/// <param name="key">In whose name.</param>
internal readonly struct Place(OpenPlaces? places, PlaceKey key) : IDisposable
{
    /// <summary>Gives it back.</summary>
    public void Dispose() => places?.Leave(key);
}
