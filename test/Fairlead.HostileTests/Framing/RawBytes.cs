using System.Text;
using Fairlead.Testing.Clients;

namespace Fairlead.HostileTests.Framing;

/// <summary>HTTP/1.1 requests whose framing is written by hand.</summary>
internal static class RawBytes
{
    /// <summary>Connects an HTTP/1.1 client on that way.</summary>
    public static Task<RawClient> ConnectHttp11Async(this HostileWorld world, HostileWay way) =>
        RawClient.ConnectAsync(world.Port(way.Protocol), way.Protocol is WireProtocol.Http11Tls ? new RawTls() : null);

    /// <summary>The head of a request with the caller's credential, with these lines at its end.</summary>
    /// <param name="world">The world.</param>
    /// <param name="way">The way; a caller of the cluster door, say.</param>
    /// <param name="method">The method.</param>
    /// <param name="path">Below the door.</param>
    /// <param name="lines">More header lines, each with its end.</param>
    public static string Head(this HostileWorld world, HostileWay way, string method, string path, string lines) =>
        Encoding.Latin1.GetString(world.Request(way, new RawRequest(method, path)).ToHttp11())[..^2] + lines + "\r\n";
}
