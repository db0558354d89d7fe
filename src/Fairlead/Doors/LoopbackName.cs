using System.Net;

namespace Fairlead.Doors;

/// <summary>Host names that always mean the machine itself (RFC 6761 6.3), so that no foreign page can be served under one.</summary>
internal static class LoopbackName
{
    /// <summary>Whether <paramref name="host"/> is one, brackets of an address included.</summary>
    public static bool Is(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var address) && IPAddress.IsLoopback(address));
}
