using System.Buffers.Binary;
using System.Text;

namespace Fairlead.Testing.Wire;

/// <summary>What a TLS client asked for in the clear (RFC 8446 section 4.1.2); <c>SslStream</c> does not show the ALPN list.</summary>
internal sealed record ClientHello(string? ServerName, IReadOnlyList<string> Protocols)
{
    private const int ServerNameExtension = 0;
    private const int AlpnExtension = 16;

    /// <summary>Reads the first handshake record; an empty answer when the bytes are not a ClientHello.</summary>
    public static ClientHello Parse(ReadOnlySpan<byte> bytes)
    {
        string? serverName = null;
        var protocols = new List<string>();
        try
        {
            // Record header 5, handshake header 4, version 2, random 32.
            var rest = bytes[0] == 22 && bytes[5] == 1 ? bytes[43..] : [];
            Skip(ref rest, 1);
            Skip(ref rest, 2);
            Skip(ref rest, 1);
            var extensions = Take(ref rest, 2);
            while (extensions.Length > 0)
            {
                var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
                extensions = extensions[2..];
                var body = Take(ref extensions, 2);
                if (type == ServerNameExtension)
                {
                    var list = Take(ref body, 2)[1..];
                    serverName = Encoding.ASCII.GetString(Take(ref list, 2));
                }
                else if (type == AlpnExtension)
                {
                    var list = Take(ref body, 2);
                    while (list.Length > 0)
                    {
                        protocols.Add(Encoding.ASCII.GetString(Take(ref list, 1)));
                    }
                }
            }
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            // Not TLS, or cut: what was read so far stands.
        }

        return new(serverName, protocols);
    }

    private static void Skip(ref ReadOnlySpan<byte> rest, int lengthBytes) => Take(ref rest, lengthBytes);

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int lengthBytes)
    {
        var length = lengthBytes == 1 ? rest[0] : BinaryPrimitives.ReadUInt16BigEndian(rest);
        var taken = rest.Slice(lengthBytes, length);
        rest = rest[(lengthBytes + length)..];
        return taken;
    }
}
