using System.Text.Json;

namespace Fairlead.Kubernetes.Documents;

/// <summary>Reads JSON into nodes. All of them carry the line of the whole text, since JSON is read from one place at a time.</summary>
public static class JsonText
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

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
        catch (JsonException e)
        {
            // The parser's own message repeats characters and keys of the text.
            var line = (int)Math.Min(e.LineNumber ?? 0, int.MaxValue - 1) + 1;
            return new DocumentResult(null, [new DocumentError("", "not valid JSON, or a key is written twice", origin with { Line = line })]);
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
