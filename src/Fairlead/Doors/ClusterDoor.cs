namespace Fairlead.Doors;

/// <summary>The routes of <c>/clusters/{c}/...</c> (decision 4).</summary>
internal static class ClusterDoor
{
    /// <summary>What the door's paths begin with, below the base URL.</summary>
    public const string Prefix = "/clusters/";

    /// <summary>The route of a target whose path begins with the door's prefix, <paramref name="length"/> characters long.</summary>
    public static DoorRoute Find(RequestTarget target, int length)
    {
        var rest = target.Path[length..];
        var slash = rest.IndexOf('/');
        var name = PercentByte.Decode(slash < 0 ? rest : rest[..slash]);
        var isService = BelongsToServices(rest);
        // The service door's contract takes locator/name with its slash encoded as well (F6 of headlamp.md).
        if (name is null || name.AsSpan().ContainsAny('\\', '%') || (!isService && name.Contains('/', StringComparison.Ordinal)))
        {
            return new DoorRoute.Refused(isService ? Door.Service : Door.Cluster, new Refusal(
                RefusalReason.InvalidTarget,
                "The cluster's name in the path holds an encoded slash, backslash or percent sign, or a malformed escape; write locator/name as locator--name"));
        }

        if (name.Length == 0)
        {
            return Router.Unknown(isService ? Door.Service : Door.Cluster, rest);
        }

        if (isService)
        {
            return ServiceDoor.Find(target, length + slash + 1 + ServiceDoor.Segment.Length, name);
        }

        var path = slash < 0 ? default : rest[slash..];
        return path is "/set-token" ? new DoorRoute.Auth(AuthRoute.SetToken, Door.Cluster, name)
            : path is "/me" ? new DoorRoute.Auth(AuthRoute.ClusterMe, Door.Cluster, name)
            : OwnName(path) is { } refusal
            ? new DoorRoute.Refused(Door.Cluster, refusal)
            : new DoorRoute.Proxy(Door.Cluster, length + (slash < 0 ? rest.Length : slash), name);
    }

    /// <summary>Whether what follows <see cref="Prefix"/> is a cluster's name and then the service door.</summary>
    public static bool BelongsToServices(ReadOnlySpan<char> rest)
    {
        var slash = rest.IndexOf('/');
        if (slash < 0 || !rest[(slash + 1)..].StartsWith(ServiceDoor.Segment, StringComparison.Ordinal))
        {
            return false;
        }

        var end = slash + 1 + ServiceDoor.Segment.Length;
        return rest.Length == end || rest[end] == '/';
    }

    /// <summary>Names that belong to the gateway and never reach a cluster, in any spelling that decodes to them.</summary>
    private static Refusal? OwnName(ReadOnlySpan<char> path)
    {
        var first = FirstSegment(path);
        return (first.Contains('%') ? FirstSegment(PercentByte.DecodeBytes(path)) : first) switch
        {
            ServiceDoor.Segment => new Refusal(RefusalReason.InvalidTarget, "Write /serviceproxy/ as it stands here: without percent-encoding and behind one slash"),
            "set-token" or "me" => new Refusal(RefusalReason.UnknownRoute, "Write /set-token and /me as they stand here: without percent-encoding, and nothing behind them"),
            "helm" => new Refusal(RefusalReason.NotImplemented, "Helm runs at the client: point helm at this cluster's address"),
            "portforward" => new Refusal(
                RefusalReason.NotImplemented, "Port-forwards run at the client: use kubectl port-forward, or the pod's portforward sub-resource"),
            _ => null,
        };
    }

    private static ReadOnlySpan<char> FirstSegment(ReadOnlySpan<char> path)
    {
        path = path.TrimStart('/');
        var slash = path.IndexOf('/');
        return slash < 0 ? path : path[..slash];
    }
}
