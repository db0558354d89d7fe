using System.Net;

namespace Fairlead.Forwarding;

/// <summary>Addresses as header values.</summary>
internal static class Addresses
{
    private static readonly string _loopback = IPAddress.Loopback.ToString();

    /// <summary>The address; an IPv4 client of a dual-stack listener is shown as IPv4.</summary>
    public static string Text(IPAddress address) =>
        address.Equals(IPAddress.Loopback) ? _loopback : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    /// <summary>Whose address it is, for counting: an IPv6 network of 64 bits belongs to one subscriber.</summary>
    /// <param name="address">The address; nobody's for null.</param>
    public static IPAddress Subscriber(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        if (address.AddressFamily is not System.Net.Sockets.AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
