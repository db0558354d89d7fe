using System.Text.Json;
using System.Text.Unicode;

namespace Fairlead.Callers.Tokens;

/// <summary>
/// JSON of others whose every text can be read. Half of a surrogate pair is a JSON string (RFC 8259 8.2) and no text, and bytes that are no UTF-8 are looked at
/// only when a string is: reading one throws then, wherever that is.
/// </summary>
internal static class ReadableJson
{
    /// <summary>The object that <paramref name="json"/> is; null for what is none, or holds something that cannot be read.</summary>
    public static JsonElement? Object(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return root.ValueKind is JsonValueKind.Object && IsReadable(json.Span, root) ? root.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsReadable(ReadOnlySpan<byte> json, JsonElement root)
    {
        if (!Utf8.IsValid(json))
        {
            return false;
        }

        // Only an escape can write half a pair.
        if (json.IndexOf("\\u"u8) < 0)
        {
            return true;
        }

        try
        {
            ReadAll(root);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static void ReadAll(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    ReadAll(property.Value);
                }

                break;

            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    ReadAll(item);
                }

                break;

            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
    }
}
