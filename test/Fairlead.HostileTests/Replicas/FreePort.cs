using System.Net;
using System.Net.Sockets;

namespace Fairlead.HostileTests.Replicas;

/// <summary>Ports for programs that have to be started again where they were. They lie below those that the system gives to connections, so that no client takes one meanwhile.</summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Count = 10_000;

    public static int Next()
    {
        while (true)
        {
            var port = First + Random.Shared.Next(Count);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
