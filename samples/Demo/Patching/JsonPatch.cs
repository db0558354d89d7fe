using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Demo.Serving;

namespace Fairlead.Demo.Patching;

/// <summary>JSON patch (RFC 6902).</summary>
internal static class JsonPatch
{
    /// <summary>The patched object.</summary>
    /// <exception cref="ApiException">An operation cannot be carried out.</exception>
    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        JsonNode root = target;
        foreach (var operation in operations)
        {
            var path = Segments(Text(operation, "path"));
            switch (Text(operation, "op"))
            {
                case "add":
                    Set(root, path, operation!["value"]?.DeepClone(), insert: true);
                    break;
                case "replace":
                    _ = Find(root, path) ?? throw Failed(path);
                    Set(root, path, operation!["value"]?.DeepClone(), insert: false);
                    break;
                case "remove":
                    Remove(root, path);
                    break;
                case "test":
                    if (!JsonNode.DeepEquals(Find(root, path), operation!["value"]))
                    {
                        throw new ApiException(422, "Invalid", $"the server rejected our request due to an error in our request: testing value /{string.Join('/', path)} failed");
                    }

                    break;
                case "copy":
                    Set(root, path, Find(root, Segments(Text(operation, "from")))?.DeepClone(), insert: true);
                    break;
                case "move":
                    var moved = Find(root, Segments(Text(operation, "from")))?.DeepClone();
                    Remove(root, Segments(Text(operation, "from")));
                    Set(root, path, moved, insert: true);
                    break;
                default:
                    throw new ApiException(400, "BadRequest", "unknown operation in a JSON patch");
            }
        }

        return root.AsObject();
    }

    private static string Text(JsonNode? operation, string key) =>
        operation?[key]?.GetValue<string>() ?? throw new ApiException(400, "BadRequest", $"an operation of the JSON patch has no '{key}'");

    private static string[] Segments(string pointer) =>
        [.. pointer.Split('/').Skip(1).Select(static part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static JsonNode? Find(JsonNode root, IEnumerable<string> path) =>
        path.Aggregate((JsonNode?)root, static (node, part) => node switch
        {
            JsonObject map => map[part],
            JsonArray list when int.TryParse(part, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < list.Count => list[index],
            _ => null,
        });

    private static void Set(JsonNode root, string[] path, JsonNode? value, bool insert)
    {
        switch (Find(root, path[..^1]))
        {
            case JsonObject map:
                map[path[^1]] = value;
                break;
            case JsonArray list when insert && path[^1] is "-":
                list.Add(value);
                break;
            case JsonArray list when int.TryParse(path[^1], CultureInfo.InvariantCulture, out var index) && index >= 0 && index <= list.Count:
                if (insert)
                {
                    list.Insert(index, value);
                }
                else
                {
                    list[index] = value;
                }

                break;
            default:
                throw Failed(path);
        }
    }

    private static void Remove(JsonNode root, string[] path)
    {
        var parent = Find(root, path[..^1]);
        var removed = parent is JsonObject map ? map.Remove(path[^1])
            : parent is JsonArray list && int.TryParse(path[^1], CultureInfo.InvariantCulture, out var index) && index >= 0 && index < list.Count && Cut(list, index);
        if (!removed)
        {
            throw Failed(path);
        }
    }

    private static bool Cut(JsonArray list, int index)
    {
        list.RemoveAt(index);
        return true;
    }

    private static ApiException Failed(IEnumerable<string> path) =>
        new(422, "Invalid", $"the server rejected our request due to an error in our request: path /{string.Join('/', path)} does not exist");
}
