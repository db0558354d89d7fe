using System.Net;
using System.Net.Sockets;

namespace Fairlead.Kubernetes.Connections;

/// <summary>What kind of place an address is. All methods but <see cref="Plain"/> take plain addresses.</summary>
public static class AddressRanges
{
    /// <summary>This machine, this link, nobody and everybody, and cloud metadata.</summary>
    private static readonly IPNetwork[] _reserved =
    [
        .. Parse(
            "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", // unspecified, loopback, link-local (with metadata), multicast, reserved and broadcast
            "::/128", "::1/128", "fe80::/10", "ff00::/8", // the same of IPv6
            "64:ff9b:1::/48", "2001::/32", // local NAT64 and Teredo: what they lead to cannot be told
            "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::/32", "fd20:ce::254/128"), // metadata of Alibaba, Azure, Oracle, AWS, Google
    ];

    /// <summary>Addresses that nobody on the internet has.</summary>
    private static readonly IPNetwork[] _notPublic =
    [
        .. Parse(
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "2001:2::/48", "2001:db8::/32", "3fff::/20"), // of the rest of IPv6 nothing is public that is not in 2000::/3 (RFC 4291 2.4)
    ];

    private static readonly IPNetwork _publicV6 = IPNetwork.Parse("2000::/3");

    /// <summary>Whether an address is never a place for anything that the gateway is sent to.</summary>
    public static bool IsReserved(IPAddress plain) => _reserved.Any(range => range.Contains(plain));

    /// <summary>Whether an address is one of the internet.</summary>
    public static bool IsPublic(IPAddress plain)
    {
        ArgumentNullException.ThrowIfNull(plain);
        return !IsReserved(plain) && !_notPublic.Any(range => range.Contains(plain)) && (plain.AddressFamily is AddressFamily.InterNetwork || _publicV6.Contains(plain));
    }

    /// <summary>An address of IPv4 in the clothes of IPv6 is that address: mapped (RFC 4291), translated (RFC 7915), NAT64 (RFC 6052), 6to4 (RFC 3056), compatible.</summary>
    public static IPAddress Plain(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        ReadOnlySpan<byte> nat64 = [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
        ReadOnlySpan<byte> translated = [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0];
        return bytes.StartsWith(nat64) || bytes.StartsWith(translated) ? new IPAddress(bytes[12..])
            : bytes is [0x20, 0x02, ..] ? new IPAddress(bytes[2..6])
            : bytes[..12].IndexOfAnyExcept((byte)0) < 0 && bytes[12] != 0 ? new IPAddress(bytes[12..])
            : new IPAddress(bytes);
    }

    private static IEnumerable<IPNetwork> Parse(params string[] ranges) => ranges.Select(static range => IPNetwork.Parse(range));
}
