using Fairlead.Testing.Clients;
using Fairlead.Testing.Upstreams;

namespace Fairlead.Testing.Upgrades;

/// <summary>
/// The handshake of kubectl before 1.31 for exec, attach and port-forward. What follows it is opaque to a gateway, so tests send any bytes.
/// </summary>
public static class SpdyHandshake
{
    /// <summary>The sub-protocols kubectl offers for exec, each on a line of its own, best first.</summary>
    public static IReadOnlyList<string> ExecProtocols { get; } =
        ["v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"];

    /// <summary>The client's POST.</summary>
    public static RawRequest Request(string target, params string[] protocols)
    {
        var request = new RawRequest("POST", target).With("Connection", "Upgrade").With("Upgrade", "SPDY/3.1").With("Content-Length", "0");
        return (protocols is [] ? ExecProtocols : protocols).Aggregate(
            request, (sofar, protocol) => sofar.With("X-Stream-Protocol-Version", protocol));
    }

    /// <summary>The server's 101.</summary>
    public static string Accept(string protocol = "v4.channel.k8s.io") =>
        RawAnswer.Head(101, "Connection: Upgrade", "Upgrade: SPDY/3.1", $"X-Stream-Protocol-Version: {protocol}");
}
