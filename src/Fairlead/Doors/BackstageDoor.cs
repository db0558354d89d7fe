namespace Fairlead.Doors;

/// <summary>The routes below Backstage's plugin base (contract F1, F2, F45 to F47).</summary>
internal static class BackstageDoor
{
    /// <summary>The plugin base below the base URL.</summary>
    public const string Prefix = "/api/kubernetes";

    /// <summary>What the proxy's paths begin with, below the plugin base.</summary>
    public const string ProxySegment = "/proxy";

    /// <summary>The route of a target whose path begins with the plugin base, <paramref name="length"/> characters long.</summary>
    public static DoorRoute Find(RequestTarget target, int length)
    {
        var rest = target.Path[length..];
        if (rest.StartsWith(ProxySegment, StringComparison.Ordinal)
            && (rest.Length == ProxySegment.Length || rest[ProxySegment.Length] == '/'))
        {
            return new DoorRoute.Proxy(Door.Backstage, length + ProxySegment.Length, null);
        }

        return rest switch
        {
            "/clusters" => new DoorRoute.ListClusters(Door.Backstage),
            "/.well-known/backstage/permissions/metadata" => new DoorRoute.PermissionMetadata(),
            _ when rest.StartsWith("/services/", StringComparison.Ordinal) || rest.StartsWith("/resources/", StringComparison.Ordinal) =>
                new DoorRoute.PortalQuery(length),
            _ => Router.Unknown(Door.Backstage, rest),
        };
    }
}
