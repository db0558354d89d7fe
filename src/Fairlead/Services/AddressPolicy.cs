using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Services;

/// <summary>
/// Where a Service may point (contract <c>headlamp.md</c> F36, decisions 18 and 19). It is asked about the address that is then dialled.
/// </summary>
/// <param name="options">The door's options.</param>
internal sealed class AddressPolicy(ServiceProxyOptions options)
{
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
        var plain = AddressRanges.Plain(address);
        return options.AllowedAddresses.Any(range => range.Contains(plain))
            || (!AddressRanges.IsReserved(plain) && !apiServer.Any(other => AddressRanges.Plain(other).Equals(plain)) && !IsOwn(plain));
    }

    /// <summary>Whether an address that an ExternalName resolves to may be dialled.</summary>
    /// <param name="address">The address.</param>
    /// <param name="isListed">Whether the name is listed: then it is trusted to lead where it leads.</param>
    /// <param name="apiServer">The addresses of the API server.</param>
    public bool AllowsExternal(IPAddress address, bool isListed, IReadOnlyCollection<IPAddress> apiServer) =>
        isListed || options.AllowedAddresses.Any(range => range.Contains(AddressRanges.Plain(address)))
        || (Allows(address, apiServer) && AddressRanges.IsPublic(AddressRanges.Plain(address)));

    private static bool IsOwn(IPAddress address) => OwnAddresses.Current.Contains(address);

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
                .Select(static one => AddressRanges.Plain(one.Address.ScopeIdFree()))];

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
