namespace Fairlead.Forwarding;

/// <summary>Keeps a redirect within the door it came through (contract F29).</summary>
internal static class LocationRewriter
{
    /// <summary><paramref name="location"/> as the client has to ask for it: below the cluster's own URL it moves to the door, any other stays.</summary>
    public static string Rewrite(string location, ClusterUpstream upstream, ReadOnlySpan<char> doorPrefix)
    {
        var path = location.AsSpan();
        if (path.StartsWith(upstream.Authority, StringComparison.OrdinalIgnoreCase))
        {
            path = path[upstream.Authority.Length..];
            var ownPort = upstream.IsTls ? ":443" : ":80";
            if (path.StartsWith(ownPort, StringComparison.Ordinal) && new Uri(upstream.Authority).IsDefaultPort)
            {
                path = path[ownPort.Length..];
            }
        }
        else if (!path.StartsWith('/') || path.StartsWith("//", StringComparison.Ordinal))
        {
            return location;
        }

        if (!path.StartsWith(upstream.BasePath, StringComparison.Ordinal))
        {
            return location;
        }

        var rest = path[upstream.BasePath.Length..];
        return rest.IsEmpty || rest[0] is '/' or '?' or '#' ? string.Concat(doorPrefix, rest) : location;
    }
}
