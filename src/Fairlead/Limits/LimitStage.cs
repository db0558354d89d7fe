using System.Net;
using Fairlead.Access;
using Fairlead.Configuration;
using Fairlead.Forwarding;

namespace Fairlead.Limits;

/// <summary>
/// How fast requests may come, and how many may be open, so that whoever floods, hangs or never leaves costs others nothing (rows T98, T113; contracts F41, F39).
/// Each replica counts for itself.
/// </summary>
/// <param name="options">The limits.</param>
/// <param name="time">The clock.</param>
internal sealed class LimitStage(GatewayOptions options, TimeProvider time)
{
    private const int MostCallers = 16_384;
    private const int MostClusters = 4096;
    private const int MostPaused = 1024;
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);
    private static readonly Refusal _tooManyAsking = new(
        RefusalReason.TooManyOpen, "Too many requests wait to hear who calls or what they may do, as many as limits.requests.perCluster allows of one address, or limits.requests.all; try again in a moment") { RetryAfter = 1 };

    private readonly Budget<CallerKey>? _callers = Of<CallerKey>(options.Limits.Rate.PerCaller, MostCallers, time);
    private readonly Budget<IPAddress>? _strangers = Of<IPAddress>(options.Limits.Rate.PerCaller, MostCallers, time);
    private readonly Budget<string>? _clusters = Of<string>(options.Limits.Rate.PerCluster, MostClusters, time);
    private readonly Budget<bool>? _all = Of<bool>(options.Limits.Rate.All, 1, time);
    private readonly OpenPlaces _requests = new(options.Limits.Requests);
    private readonly OpenPlaces _streams = new(options.Limits.Streams);
    private readonly OpenPlaces _upgrades = new(options.Limits.UpgradedConnections);
    private readonly RefusedCounts _tooFast = new();
    private readonly AskingPlaces _asking = new(options.Limits.Requests);
    private int _paused;

    /// <summary>What is open, by the section of <c>limits</c>.</summary>
    public IReadOnlyList<(string Section, OpenPlaces Places)> Open => [("requests", _requests), ("streams", _streams), ("upgraded_connections", _upgrades)];

    /// <summary>Who was refused because too many requests came in a second.</summary>
    public RefusedCounts TooFastCounts => _tooFast;

    /// <summary>Waits until it is known who a caller is and what they may do.</summary>
    /// <param name="asking">What is waited for.</param>
    /// <param name="address">Where the request came from.</param>
    public ValueTask<Authority> WaitAsync(ValueTask<Authority> asking, IPAddress? address) => _asking.WaitAsync(asking, address);

    /// <summary>Gives a refusal where too many wait for that already.</summary>
    public Refusal? RefuseWait(IPAddress? address) => _asking.IsFull(address) ? _tooManyAsking : null;

    /// <summary>Counts a request, whatever else is said of it; gives a refusal where there are too many in a second.</summary>
    /// <param name="authority">Whose it is, and where to. What comes from somebody whom only a cluster knows, or nobody, counts by address too: a token is quickly made up.</param>
    /// <param name="address">Where it came from.</param>
    public Refusal? RefuseRate(Authority authority, IPAddress? address)
    {
        if (authority.Identified is not { Caller.IsKnown: true } && _strangers is not null && !_strangers.TryTake(Addresses.Subscriber(address)))
        {
            return TooFast($"more than {_strangers.PerSecond} requests a second of callers whom only a cluster knows, or nobody, came from this address", "perCaller", RefusedCounts.PerAddress);
        }

        if (authority.Identified is null)
        {
            return null;
        }

        var (caller, cluster) = (CallerKey.Of(authority), authority.Cluster?.QualifiedName);
        if (caller is { } known && _callers is not null && !_callers.TryTake(known))
        {
            return TooFast($"more than {_callers.PerSecond} requests a second came from this caller", "perCaller", RefusedCounts.PerCaller);
        }

        if (cluster is not null && _clusters is not null && !_clusters.TryTake(cluster))
        {
            GiveBack(_callers, caller);
            return TooFast($"more than {_clusters.PerSecond} requests a second came for this cluster", "perCluster", RefusedCounts.PerCluster);
        }

        if (_all is not null && !_all.TryTake(true))
        {
            GiveBack(_callers, caller);
            GiveBack(_clusters, cluster);
            return TooFast($"more than {_all.PerSecond} requests a second came in all", "all", RefusedCounts.All);
        }

        return null;
    }

    /// <summary>
    /// Lets somebody who is refused for their haste wait for the answer: a flood that waits for answers would otherwise take the machine for refusals. Where many wait
    /// already nobody else does, so that waiting costs no memory without end.
    /// </summary>
    public async Task PauseAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _paused) <= MostPaused)
            {
                await Task.Delay(_pause, time, cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _paused);
        }
    }

    /// <summary>Takes a place among what is open.</summary>
    /// <param name="key">In whose name.</param>
    /// <param name="streamClass">What it is.</param>
    /// <param name="refusal">The refusal where there is no place.</param>
    /// <returns>Where the place is, which <see cref="OpenPlaces.Leave"/> gives back when the request has ended; null where there is none.</returns>
    public OpenPlaces? Enter(in PlaceKey key, StreamClass streamClass, out Refusal? refusal)
    {
        var places = streamClass switch
        {
            StreamClass.Short => _requests,
            StreamClass.Stream => _streams,
            _ => _upgrades,
        };
        var full = places.Enter(key);
        refusal = full is { } scope ? TooMany(streamClass, scope, places.Limit) : null;
        return full is null ? places : null;
    }

    private Refusal TooFast(string what, string key, string scope)
    {
        _tooFast.Add(scope);
        return new(RefusalReason.TooManyRequests, $"Too many requests: {what} (limits.rate.{key}); try again in a second") { RetryAfter = 1 };
    }

    private static Refusal TooMany(StreamClass streamClass, LimitScope scope, ScopedLimit limit)
    {
        var (what, section, retryAfter) = streamClass switch
        {
            StreamClass.Short => ("requests are open", "requests", 1),
            StreamClass.Stream => ("streams are open", "streams", 10),
            _ => ("connections are upgraded", "upgradedConnections", 10),
        };
        var (where, key, count) = scope switch
        {
            LimitScope.Caller => ("of this caller", "perCaller", limit.PerCaller),
            LimitScope.Stranger => ("of callers from this address whom nobody knows", "perCluster", limit.PerCluster),
            LimitScope.Cluster => ("to this cluster", "perCluster", limit.PerCluster),
            LimitScope.Service => ("to this Service", "perService", limit.PerService),
            _ => ("in all", "all", limit.All),
        };
        return new(RefusalReason.TooManyOpen, $"{count} {what} {where}, which is as many as limits.{section}.{key} allows; close some, or try again later") { RetryAfter = retryAfter };
    }

    private static void GiveBack(Budget<CallerKey>? budget, CallerKey? key)
    {
        if (key is { } taken)
        {
            budget?.GiveBack(taken);
        }
    }

    private static void GiveBack(Budget<string>? budget, string? key)
    {
        if (key is not null)
        {
            budget?.GiveBack(key);
        }
    }

    private static Budget<TKey>? Of<TKey>(int? perSecond, int most, TimeProvider time)
        where TKey : notnull => perSecond is { } number ? new(2 * number, number, most, time) : null;
}
