using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Fairlead.Configuration;

namespace Fairlead.Services;

/// <summary>
/// Where a Service may point (contract <c>headlamp.md</c> F36, decisions 18 and 19). It is asked about the address that is then dialled.
/// </summary>
/// <param name="options">The door's options.</param>
internal sealed class AddressPolicy(ServiceProxyOptions options)
{
    /// <summary>Never a place for a Service, whoever says so: this machine, this link, nobody and everybody, and cloud metadata.</summary>
    private static readonly IPNetwork[] _never =
    [
        .. Parse(
            "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", // unspecified, loopback, link-local (with metadata), multicast, reserved and broadcast
            "::/128", "::1/128", "fe80::/10", "ff00::/8", // the same of IPv6
            "64:ff9b:1::/48", "2001::/32", // local NAT64 and Teredo: what they lead to cannot be told
            "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::/32", "fd20:ce::254/128"), // metadata of Alibaba, Azure, Oracle, AWS, Google
    ];

    /// <summary>Addresses that nobody on the internet has: where an ExternalName does not lead unless its name is listed.</summary>
    private static readonly IPNetwork[] _notPublic =
    [
        .. Parse(
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "2001:2::/48", "2001:db8::/32", "3fff::/20"), // of the rest of IPv6 nothing is public that is not in 2000::/3 (RFC 4291 2.4)
    ];

    private static readonly IPNetwork _publicV6 = IPNetwork.Parse("2000::/3");

    /// <summary>Whether a name is listed in <c>serviceProxy.externalNames</c>.</summary>
    public bool IsListed(string name)
    {
        var plain = name.TrimEnd('.');
        return options.ExternalNames.Any(pattern => pattern.StartsWith("*.", StringComparison.Ordinal)
            ? plain.Length > pattern.Length - 1 && plain.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
            : string.Equals(pattern, plain, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether an endpoint or a ClusterIP may be dialled.</summary>
    /// <param name="address">The address.</param>
    /// <param name="apiServer">The addresses of the API server.</param>
    public bool Allows(IPAddress address, IReadOnlyCollection<IPAddress> apiServer)
    {
        var plain = Plain(address);
        return options.AllowedAddresses.Any(range => range.Contains(plain))
            || (!_never.Any(range => range.Contains(plain)) && !apiServer.Any(other => Plain(other).Equals(plain)) && !IsOwn(plain));
    }

    /// <summary>Whether an address that an ExternalName resolves to may be dialled.</summary>
    /// <param name="address">The address.</param>
    /// <param name="isListed">Whether the name is listed: then it is trusted to lead where it leads.</param>
    /// <param name="apiServer">The addresses of the API server.</param>
    public bool AllowsExternal(IPAddress address, bool isListed, IReadOnlyCollection<IPAddress> apiServer) =>
        isListed || options.AllowedAddresses.Any(range => range.Contains(Plain(address)))
        || (Allows(address, apiServer) && IsPublic(Plain(address)));

    /// <summary>An address of IPv4 in the clothes of IPv6 is that address: mapped (RFC 4291), translated (RFC 7915), NAT64 (RFC 6052), 6to4 (RFC 3056), compatible.</summary>
    internal static IPAddress Plain(IPAddress address)
    {
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

    private static bool IsPublic(IPAddress plain) =>
        !_notPublic.Any(range => range.Contains(plain)) && (plain.AddressFamily is AddressFamily.InterNetwork || _publicV6.Contains(plain));

    private static bool IsOwn(IPAddress address) => OwnAddresses.Current.Contains(address);

    private static IEnumerable<IPNetwork> Parse(params string[] ranges) => ranges.Select(static range => IPNetwork.Parse(range));

    /// <summary>The addresses of this machine, read again now and then: interfaces come and go.</summary>
    private static class OwnAddresses
    {
        private static readonly TimeSpan _age = TimeSpan.FromSeconds(30);
        private static volatile Snapshot? _snapshot;

        public static HashSet<IPAddress> Current
        {
            get
            {
                var snapshot = _snapshot;
                if (snapshot is null || TimeProvider.System.GetElapsedTime(snapshot.At) > _age)
                {
                    _snapshot = snapshot = new Snapshot(Read(), TimeProvider.System.GetTimestamp());
                }

                return snapshot.Addresses;
            }
        }

        private static HashSet<IPAddress> Read() =>
            [.. NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(static one => one.GetIPProperties().UnicastAddresses)
                .Select(static one => Plain(one.Address.ScopeIdFree()))];

        private sealed record Snapshot(HashSet<IPAddress> Addresses, long At);
    }
}

/// <summary>Addresses without their zone.</summary>
internal static class ScopedAddress
{
    /// <summary>The address without the interface that it is valid on.</summary>
    public static IPAddress ScopeIdFree(this IPAddress address) =>
        address.AddressFamily is AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;
}
