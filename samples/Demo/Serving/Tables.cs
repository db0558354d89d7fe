using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Demo.Resources;

namespace Fairlead.Demo.Serving;

/// <summary>Lists as tables, which is what kubectl prints.</summary>
internal static class Tables
{
    /// <summary>Whether the client asks for a table.</summary>
    public static bool Wanted(HttpContext http) => http.Request.Headers.Accept.ToString().Contains("as=Table", StringComparison.Ordinal);

    /// <summary>A table of objects.</summary>
    public static JsonObject Of(ResourceType type, IEnumerable<JsonObject> objects, JsonObject metadata, bool withColumns = true)
    {
        var columns = Columns(type);
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = withColumns
                ? new JsonArray([.. columns.Select(static column => (JsonNode)new JsonObject
                {
                    ["name"] = column.Name, ["type"] = "string", ["format"] = column.Name is "Name" ? "name" : "", ["description"] = column.Name, ["priority"] = 0,
                })])
                : null,
            ["rows"] = new JsonArray([.. objects.Select(value => (JsonNode)new JsonObject
            {
                ["cells"] = new JsonArray([.. columns.Select(column => (JsonNode)JsonValue.Create(column.Value(value)))]),
                ["object"] = new JsonObject
                {
                    ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = value["metadata"]!.DeepClone(),
                },
            })]),
        };
    }

    private static (string Name, Func<JsonObject, string> Value)[] Columns(ResourceType type)
    {
        (string, Func<JsonObject, string>) name = ("Name", static value => Text(value["metadata"]?["name"]));
        (string, Func<JsonObject, string>) age = ("Age", Age);
        return type.Kind switch
        {
            "Namespace" => [name, ("Status", static value => Text(value["status"]?["phase"])), age],
            "Pod" =>
            [
                name,
                ("Ready", static value => $"{(value["status"]?["containerStatuses"] as JsonArray ?? []).Count(static status => status!["ready"]!.GetValue<bool>())}/{(value["spec"]?["containers"] as JsonArray)?.Count ?? 0}"),
                ("Status", static value => Text(value["status"]?["phase"])),
                ("Restarts", static _ => "0"),
                age,
            ],
            "Deployment" =>
            [
                name,
                ("Ready", static value => $"{value["status"]?["readyReplicas"] ?? 0}/{value["spec"]?["replicas"] ?? 1}"),
                ("Up-to-date", static value => Text(value["status"]?["updatedReplicas"], "0")),
                ("Available", static value => Text(value["status"]?["availableReplicas"], "0")),
                age,
            ],
            "Service" =>
            [
                name,
                ("Type", static value => Text(value["spec"]?["type"], "ClusterIP")),
                ("Cluster-IP", static value => Text(value["spec"]?["clusterIP"], "<none>")),
                ("External-IP", static _ => "<none>"),
                ("Port(s)", static value => string.Join(',', (value["spec"]?["ports"] as JsonArray ?? []).Select(static port => $"{port!["port"]}/{port["protocol"] ?? "TCP"}"))),
                age,
            ],
            "ConfigMap" => [name, ("Data", static value => ((value["data"] as JsonObject)?.Count ?? 0).ToString(CultureInfo.InvariantCulture)), age],
            "Secret" => [name, ("Type", static value => Text(value["type"], "Opaque")), ("Data", static value => ((value["data"] as JsonObject)?.Count ?? 0).ToString(CultureInfo.InvariantCulture)), age],
            _ => [name, age],
        };
    }

    private static string Text(JsonNode? node, string otherwise = "") => node?.ToString() ?? otherwise;

    private static string Age(JsonObject value)
    {
        var created = DateTime.Parse(Text(value["metadata"]?["creationTimestamp"]), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
        var age = DateTime.UtcNow - created;
        return age.TotalMinutes < 2 ? $"{Math.Max(0, (int)age.TotalSeconds)}s" : age.TotalHours < 3 ? $"{(int)age.TotalMinutes}m" : $"{(int)age.TotalHours}h";
    }
}
