using System.Buffers.Binary;

namespace Fairlead.Testing.Http2;

/// <summary>What the server's SETTINGS say (RFC 9113 section 6.5.2, RFC 8441 section 3).</summary>
internal sealed class Http2Settings
{
    /// <summary>The window of a connection, and of a stream unless the settings say otherwise.</summary>
    public const uint DefaultWindow = 65_535;

    private readonly Dictionary<int, uint> _values = [];

    public uint InitialWindowSize => _values.GetValueOrDefault(4, DefaultWindow);

    public int MaxFrameSize => (int)_values.GetValueOrDefault(5, 16_384u);

    public bool AllowsExtendedConnect => _values.GetValueOrDefault(8) == 1;

    public void Apply(ReadOnlySpan<byte> payload)
    {
        for (; payload.Length >= 6; payload = payload[6..])
        {
            _values[BinaryPrimitives.ReadUInt16BigEndian(payload)] = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
        }
    }
}
