using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Demo.Serving;

namespace Fairlead.Demo.Patching;

/// <summary>
/// Server-side apply: every manager owns the fields it has applied. A field that another manager owns with another value is a
/// conflict; one that a manager no longer applies goes. Lists of objects are owned as whole values here.
/// </summary>
internal static class ServerSideApply
{
    /// <summary>The object after <paramref name="applied"/> was applied.</summary>
    /// <exception cref="ApiException">Another manager owns a field with another value.</exception>
    public static JsonObject Apply(JsonObject current, JsonObject applied, string manager, bool force, string apiVersion)
    {
        var entries = current["metadata"]?["managedFields"] as JsonArray ?? [];
        var wanted = Leaves(applied).Where(static leaf => !IsIdentity(leaf.Path)).ToDictionary(static leaf => leaf.Path, static leaf => leaf.Value, StringComparer.Ordinal);
        var owned = entries.OfType<JsonObject>().ToDictionary(
            static entry => $"{entry["manager"]}/{entry["operation"]}", static entry => Paths(entry["fieldsV1"]!.AsObject(), "").ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var own = $"{manager}/Apply";
        var conflicts = owned
            .Where(pair => !string.Equals(pair.Key, own, StringComparison.Ordinal))
            .SelectMany(pair => pair.Value.Where(path => wanted.TryGetValue(path, out var value) && !JsonNode.DeepEquals(value, At(current, path))).Select(path => (Manager: pair.Key, Path: path)))
            .ToArray();
        if (conflicts.Length > 0 && !force)
        {
            throw Conflict(conflicts);
        }

        var result = MergePatch.Apply(current, applied)!.AsObject();
        foreach (var stale in owned.GetValueOrDefault(own)?.Where(path => !wanted.ContainsKey(path) && owned.Count(pair => pair.Value.Contains(path)) == 1) ?? [])
        {
            RemoveAt(result, stale);
        }

        owned[own] = [.. wanted.Keys];
        foreach (var (_, path) in conflicts)
        {
            foreach (var other in owned.Where(pair => !string.Equals(pair.Key, own, StringComparison.Ordinal)))
            {
                other.Value.Remove(path);
            }
        }

        result["metadata"]!["managedFields"] = new JsonArray([.. owned.Where(static pair => pair.Value.Count > 0).Select(pair => (JsonNode)Entry(pair.Key, pair.Value, apiVersion))]);
        return result;
    }

    private static ApiException Conflict((string Manager, string Path)[] conflicts) => new(
        409,
        "Conflict",
        $"Apply failed with {conflicts.Length} conflict{(conflicts.Length == 1 ? "" : "s")}: " + string.Join("; ", conflicts.Select(static conflict =>
            $"conflict with \"{conflict.Manager.Split('/')[0]}\": {conflict.Path.Replace('/', '.')}")))
    {
        Causes = [.. conflicts.Select(static conflict => ("FieldManagerConflict", $"conflict with \"{conflict.Manager.Split('/')[0]}\"", conflict.Path.Replace('/', '.')))],
    };

    private static JsonObject Entry(string key, HashSet<string> paths, string apiVersion)
    {
        var fields = new JsonObject();
        foreach (var path in paths.Order(StringComparer.Ordinal))
        {
            var node = fields;
            foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                node = (JsonObject)(node["f:" + part] ??= new JsonObject());
            }
        }

        var parts = key.Split('/');
        return new JsonObject
        {
            ["manager"] = parts[0],
            ["operation"] = parts[1],
            ["apiVersion"] = apiVersion,
            ["time"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = fields,
        };
    }

    private static IEnumerable<string> Paths(JsonObject fields, string path) => fields.Count == 0
        ? [path]
        : fields.SelectMany(pair => Paths(pair.Value!.AsObject(), $"{path}/{pair.Key[2..]}"));

    private static IEnumerable<(string Path, JsonNode? Value)> Leaves(JsonNode? node, string path = "") => node is JsonObject { Count: > 0 } map
        ? map.SelectMany(pair => Leaves(pair.Value, $"{path}/{pair.Key}"))
        : [(path, node)];

    private static bool IsIdentity(string path) =>
        path is "/apiVersion" or "/kind" or "/metadata/name" or "/metadata/namespace" || path.StartsWith("/metadata/managedFields", StringComparison.Ordinal);

    private static JsonNode? At(JsonObject root, string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate((JsonNode?)root, static (node, part) => (node as JsonObject)?[part]);

    private static void RemoveAt(JsonObject root, string path)
    {
        var cut = path.LastIndexOf('/');
        (At(root, path[..cut]) as JsonObject)?.Remove(path[(cut + 1)..]);
    }
}
