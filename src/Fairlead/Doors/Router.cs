using Fairlead.Doors.Auth;

namespace Fairlead.Doors;

/// <summary>Finds the door of a target. Prefixes are literal: an encoded spelling of one is refused, not matched (contract F1).</summary>
internal sealed class Router(string baseUrl)
{
    private readonly string _backstage = baseUrl + BackstageDoor.Prefix;
    private readonly string _clusters = baseUrl + ClusterDoor.Prefix;
    private readonly string _root = baseUrl + "/";
    private readonly string _keys = baseUrl + Credentials.IdentityTokens.KeysPath;
    private readonly string _services = $"{baseUrl}/{ServiceDoor.Segment}";

    /// <summary>Backstage's plugin base, the base URL included.</summary>
    public string BackstageBase => _backstage;

    /// <summary>The door whose error shape a target gets that could not even be parsed.</summary>
    public Door DoorOf(string raw)
    {
        // What a query says is no door.
        var question = raw.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? raw : raw.AsSpan(0, question);
        return IsServices(path) ? Door.Service
            : !path.StartsWith(_clusters, StringComparison.Ordinal) ? Door.Backstage
            : ClusterDoor.BelongsToServices(path[_clusters.Length..]) ? Door.Service : Door.Cluster;
    }

    /// <summary>The route of a checked target.</summary>
    public DoorRoute Find(RequestTarget target)
    {
        var path = target.Path;
        if (IsServices(path))
        {
            return ServiceDoor.Find(target, _services.Length, clusterName: null);
        }

        if (path.StartsWith(_clusters, StringComparison.Ordinal))
        {
            return ClusterDoor.Find(target, _clusters.Length);
        }

        if (path.StartsWith(_backstage, StringComparison.Ordinal)
            && (path.Length == _backstage.Length || path[_backstage.Length] == '/'))
        {
            return BackstageDoor.Find(target, _backstage.Length);
        }

        return path.SequenceEqual(baseUrl) || path.SequenceEqual(_root) ? new DoorRoute.Landing()
            : path.SequenceEqual(_keys) ? new DoorRoute.IdentityKeys()
            : path.SequenceEqual(_clusters.AsSpan()[..^1]) ? new DoorRoute.ListClusters(Door.Cluster)
            : path.StartsWith(baseUrl, StringComparison.Ordinal) && AuthDoor.Find(path[baseUrl.Length..]) is { } auth ? auth
            : Unknown(Door.Backstage, path);
    }

    private bool IsServices(ReadOnlySpan<char> path) =>
        path.StartsWith(_services, StringComparison.Ordinal) && (path.Length == _services.Length || path[_services.Length] == '/');

    /// <summary>The answer for a path that no door serves.</summary>
    public static DoorRoute.Refused Unknown(Door door, ReadOnlySpan<char> path) => new(door, path.Contains('%')
        ? new Refusal(RefusalReason.InvalidTarget, "No route here; a route's own segments have to be written without percent-encoding")
        : new Refusal(RefusalReason.UnknownRoute, "No route here; see /api/kubernetes/proxy/..., /clusters/{cluster}/... and /serviceproxy/{namespace}/{service}/..."));
}
