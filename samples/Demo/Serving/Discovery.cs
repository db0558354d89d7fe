using System.Text.Json.Nodes;
using Fairlead.Demo.Resources;

namespace Fairlead.Demo.Serving;

/// <summary>What the API server says about itself.</summary>
internal static class Discovery
{
    private static readonly string[] _verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>Answers the paths that name no object; false for another path.</summary>
    public static async Task<bool> TryAnswerAsync(HttpContext http)
    {
        var parts = http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        JsonNode? body = parts switch
        {
            ["api"] => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1"), ["serverAddressByClientCIDRs"] = new JsonArray() },
            ["apis"] => Groups(),
            ["api", "v1"] => Resources("", "v1"),
            ["apis", var group] => Groups()["groups"]!.AsArray().FirstOrDefault(item => string.Equals(item!["name"]!.GetValue<string>(), group, StringComparison.Ordinal))?.DeepClone(),
            ["apis", var group, var version] => Resources(group, version),
            ["version"] => Version(),
            ["openapi", "v2"] => OpenApi(),
            _ => null,
        };
        if (parts is ["healthz" or "livez" or "readyz", ..])
        {
            await http.Response.WriteAsync("ok", http.RequestAborted);
            return true;
        }

        if (body is null)
        {
            return false;
        }

        if (parts is ["openapi", "v2"] && http.Request.Headers.Accept.ToString().Contains("proto-openapi", StringComparison.Ordinal))
        {
            await WriteEmptyProtobufAsync(http);
            return true;
        }

        await Answers.WriteAsync(http, body);
        return true;
    }

    private static JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. ResourceCatalog.Types.Concat(ResourceCatalog.Reviews).Where(static type => type.Group.Length > 0).DistinctBy(static type => type.Group, StringComparer.Ordinal).Select(static type =>
            (JsonNode)new JsonObject
            {
                ["kind"] = "APIGroup",
                ["apiVersion"] = "v1",
                ["name"] = type.Group,
                ["versions"] = new JsonArray(GroupVersion(type)),
                ["preferredVersion"] = GroupVersion(type),
            })]),
    };

    private static JsonObject GroupVersion(ResourceType type) => new() { ["groupVersion"] = type.ApiVersion, ["version"] = type.Version };

    private static JsonObject? Resources(string group, string version)
    {
        var stored = ResourceCatalog.Types.Where(Matches).ToArray();
        var reviews = ResourceCatalog.Reviews.Where(Matches).ToArray();
        if (stored.Length + reviews.Length == 0)
        {
            return null;
        }

        var items = new JsonArray();
        foreach (var type in stored)
        {
            items.Add(Resource(type, type.Plural, type.Kind, _verbs));
            foreach (var subresource in type.Subresources)
            {
                items.Add(Resource(type, $"{type.Plural}/{subresource}", subresource is "scale" ? "Scale" : type.Kind, subresource is "exec" or "attach" or "portforward" or "eviction" ? ["create"] : ["get", "patch", "update"]));
            }
        }

        foreach (var type in reviews)
        {
            items.Add(Resource(type, type.Plural, type.Kind, ["create"]));
        }

        return new JsonObject { ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}", ["resources"] = items };

        bool Matches(ResourceType type) => string.Equals(type.Group, group, StringComparison.Ordinal) && string.Equals(type.Version, version, StringComparison.Ordinal);
    }

    private static JsonObject Resource(ResourceType type, string name, string kind, IEnumerable<string> verbs)
    {
        var resource = new JsonObject
        {
            ["name"] = name,
            ["singularName"] = name.Contains('/', StringComparison.Ordinal) ? "" : type.Kind.ToLowerInvariant(),
            ["namespaced"] = type.Namespaced,
            ["kind"] = kind,
            ["verbs"] = new JsonArray([.. verbs.Select(static verb => (JsonNode)JsonValue.Create(verb))]),
        };
        if (type.ShortNames.Count > 0 && !name.Contains('/', StringComparison.Ordinal))
        {
            resource["shortNames"] = new JsonArray([.. type.ShortNames.Select(static shortName => (JsonNode)JsonValue.Create(shortName))]);
        }

        if (kind is "Scale")
        {
            resource["group"] = "autoscaling";
            resource["version"] = "v1";
        }

        return resource;
    }

    private static JsonObject Version() => new()
    {
        ["major"] = "1", ["minor"] = "34", ["gitVersion"] = "v1.34.0-fairlead-demo", ["gitCommit"] = "", ["gitTreeState"] = "clean",
        ["buildDate"] = "2025-08-27T00:00:00Z", ["goVersion"] = "", ["compiler"] = "", ["platform"] = "linux/amd64",
    };

    private static JsonObject OpenApi() => new()
    {
        ["swagger"] = "2.0",
        ["info"] = new JsonObject { ["title"] = "Fairlead demo", ["version"] = "v1.34.0" },
        ["paths"] = new JsonObject(),
        ["definitions"] = new JsonObject(),
    };

    /// <summary>
    /// An openapi_v2.Document with <c>swagger: 2.0</c> and an info: older clients accept nothing but protobuf, and without schemas they
    /// leave validation to the server.
    /// </summary>
    private static Task WriteEmptyProtobufAsync(HttpContext http)
    {
        byte[] document = [0x0A, 3, .. "2.0"u8, 0x12, 16, 0x0A, 4, .. "demo"u8, 0x12, 8, .. "v1.34.00"u8];
        http.Response.ContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
        return http.Response.Body.WriteAsync(document, http.RequestAborted).AsTask();
    }
}
