using System.Net;
using System.Net.Sockets;

namespace Fairlead.Testing.Processes;

/// <summary>Ports for programs that have to be told theirs. They lie below those that the system gives to connections, so that no client takes one meanwhile.</summary>
public static class FreePort
{
    private const int First = 20_000;
    private const int Count = 10_000;

    /// <summary>A port that nobody has.</summary>
    /// <param name="address">On which address; loopback when null.</param>
    public static int Next(IPAddress? address = null)
    {
        while (true)
        {
            var port = First + Random.Shared.Next(Count);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(address ?? IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
                // Somebody has it.
            }
        }
    }
}
