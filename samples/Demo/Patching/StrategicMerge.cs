using System.Text.Json.Nodes;

namespace Fairlead.Demo.Patching;

/// <summary>Strategic merge patch: lists of objects merge by the key that Kubernetes' types declare; directives begin with <c>$</c>.</summary>
internal static class StrategicMerge
{
    private static readonly Dictionary<string, string[]> _keys = new(StringComparer.Ordinal)
    {
        ["containers"] = ["name"], ["initContainers"] = ["name"], ["ephemeralContainers"] = ["name"], ["env"] = ["name"],
        ["volumes"] = ["name"], ["volumeMounts"] = ["mountPath"], ["volumeDevices"] = ["devicePath"], ["imagePullSecrets"] = ["name"],
        ["hostAliases"] = ["ip"], ["secrets"] = ["name"], ["ownerReferences"] = ["uid"], ["conditions"] = ["type"], ["addresses"] = ["type"],
        ["ports"] = ["containerPort", "port"], ["taints"] = ["key"], ["topologySpreadConstraints"] = ["topologyKey"],
    };

    /// <summary>The patched object.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        if (patch["$patch"]?.GetValue<string>() is "replace")
        {
            var replacement = patch.DeepClone().AsObject();
            replacement.Remove("$patch");
            return replacement;
        }

        var result = target.DeepClone().AsObject();
        foreach (var (key, value) in patch)
        {
            if (key.StartsWith("$deleteFromPrimitiveList/", StringComparison.Ordinal) && result[key[25..]] is JsonArray primitives)
            {
                var gone = value!.AsArray();
                result[key[25..]] = new JsonArray([.. primitives.Where(item => !gone.Any(other => JsonNode.DeepEquals(item, other))).Select(static item => item?.DeepClone())]);
            }
            else if (key is "$retainKeys")
            {
                var kept = value!.AsArray().Select(static item => item!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
                foreach (var stale in result.Select(static pair => pair.Key).Where(name => !kept.Contains(name)).ToArray())
                {
                    result.Remove(stale);
                }
            }
            else if (!key.StartsWith('$'))
            {
                Set(result, key, value);
            }
        }

        return result;
    }

    /// <summary>The key that two items of a list are the same object by; null when the list is one value.</summary>
    public static string? MergeKey(string field, JsonArray items) =>
        _keys.TryGetValue(field, out var keys) ? keys.FirstOrDefault(key => items.OfType<JsonObject>().Any(item => item.ContainsKey(key))) : null;

    private static void Set(JsonObject result, string key, JsonNode? value)
    {
        switch (value)
        {
            case null:
                result.Remove(key);
                break;
            case JsonObject change when change["$patch"]?.GetValue<string>() is "delete":
                result.Remove(key);
                break;
            case JsonObject change:
                result[key] = Apply(result[key] as JsonObject ?? [], change);
                break;
            case JsonArray items when MergeKey(key, items) is { } mergeKey:
                result[key] = MergeLists(result[key] as JsonArray ?? [], items, mergeKey);
                break;
            default:
                result[key] = value.DeepClone();
                break;
        }
    }

    private static JsonArray MergeLists(JsonArray current, JsonArray changes, string key)
    {
        var items = current.OfType<JsonObject>().Select(static item => item.DeepClone().AsObject()).ToList();
        foreach (var change in changes.OfType<JsonObject>())
        {
            if (change["$patch"]?.GetValue<string>() is "replace")
            {
                items.Clear();
                continue;
            }

            var index = items.FindIndex(item => JsonNode.DeepEquals(item[key], change[key]));
            if (change["$patch"]?.GetValue<string>() is "delete")
            {
                if (index >= 0)
                {
                    items.RemoveAt(index);
                }
            }
            else if (index >= 0)
            {
                items[index] = Apply(items[index], change);
            }
            else
            {
                items.Add(change.DeepClone().AsObject());
            }
        }

        return new JsonArray([.. items]);
    }
}
