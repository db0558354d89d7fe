using System.Text.Json;

namespace Fairlead.Recording;

/// <summary>Puts together the messages of a terminal's new size.</summary>
internal sealed class ResizeMessage
{
    private readonly byte[] _text = new byte[256];
    private int _length;

    /// <summary>Takes the next bytes of one.</summary>
    /// <returns>The size, where these are the last; null otherwise, and where it is none.</returns>
    public TerminalSize? Take(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var count = Math.Min(bytes.Length, _text.Length - _length);
        bytes[..count].CopyTo(_text.AsSpan(_length));
        _length += count;
        if (!isLast)
        {
            return null;
        }

        var text = _text.AsSpan(0, _length);
        _length = 0;
        try
        {
            return JsonSerializer.Deserialize(text, CastJson.Relaxed.TerminalSize);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
