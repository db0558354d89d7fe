using System.Net;

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

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Bucket> _addresses = [];
    private Bucket _all = new(InAll, time.GetTimestamp());

    /// <summary>Takes a place; false when there is none.</summary>
    /// <param name="address">Where the credential came from; null where nobody knows.</param>
    public bool TryTake(IPAddress? address)
    {
        var key = KeyOf(address);
        var now = time.GetTimestamp();
        lock (_lock)
        {
            var own = Refilled(_addresses.GetValueOrDefault(key, new Bucket(PerAddress, now)), PerAddress, PerAddressAndSecond, now);
            _all = Refilled(_all, InAll, InAllPerSecond, now);
            var isTaken = own.Places >= 1 && _all.Places >= 1;
            if (isTaken)
            {
                own = own with { Places = own.Places - 1 };
                _all = _all with { Places = _all.Places - 1 };
            }

            if (_addresses.Count >= MostAddresses && !_addresses.ContainsKey(key))
            {
                Forget(now);
            }

            _addresses[key] = own;
            return isTaken;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void GiveBack(IPAddress? address)
    {
        lock (_lock)
        {
            _all = _all with { Places = Math.Min(InAll, _all.Places + 1) };
            if (_addresses.TryGetValue(KeyOf(address), out var own))
            {
                _addresses[KeyOf(address)] = own with { Places = Math.Min(PerAddress, own.Places + 1) };
            }
        }
    }

    /// <summary>An IPv6 network of 64 bits belongs to one subscriber.</summary>
    private static IPAddress KeyOf(IPAddress? address)
    {
        if (address is null || address.AddressFamily is not System.Net.Sockets.AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return address?.MapToIPv4() ?? IPAddress.None;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private Bucket Refilled(Bucket bucket, int capacity, int perSecond, long now) =>
        new(Math.Min(capacity, bucket.Places + (time.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond)), now);

    /// <summary>Drops the addresses that owe nothing any more, and where all do everything: the limit in all still holds.</summary>
    private void Forget(long now)
    {
        foreach (var (key, bucket) in _addresses.ToArray())
        {
            if (Refilled(bucket, PerAddress, PerAddressAndSecond, now).Places >= PerAddress)
            {
                _addresses.Remove(key);
            }
        }

        if (_addresses.Count >= MostAddresses)
        {
            _addresses.Clear();
        }
    }

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    private readonly record struct Bucket(double Places, long At);
}
