namespace Fairlead.Forwarding.Tunnels;

/// <summary>
/// Follows the frames of one direction of a WebSocket (RFC 6455 5.2) by their headers alone, to know where one ends: only there can a frame of the
/// gateway's own stand.
/// </summary>
internal sealed class WebSocketFrameTracker
{
    private const int CloseOpcode = 0x8;
    private int _headerLength;
    private int _headerSeen;
    private ulong _maskLength;
    private ulong _length;
    private ulong _left;

    /// <summary>Whether the last frame is whole and the next has not begun.</summary>
    public bool IsAtBoundary => _headerSeen == 0 && _left == 0;

    /// <summary>Whether a Close frame has begun: nothing may follow it.</summary>
    public bool HasClosed { get; private set; }

    /// <summary>Takes note of bytes in the order in which they are sent.</summary>
    public void Follow(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left > 0)
            {
                var skipped = (int)Math.Min(_left, (ulong)bytes.Length);
                _left -= (ulong)skipped;
                bytes = bytes[skipped..];
                continue;
            }

            FollowHeader(bytes[0]);
            bytes = bytes[1..];
        }
    }

    private void FollowHeader(byte value)
    {
        const int Flags = 2;
        switch (_headerSeen++)
        {
            case 0:
                HasClosed |= (value & 0xF) == CloseOpcode;
                _headerLength = Flags;
                _length = 0;
                return;

            case 1:
                var extended = (value & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };
                _length = extended == 0 ? (ulong)(value & 0x7F) : 0;
                _headerLength = Flags + extended;
                _maskLength = (value & 0x80) == 0 ? 0UL : 4UL;
                break;

            default:
                _length = (_length << 8) | value;
                break;
        }

        if (_headerSeen == _headerLength)
        {
            // A mask counts as payload: it is skipped all the same.
            _left = _maskLength > ulong.MaxValue - _length ? ulong.MaxValue : _maskLength + _length;
            _headerSeen = 0;
        }
    }
}
