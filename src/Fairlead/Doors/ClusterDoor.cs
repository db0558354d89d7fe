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
        if (name is null || name.AsSpan().ContainsAny('/', '\\', '%'))
        {
            return new DoorRoute.Refused(Door.Cluster, new Refusal(
                RefusalReason.InvalidTarget,
                "The cluster's name in the path holds an encoded slash, backslash or percent sign, or a malformed escape; write locator/name as locator--name"));
        }

        if (name.Length == 0)
        {
            return Router.Unknown(Door.Cluster, rest);
        }

        var path = slash < 0 ? default : rest[slash..];
        return OwnName(path) is { } refusal
            ? new DoorRoute.Refused(Door.Cluster, refusal)
            : new DoorRoute.Proxy(Door.Cluster, length + (slash < 0 ? rest.Length : slash), name);
    }

    /// <summary>Names that belong to the gateway and never reach a cluster, in any spelling that decodes to them.</summary>
    private static Refusal? OwnName(ReadOnlySpan<char> path)
    {
        var first = FirstSegment(path);
        return (first.Contains('%') ? FirstSegment(PercentByte.DecodeBytes(path)) : first) switch
        {
            "serviceproxy" => new Refusal(RefusalReason.UnknownRoute, "The service proxy is not served by this version"),
            "set-token" or "me" => new Refusal(RefusalReason.UnknownRoute, "Browser sessions are not served by this version"),
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
