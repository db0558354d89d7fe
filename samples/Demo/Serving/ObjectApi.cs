using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Demo.Patching;
using Fairlead.Demo.Storage;

namespace Fairlead.Demo.Serving;

/// <summary>The verbs on stored objects.</summary>
internal sealed class ObjectApi(ObjectStore store)
{
    /// <summary>Answers <paramref name="request"/>.</summary>
    public Task AnswerAsync(ApiRequest request) => (request.Verb, request.Subresource) switch
    {
        ("get", "scale") => Answers.WriteAsync(request.Http, Scale(Existing(request))),
        ("update" or "patch", "scale") => ScaleAsync(request),
        ("get", _) => GetAsync(request),
        ("list", _) => ListAsync(request),
        ("watch", _) => new WatchStream(store, request).RunAsync(),
        ("create", _) => CreateAsync(request),
        ("update", _) => UpdateAsync(request),
        ("patch", _) => PatchAsync(request),
        ("delete", _) => DeleteAsync(request),
        _ => DeleteCollectionAsync(request),
    };

    private Task GetAsync(ApiRequest request)
    {
        var found = Existing(request);
        return Answers.WriteAsync(request.Http, Tables.Wanted(request.Http) ? Tables.Of(request.Type, [found], ListMeta(store.Version)) : found);
    }

    private Task ListAsync(ApiRequest request)
    {
        var (all, version) = store.List(request.Type, request.Namespace);
        var selectors = new Selectors(request.Query("labelSelector"), request.Query("fieldSelector"));
        var start = request.Query("continue");
        var items = all.Where(selectors.Match).SkipWhile(item => start.Length > 0 && string.CompareOrdinal(Position(item), start) <= 0).ToArray();
        var meta = ListMeta(version);
        if (int.TryParse(request.Query("limit"), CultureInfo.InvariantCulture, out var limit) && limit > 0 && items.Length > limit)
        {
            meta["continue"] = Position(items[limit - 1]);
            meta["remainingItemCount"] = items.Length - limit;
            items = items[..limit];
        }

        return Answers.WriteAsync(request.Http, Tables.Wanted(request.Http)
            ? Tables.Of(request.Type, items, meta)
            : new JsonObject
            {
                ["kind"] = request.Type.Kind + "List",
                ["apiVersion"] = request.Type.ApiVersion,
                ["metadata"] = meta,
                ["items"] = new JsonArray([.. items]),
            });
    }

    private async Task CreateAsync(ApiRequest request)
    {
        var value = Prepare(request, await request.ReadBodyAsync());
        await Answers.WriteAsync(request.Http, store.Create(request.Type, value, request.DryRun), 201);
    }

    private async Task UpdateAsync(ApiRequest request)
    {
        var body = (await request.ReadBodyAsync()).AsObject();
        var updated = store.Update(request.Type, request.Namespace, request.Name, current => Replace(request, current, body), request.DryRun);
        await Answers.WriteAsync(request.Http, updated);
    }

    private static JsonObject Replace(ApiRequest request, JsonObject current, JsonObject body)
    {
        if (body["metadata"]?["resourceVersion"]?.GetValue<string>() is { Length: > 0 } version
            && !string.Equals(version, current["metadata"]!["resourceVersion"]!.GetValue<string>(), StringComparison.Ordinal))
        {
            throw new ApiException(
                409, "Conflict", $"Operation cannot be fulfilled on {request.Type.QualifiedName} \"{request.Name}\": the object has been modified; please apply your changes to the latest version and try again");
        }

        return Merge(request, current, body.DeepClone().AsObject());
    }

    private async Task PatchAsync(ApiRequest request)
    {
        var patch = await request.ReadBodyAsync();
        var kind = request.Http.Request.ContentType?.Split(';')[0] ?? "";
        if (kind is "application/apply-patch+yaml")
        {
            await ApplyAsync(request, patch.AsObject());
            return;
        }

        Func<JsonObject, JsonObject> change = kind switch
        {
            "application/json-patch+json" => current => JsonPatch.Apply(current, patch.AsArray()),
            "application/merge-patch+json" => current => MergePatch.Apply(current, patch)!.AsObject(),
            "application/strategic-merge-patch+json" => current => StrategicMerge.Apply(current, patch.AsObject()),
            _ => throw new ApiException(415, "UnsupportedMediaType", "the body of the request was in an unknown format"),
        };
        var patched = store.Update(request.Type, request.Namespace, request.Name, current => Merge(request, current, change(current)), request.DryRun);
        await Answers.WriteAsync(request.Http, patched);
    }

    private async Task ApplyAsync(ApiRequest request, JsonObject applied)
    {
        var manager = request.Query("fieldManager") is { Length: > 0 } named ? named : throw new ApiException(400, "BadRequest", "fieldManager is required for apply patch");
        var force = request.IsTrue("force");
        applied["metadata"]!.AsObject().Remove("managedFields");
        JsonObject Change(JsonObject current) => ServerSideApply.Apply(current, applied, manager, force, request.Type.ApiVersion);
        if (store.Get(request.Type, request.Namespace, request.Name) is null)
        {
            var fresh = Prepare(request, applied);
            await Answers.WriteAsync(request.Http, store.Create(request.Type, Change(fresh), request.DryRun), 201);
            return;
        }

        await Answers.WriteAsync(request.Http, store.Update(request.Type, request.Namespace, request.Name, Change, request.DryRun));
    }

