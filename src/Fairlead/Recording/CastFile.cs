using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fairlead.Recording;

/// <summary>
/// A recording in the format asciicast v2 (docs.asciinema.org/manual/asciicast/v2): a line that says what it is, then a line for each event. Every event is in the file before
/// anybody sees what it records.
/// </summary>
internal sealed class CastFile : IDisposable
{
    // What is told without a terminal, and before one has said its size.
    private const int DefaultWidth = 80;
    private const int DefaultHeight = 24;
    private const int Longest = 99_999;
    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly FileStream _file;
    private readonly CastHeader _header;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Utf8JsonWriter _writer;
    private readonly Dictionary<(string Code, int Channel), Decoder> _decoders = [];
    private bool _hasEvents;

    private CastFile(FileStream file, CastHeader header)
    {
        (_file, _header) = (file, header);
        _writer = new Utf8JsonWriter(_line, _json);
    }

    /// <summary>The file.</summary>
    public string Path => _file.Name;

    /// <summary>Its length in bytes.</summary>
    public long Length => _file.Position;

    /// <summary>Begins one, which only its owner reads. There is none of that name yet.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public static CastFile Create(string path, CastHeader header)
    {
        var cast = new CastFile(
            new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read | FileShare.Delete, BufferSize = 0,
                UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }),
            header);
        try
        {
            cast.Append(cast.Header(DefaultWidth, DefaultHeight));
            return cast;
        }
        catch
        {
            cast.Discard();
            throw;
        }
    }

    /// <summary>Writes an event of text: <c>o</c> is what was shown, <c>i</c> what was typed.</summary>
    /// <param name="at">Since the beginning.</param>
    /// <param name="code">What it is.</param>
    /// <param name="channel">Where it passed: a character may be cut in two between two events of the same channel.</param>
    /// <param name="bytes">UTF-8; what is none becomes U+FFFD.</param>
    public void Text(TimeSpan at, string code, int channel, ReadOnlySpan<byte> bytes)
    {
        if (!_decoders.TryGetValue((code, channel), out var decoder))
        {
            _decoders[(code, channel)] = decoder = Encoding.UTF8.GetDecoder();
        }

        var chars = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(bytes.Length));
        try
        {
            if (decoder.GetChars(bytes, chars, flush: false) is > 0 and var count)
            {
                Event(at, code, chars.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    /// <summary>The terminal has another size. The first one, before any other event, becomes the one that the recording begins with.</summary>
    public void Resize(TimeSpan at, int width, int height)
    {
        if (width is < 1 or > Longest || height is < 1 or > Longest)
        {
            return;
        }

        if (_hasEvents)
        {
            Event(at, "r", string.Create(CultureInfo.InvariantCulture, $"{width}x{height}"));
            return;
        }

        // As long as the one before: numbers are padded.
        RandomAccess.Write(_file.SafeFileHandle, Header(width, height), 0);
    }

    /// <summary>Removes the file: there was no session.</summary>
    public void Discard()
    {
        Dispose();
        try
        {
            File.Delete(Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A recording of nothing stays behind.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }

    private void Event(TimeSpan at, string code, ReadOnlySpan<char> text)
    {
        _hasEvents = true;
        _line.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartArray();
        _writer.WriteRawValue(at.TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture), skipInputValidation: true);
        _writer.WriteStringValue(code);
        _writer.WriteStringValue(text);
        _writer.WriteEndArray();
        _writer.Flush();
        _line.Write("\n"u8);
        Append(_line.WrittenSpan);
    }

    private void Append(ReadOnlySpan<byte> line)
    {
        var end = _file.Position;
        try
        {
            _file.Write(line);
        }
        catch
        {
            // A player stops at half a line.
            _file.SetLength(end);
            throw;
        }
    }

    private byte[] Header(int width, int height)
    {
        var rest = JsonSerializer.Serialize(_header, CastJson.Relaxed.CastHeader);
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"version\": 2, \"width\": {width,5}, \"height\": {height,5}, {rest[1..]}\n"));
    }
}
