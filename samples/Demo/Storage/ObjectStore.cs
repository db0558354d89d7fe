using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Fairlead.Demo.Resources;
using Fairlead.Demo.Serving;

namespace Fairlead.Demo.Storage;

/// <summary>What happened to an object.</summary>
/// <param name="Type"><c>ADDED</c>, <c>MODIFIED</c> or <c>DELETED</c>.</param>
/// <param name="Object">The object after it, or as it was when it was deleted. Never changed afterwards.</param>
/// <param name="Previous">The object before it.</param>
/// <param name="Version">The resource version of the event.</param>
/// <param name="Resource">The object's type.</param>
internal sealed record StoreEvent(string Type, JsonObject Object, JsonObject? Previous, long Version, ResourceType Resource);

/// <summary>All objects, under one counter of resource versions, with the history that watches start from.</summary>
internal sealed class ObjectStore
{
    private const int HistoryLimit = 20_000;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<StoreEvent> _history = [];
    private readonly List<Channel<StoreEvent>> _watchers = [];
    private long _version = 1;

    /// <summary>The newest resource version.</summary>
    public long Version
    {
        get
        {
            lock (_lock)
            {
                return _version;
            }
        }
    }

    /// <summary>The object, a copy; null when there is none.</summary>
    public JsonObject? Get(ResourceType type, string @namespace, string name)
    {
        lock (_lock)
        {
            return _objects.TryGetValue(Key(type, @namespace, name), out var found) ? Copy(found) : null;
        }
    }

    /// <summary>The objects of a type in the order of namespace and name, with the version of the list.</summary>
    public (IReadOnlyList<JsonObject> Items, long Version) List(ResourceType type, string @namespace)
    {
        lock (_lock)
        {
            var prefix = Prefix(type) + (@namespace.Length == 0 ? "" : @namespace + "/");
            return ([.. _objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(static pair => Copy(pair.Value))], _version);
        }
    }

    /// <summary>Stores a new object.</summary>
    /// <exception cref="ApiException">There is one of that name.</exception>
    public JsonObject Create(ResourceType type, JsonObject value, bool dryRun)
    {
        var (@namespace, name) = Names(value);
        lock (_lock)
        {
            var key = Key(type, @namespace, name);
            if (_objects.ContainsKey(key))
            {
                throw new ApiException(409, "AlreadyExists", $"{type.QualifiedName} \"{name}\" already exists") { Kind = type.Plural, Name = name, Group = type.Group };
            }

            var stored = Copy(value);
            var meta = stored["metadata"]!.AsObject();
            meta["uid"] = Guid.NewGuid().ToString();
            meta["creationTimestamp"] = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            if (stored.ContainsKey("spec"))
            {
                meta["generation"] = 1L;
            }

            return dryRun ? stored : Put(type, key, stored, null, "ADDED");
        }
    }

    /// <summary>Changes an object; the change sees the object as it is now.</summary>
    /// <exception cref="ApiException">There is no such object, or the change refuses.</exception>
    public JsonObject Update(ResourceType type, string @namespace, string name, Func<JsonObject, JsonObject> change, bool dryRun)
    {
        lock (_lock)
        {
            var key = Key(type, @namespace, name);
            if (!_objects.TryGetValue(key, out var current))
            {
                throw NotFound(type, name);
            }

            var next = change(Copy(current));
            var meta = next["metadata"]!.AsObject();
            foreach (var kept in new[] { "uid", "creationTimestamp", "name", "namespace", "generation", "resourceVersion" })
            {
                meta[kept] = current["metadata"]![kept]?.DeepClone();
                if (meta[kept] is null)
                {
                    meta.Remove(kept);
                }
            }

            if (JsonNode.DeepEquals(next, current))
            {
                return next;
            }

            if (!JsonNode.DeepEquals(next["spec"], current["spec"]) && meta["generation"] is { } generation)
            {
                meta["generation"] = long.Parse(generation.ToString(), CultureInfo.InvariantCulture) + 1;
            }

            return dryRun ? next : Put(type, key, next, current, "MODIFIED");
        }
    }

    /// <summary>Takes an object away.</summary>
    public JsonObject? Delete(ResourceType type, string @namespace, string name)
    {
        lock (_lock)
        {
            var key = Key(type, @namespace, name);
            if (!_objects.Remove(key, out var current))
            {
                return null;
            }

            var gone = Copy(current);
            gone["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
            Publish(new StoreEvent("DELETED", gone, current, _version, type));
            return Copy(gone);
        }
    }

    /// <summary>Everything that happens after <paramref name="version"/>, for as long as the reader reads.</summary>
    /// <exception cref="ApiException">The history does not reach back that far.</exception>
    public Channel<StoreEvent> Watch(long version)
    {
        var channel = Channel.CreateUnbounded<StoreEvent>();
        lock (_lock)
        {
            if (_history.Count == HistoryLimit && version < _history[0].Version - 1)
            {
                throw new ApiException(410, "Expired", $"too old resource version: {version} ({_history[0].Version - 1})");
            }

            foreach (var missed in _history.Where(past => past.Version > version))
            {
                channel.Writer.TryWrite(missed);
            }

            _watchers.Add(channel);
        }

        return channel;
    }

    /// <summary>Ends a watch.</summary>
    public void Unwatch(Channel<StoreEvent> channel)
    {
        lock (_lock)
        {
            _watchers.Remove(channel);
        }
    }

    /// <summary>The error for an object that is not there.</summary>
    public static ApiException NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{type.QualifiedName} \"{name}\" not found") { Kind = type.Plural, Name = name, Group = type.Group };

    private JsonObject Put(ResourceType type, string key, JsonObject value, JsonObject? previous, string change)
    {
        value["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        _objects[key] = value;
        Publish(new StoreEvent(change, value, previous, _version, type));
        return Copy(value);
    }

    private void Publish(StoreEvent happened)
    {
        _history.Add(happened);
        if (_history.Count > HistoryLimit)
        {
            _history.RemoveAt(0);
        }

        foreach (var watcher in _watchers)
        {
            watcher.Writer.TryWrite(happened);
        }
    }

    private static (string Namespace, string Name) Names(JsonObject value) =>
        (value["metadata"]!["namespace"]?.GetValue<string>() ?? "", value["metadata"]!["name"]!.GetValue<string>());

    private static string Prefix(ResourceType type) => $"{type.Group}/{type.Plural}/";

    private static string Key(ResourceType type, string @namespace, string name) => Prefix(type) + @namespace + "/" + name;

    private static JsonObject Copy(JsonObject value) => value.DeepClone().AsObject();
}