    private async Task ScaleAsync(ApiRequest request)
    {
        var body = await request.ReadBodyAsync();
        var updated = store.Update(request.Type, request.Namespace, request.Name, current =>
        {
            current["spec"]!["replicas"] = body["spec"]!["replicas"]!.DeepClone();
            return current;
        }, request.DryRun);
        await Answers.WriteAsync(request.Http, Scale(updated));
    }

    private async Task DeleteAsync(ApiRequest request)
    {
        var gone = request.DryRun ? Existing(request) : Remove(request, request.Name) ?? throw ObjectStore.NotFound(request.Type, request.Name);
        // Pods and namespaces come back whole, the rest as a Status, as from a real server.
        await Answers.WriteAsync(request.Http, request.Type.Kind is "Pod" or "Namespace" ? gone : new JsonObject
        {
            ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success",
            ["details"] = new JsonObject { ["name"] = request.Name, ["kind"] = request.Type.Plural, ["uid"] = gone["metadata"]!["uid"]!.DeepClone() },
        });
    }

    private async Task DeleteCollectionAsync(ApiRequest request)
    {
        var selectors = new Selectors(request.Query("labelSelector"), request.Query("fieldSelector"));
        foreach (var item in store.List(request.Type, request.Namespace).Items.Where(selectors.Match))
        {
            Remove(request, item["metadata"]!["name"]!.GetValue<string>());
        }

        await Answers.WriteAsync(request.Http, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" });
    }

    private JsonObject? Remove(ApiRequest request, string name)
    {
        if (request.Type.Kind is "Namespace")
        {
            foreach (var type in Resources.ResourceCatalog.Types.Where(static type => type.Namespaced))
            {
                foreach (var item in store.List(type, name).Items)
                {
                    store.Delete(type, name, item["metadata"]!["name"]!.GetValue<string>());
                }
            }
        }

        return store.Delete(request.Type, request.Namespace, name);
    }

    private JsonObject Existing(ApiRequest request) =>
        store.Get(request.Type, request.Namespace, request.Name) ?? throw ObjectStore.NotFound(request.Type, request.Name);

    /// <summary>Status and the rest are written apart: a request for one leaves the other as it was.</summary>
    private static JsonObject Merge(ApiRequest request, JsonObject current, JsonObject next)
    {
        if (request.Subresource is "status")
        {
            current["status"] = next["status"]?.DeepClone();
            return current;
        }

        if (request.Type.Subresources.Contains("status", StringComparer.Ordinal))
        {
            next.Remove("status");
            if (current["status"] is { } status)
            {
                next["status"] = status.DeepClone();
            }
        }

        next["apiVersion"] = request.Type.ApiVersion;
        next["kind"] = request.Type.Kind;
        return next;
    }

    private JsonObject Prepare(ApiRequest request, JsonNode body)
    {
        var value = body.DeepClone().AsObject();
        var meta = (JsonObject)(value["metadata"] ??= new JsonObject());
        if (meta["name"] is null && meta["generateName"]?.GetValue<string>() is { } prefix)
        {
            meta["name"] = prefix + Guid.NewGuid().ToString("N")[..5];
        }

        if (meta["name"] is null)
        {
            throw new ApiException(422, "Invalid", $"{request.Type.Kind} \"\" is invalid: metadata.name: Required value: name or generateName is required");
        }

        if (request.Type.Namespaced)
        {
            meta["namespace"] = request.Namespace;
            var home = Resources.ResourceCatalog.Find("", "v1", "namespaces")!;
            if (store.Get(home, "", request.Namespace) is null)
            {
                throw ObjectStore.NotFound(home, request.Namespace);
            }
        }

        value["apiVersion"] = request.Type.ApiVersion;
        value["kind"] = request.Type.Kind;
        return Defaults.Fill(request.Type, value);
    }

    private static JsonObject Scale(JsonObject value) => new()
    {
        ["kind"] = "Scale", ["apiVersion"] = "autoscaling/v1",
        ["metadata"] = new JsonObject
        {
            ["name"] = value["metadata"]!["name"]!.DeepClone(), ["namespace"] = value["metadata"]!["namespace"]!.DeepClone(),
            ["uid"] = value["metadata"]!["uid"]!.DeepClone(), ["resourceVersion"] = value["metadata"]!["resourceVersion"]!.DeepClone(),
        },
        ["spec"] = new JsonObject { ["replicas"] = value["spec"]?["replicas"]?.DeepClone() ?? 1 },
        ["status"] = new JsonObject { ["replicas"] = value["status"]?["replicas"]?.DeepClone() ?? 0 },
    };

    private static JsonObject ListMeta(long version) => new() { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };

    private static string Position(JsonObject item) => $"{item["metadata"]!["namespace"]}/{item["metadata"]!["name"]}";
}
