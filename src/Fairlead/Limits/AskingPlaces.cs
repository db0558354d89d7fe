using System.Net;
using Fairlead.Forwarding;

namespace Fairlead.Limits;

/// <summary>
/// Counts the requests that wait to hear who their caller is, or what the caller may do: nobody has a place yet, and a cluster that hangs answers none of them. Those of
/// one address are as many as one cluster may have open.
/// </summary>
/// <param name="limit">How many may be open.</param>
internal sealed class AskingPlaces(ScopedLimit limit)
{
    private readonly Lock _lock = new();
    private readonly OpenCounts<IPAddress> _addresses = new();
    private readonly int _perAddress = limit.PerCluster ?? int.MaxValue;
    private int _all;

    /// <summary>Whether no more may wait. Costs nothing while fewer wait than one address may have.</summary>
    public bool IsFull(IPAddress? address)
    {
        var all = Volatile.Read(ref _all);
        if (all < Math.Min(_perAddress, limit.All ?? int.MaxValue))
        {
            return false;
        }

        lock (_lock)
        {
            return _all >= (limit.All ?? int.MaxValue) || _addresses.IsFull(Addresses.Subscriber(address), _perAddress);
        }
    }

    /// <summary>Waits; what has its answer already does not count.</summary>
    /// <param name="asking">For what.</param>
    /// <param name="address">Where the request came from.</param>
    public ValueTask<TAnswer> WaitAsync<TAnswer>(ValueTask<TAnswer> asking, IPAddress? address) => asking.IsCompleted ? asking : CountAsync(asking, Addresses.Subscriber(address));

    private async ValueTask<TAnswer> CountAsync<TAnswer>(ValueTask<TAnswer> asking, IPAddress key)
    {
        Change(key, 1);
        try
        {
            return await asking;
        }
        finally
        {
            Change(key, -1);
        }
    }

    private void Change(IPAddress key, int change)
    {
        lock (_lock)
        {
            _all += change;
            _addresses.Add(key, change);
        }
    }
}
