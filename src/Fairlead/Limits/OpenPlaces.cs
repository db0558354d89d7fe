using System.Net;

namespace Fairlead.Limits;

/// <summary>Which part of a limit is used up.</summary>
internal enum LimitScope
{
    /// <summary><c>perCaller</c>.</summary>
    Caller,

    /// <summary><c>perCluster</c>, which one address of callers whom nobody knows cannot have more of than one cluster.</summary>
    Stranger,

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
    private readonly OpenCounts<CallerKey> _callers = new();
    private readonly OpenCounts<IPAddress> _strangers = new();
    private readonly OpenCounts<string> _clusters = new(StringComparer.Ordinal);
    private readonly OpenCounts<ServiceKey> _services = new();
    private readonly RefusedCounts _refused = new();
    private int _all;

    /// <summary>How much may be open.</summary>
    public ScopedLimit Limit => limit;

    /// <summary>How much is.</summary>
    public IReadOnlyList<LimitUse> Use
    {
        get
        {
            lock (_lock)
            {
                return
                [
                    new(RefusedCounts.PerCaller, _callers.Most, limit.PerCaller, _refused[RefusedCounts.PerCaller]),
                    new(RefusedCounts.PerAddress, _strangers.Most, limit.PerCluster, _refused[RefusedCounts.PerAddress]),
                    new(RefusedCounts.PerCluster, _clusters.Most, limit.PerCluster, _refused[RefusedCounts.PerCluster]),
                    new(RefusedCounts.PerService, _services.Most, limit.PerService, _refused[RefusedCounts.PerService]),
                    new(RefusedCounts.All, _all, limit.All, _refused[RefusedCounts.All]),
                ];
            }
        }
    }

    /// <summary>Takes a place; gives null, or what is used up.</summary>
    public LimitScope? Enter(in PlaceKey key)
    {
        var full = TryEnter(key);
        if (full is { } scope)
        {
            _refused.Add(scope switch
            {
                LimitScope.Caller => RefusedCounts.PerCaller,
                LimitScope.Stranger => RefusedCounts.PerAddress,
                LimitScope.Cluster => RefusedCounts.PerCluster,
                LimitScope.Service => RefusedCounts.PerService,
                _ => RefusedCounts.All,
            });
        }

        return full;
    }

    private LimitScope? TryEnter(in PlaceKey key)
    {
        lock (_lock)
        {
            if (_callers.IsFull(key.Caller, limit.PerCaller))
            {
                return LimitScope.Caller;
            }

            if (key.Stranger is { } address && _strangers.IsFull(address, limit.PerCluster))
            {
                return LimitScope.Stranger;
            }

            if (key.Service is { } named && _services.IsFull(named, limit.PerService))
            {
                return LimitScope.Service;
            }

            if (_clusters.IsFull(key.Cluster, limit.PerCluster))
            {
                return LimitScope.Cluster;
            }

            if (_all >= (limit.All ?? int.MaxValue))
            {
                return LimitScope.All;
            }

            Change(key, 1);
            return null;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(in PlaceKey key)
    {
        lock (_lock)
        {
            Change(key, -1);
        }
    }

    private void Change(in PlaceKey key, int change)
    {
        _all += change;
        _callers.Add(key.Caller, change);
        _clusters.Add(key.Cluster, change);
        if (key.Stranger is { } address)
        {
            _strangers.Add(address, change);
        }

        if (key.Service is { } service)
        {
            _services.Add(service, change);
        }
    }
}
