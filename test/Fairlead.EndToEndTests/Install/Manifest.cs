using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Fairlead.EndToEndTests.Install;

/// <summary>An object of Kubernetes, as it stands in YAML; every scalar is text.</summary>
/// <param name="Node">The object.</param>
internal sealed record Manifest(JsonObject Node)
{
    /// <summary>Its kind.</summary>
    public string Kind => Text("kind");

    /// <summary>Its name.</summary>
    public string Name => Text("metadata", "name");

    /// <summary>Kind, namespace and name.</summary>
    public string Id => $"{Kind} {(At("metadata", "namespace") is { } space ? $"{space}/" : "")}{Name}";

    /// <summary>The objects of a stream of YAML documents.</summary>
    public static IReadOnlyList<Manifest> Read(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return [.. stream.Documents.Select(static document => Json(document.RootNode)).OfType<JsonObject>().Select(static node => new Manifest(node))];
    }

    /// <summary>What stands at a path of names and numbers; null for nothing.</summary>
    public JsonNode? At(params IEnumerable<string> path)
    {
        JsonNode? node = Node;
        foreach (var part in path)
        {
            node = node is JsonArray list ? list[int.Parse(part, CultureInfo.InvariantCulture)] : node?[part];
        }

        return node;
    }

    /// <summary>The text at a path.</summary>
    public string Text(params IEnumerable<string> path) =>
        At(path)?.GetValue<string>() ?? throw new InvalidOperationException($"No {string.Join(' ', path)} in {Node.ToJsonString()}");

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(static pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Json(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
        YamlScalarNode { Value: { } text } => JsonValue.Create(text),
        _ => null,
    };
}
