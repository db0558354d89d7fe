using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fairlead.Recording;

/// <summary>The first line of a recording, but for its version and size.</summary>
/// <param name="Timestamp">When it began, in seconds since 1970.</param>
/// <param name="Title">What it is, for people.</param>
/// <param name="Command">The command; null where what is typed is not recorded.</param>
/// <param name="Env">What it is, for programs.</param>
internal sealed record CastHeader(long Timestamp, string Title, string? Command, IReadOnlyDictionary<string, string> Env);

/// <summary>The size that a terminal says it has: <c>{"Width":120,"Height":40}</c> on channel 4.</summary>
internal sealed record TerminalSize(int Width, int Height);

/// <summary>The source-generated serialiser of recordings.</summary>
[JsonSerializable(typeof(CastHeader))]
[JsonSerializable(typeof(TerminalSize))]
internal sealed partial class CastJson : JsonSerializerContext
{
    /// <summary>Small letters, in both directions.</summary>
    public static CastJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
