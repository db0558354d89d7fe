using System.Net;

namespace Fairlead.Forwarding;

/// <summary>Addresses as header values.</summary>
internal static class Addresses
{
    private static readonly string _loopback = IPAddress.Loopback.ToString();

    /// <summary>The address; an IPv4 client of a dual-stack listener is shown as IPv4.</summary>
    public static string Text(IPAddress address) =>
        address.Equals(IPAddress.Loopback) ? _loopback : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}
