using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Fairlead.Kubernetes.Documents;

/// <summary>Reads JSON into nodes. All of them carry the line of the whole text, since JSON is read from one place at a time.</summary>
public static class JsonText
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = YamlDocument.MaxDepth };

    /// <summary>Reads <paramref name="text"/>. Never throws for what the text holds.</summary>
    /// <param name="text">The JSON text.</param>
    /// <param name="origin">Where it was written.</param>
    public static DocumentResult Read(string text, TextOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(origin);
        try
        {
            using var document = JsonDocument.Parse(text, Options);
            return new DocumentResult(ToNode(document.RootElement, origin), []);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // Half of a surrogate pair, escaped or as it is: the former is a JSON string (RFC 8259 8.2), and neither is text.
            return new DocumentResult(null, [new DocumentError("", "holds half of a character (\\ud800 to \\udfff) without its other half", origin)]);
        }
        catch (JsonException e)
        {
            // The parser's own message repeats characters and keys of the text.
            var line = (int)Math.Min(e.LineNumber ?? 0, int.MaxValue - 1) + 1;
            return new DocumentResult(null, [new DocumentError("", "not valid JSON, or a key is written twice", origin with { Line = line })]);
        }
    }

    /// <summary>The JSON text of a value. A number that JSON does not have (<c>0x1f</c>, <c>.5</c>, <c>.inf</c>) is written as one that it has, or as a string.</summary>
    public static string Of(DocumentNode node)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            Write(json, node);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, DocumentNode node)
    {
        switch (node)
        {
            case MapNode map:
                json.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    json.WritePropertyName(entry.Key);
                    Write(json, entry.Value);
                }

                json.WriteEndObject();
                break;

            case ListNode list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;

            case ScalarNode scalar:
                Write(json, scalar);
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, ScalarNode scalar)
    {
        switch (scalar.Type)
        {
            case ScalarKind.Null:
                json.WriteNullValue();
                break;

            case ScalarKind.Boolean:
                json.WriteBooleanValue(string.Equals(scalar.Text, "true", StringComparison.OrdinalIgnoreCase));
                break;

            case ScalarKind.Number when long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole):
                json.WriteNumberValue(whole);
                break;

            case ScalarKind.Number when ulong.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var large)
                || (scalar.Text.StartsWith("0x", StringComparison.Ordinal) && ulong.TryParse(scalar.Text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out large)):
                json.WriteNumberValue(large);
                break;

            case ScalarKind.Number when double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number):
                // JSON readers differ in what -0 is.
                json.WriteNumberValue(number is 0 ? 0 : number);
                break;

            default:
                json.WriteStringValue(scalar.Text);
                break;
        }
    }

    private static DocumentNode ToNode(JsonElement element, TextOrigin origin) => element.ValueKind switch
    {
        JsonValueKind.Object => new MapNode(
            [.. element.EnumerateObject().Select(p => new MapEntry(p.Name, origin, ToNode(p.Value, origin)))], origin),
        JsonValueKind.Array => new ListNode([.. element.EnumerateArray().Select(item => ToNode(item, origin))], origin),
        JsonValueKind.String => new ScalarNode(element.GetString()!, ScalarKind.Text, origin),
        JsonValueKind.Number => new ScalarNode(element.GetRawText(), ScalarKind.Number, origin),
        JsonValueKind.True => new ScalarNode("true", ScalarKind.Boolean, origin),
        JsonValueKind.False => new ScalarNode("false", ScalarKind.Boolean, origin),
        _ => new ScalarNode("", ScalarKind.Null, origin),
    };
}
