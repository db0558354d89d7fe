using System.Net;
using Fairlead.Forwarding;
using Fairlead.Limits;

namespace Fairlead.Callers;

/// <summary>
/// How often unknown credentials may be asked about: each question takes a place, and one that turns out good gives it back, so that only failures
/// cost anything. Counted for each address, so that a flood from one leaves the others alone, and in all.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class FailureBudget(TimeProvider time)
{
    /// <summary>Failures at once from one address.</summary>
    public const int PerAddress = 100;

    /// <summary>Failures per second from one address, in the long run.</summary>
    public const int PerAddressAndSecond = 5;

    /// <summary>Failures at once in all.</summary>
    public const int InAll = 400;

    /// <summary>Failures per second in all, in the long run.</summary>
    public const int InAllPerSecond = 40;

    private const int MostAddresses = 4096;

    private readonly Budget<IPAddress> _addresses = new(PerAddress, PerAddressAndSecond, MostAddresses, time);
    private readonly Budget<byte> _all = new(InAll, InAllPerSecond, 1, time);

    /// <summary>Takes a place; false when there is none.</summary>
    /// <param name="address">Where the credential came from; null where nobody knows.</param>
    public bool TryTake(IPAddress? address)
    {
        var key = Addresses.Subscriber(address);
        if (!_addresses.TryTake(key))
        {
            return false;
        }

        if (_all.TryTake(0))
        {
            return true;
        }

        _addresses.GiveBack(key);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void GiveBack(IPAddress? address)
    {
        _addresses.GiveBack(Addresses.Subscriber(address));
        _all.GiveBack(0);
    }
}
