using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fairlead.Audit;

/// <summary>Makes a line of a record, each thread in a buffer of its own.</summary>
internal static class AuditLine
{
    private const int LongestKept = 16 * 1024;

    // Control characters are escaped, so that a record is one line; quotes and other languages stay readable.
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _bytes;

    [ThreadStatic]
    private static Utf8JsonWriter? _json;

    /// <summary>The line with its end; good until this thread makes the next one.</summary>
    public static ReadOnlySpan<byte> Of(AuditRecord record, string stage, int status)
    {
        if (_bytes is { Capacity: > LongestKept })
        {
            (_bytes, _json) = (null, null);
        }

        var bytes = _bytes ??= new ArrayBufferWriter<byte>(4096);
        var json = _json ??= new Utf8JsonWriter(bytes, _options);
        bytes.ResetWrittenCount();
        json.Reset();
        AuditEvent.Write(json, record, stage, status);
        json.Flush();
        bytes.Write("\n"u8);
        return bytes.WrittenSpan;
    }
}
