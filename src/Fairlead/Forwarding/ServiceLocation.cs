using Fairlead.Services;

namespace Fairlead.Forwarding;

/// <summary>What becomes of a Service's redirect (contract <c>headlamp.md</c> F32).</summary>
internal static class ServiceLocation
{
    /// <summary>The redirect as the caller has to ask for it: on the Service's own origin it moves to the door, any other stays as it is.</summary>
    /// <param name="location">The <c>Location</c>.</param>
    /// <param name="destination">The Service.</param>
    /// <param name="doorPrefix">The door's path up to the Service.</param>
    public static string Rewrite(string location, ServiceDestination destination, ReadOnlySpan<char> doorPrefix)
    {
        if (PathOf(location, destination) is not { } path)
        {
            return destination.Target.IsRequestForm && IsRelative(location)
                ? ToRequestForm(Resolve(location, destination.Target.PathAndQuery), doorPrefix)
                : location;
        }

        // A Service that knows X-Forwarded-Prefix has written it already.
        return path.StartsWith(doorPrefix, StringComparison.Ordinal) && (path.Length == doorPrefix.Length || path[doorPrefix.Length] is '/' or '?' or '#') ? path
            : destination.Target.IsRequestForm ? ToRequestForm(path, doorPrefix)
            : string.Concat(doorPrefix, path);
    }

    /// <summary>Where to go on by itself: from http to https of the same host, and nowhere else.</summary>
    public static (int Port, string PathAndQuery)? FollowsTo(string location, ServiceDestination destination) =>
        destination.Scheme is "http" && location.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        && Uri.TryCreate(location, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var url)
        && url.UserInfo.Length == 0 && string.Equals(url.Host, destination.Host, StringComparison.OrdinalIgnoreCase)
        && Doors.RequestTarget.Parse(url.PathAndQuery, int.MaxValue, out _) is { } target
            ? (url.Port, target.Raw)
            : null;

    /// <summary>The path of a location on the Service's own origin, or on its API server's proxy path; null for any other.</summary>
    private static string? PathOf(string location, ServiceDestination destination)
    {
        if (!destination.IsDirect)
        {
            var rest = location.StartsWith(destination.Cluster.Upstream.Authority, StringComparison.OrdinalIgnoreCase) ? location[destination.Cluster.Upstream.Authority.Length..] : location;
            var proxy = destination.Cluster.Upstream.BasePath + destination.ProxyPath;
            if (rest.StartsWith(proxy, StringComparison.Ordinal) && (rest.Length == proxy.Length || rest[proxy.Length] is '/' or '?'))
            {
                return rest.Length == proxy.Length || rest[proxy.Length] is '?' ? "/" + rest[proxy.Length..] : rest[proxy.Length..];
            }
        }

        if (location.StartsWith('/') && !location.StartsWith("//", StringComparison.Ordinal))
        {
            return location;
        }

        foreach (var origin in Origins(destination))
        {
            if (location.StartsWith(origin, StringComparison.OrdinalIgnoreCase) && (location.Length == origin.Length || location[origin.Length] is '/' or '?' or '#'))
            {
                return location.Length == origin.Length || location[origin.Length] is not '/' ? "/" + location[origin.Length..] : location[origin.Length..];
            }
        }

        return null;
    }

    private static IEnumerable<string> Origins(ServiceDestination destination)
    {
        yield return destination.Origin;
        yield return destination.Origin[(destination.Origin.IndexOf(':', StringComparison.Ordinal) + 1)..];
        yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{destination.Scheme}://{destination.Host}:{destination.Port.Port}");
    }

    private static bool IsRelative(string location) =>
        !location.StartsWith("//", StringComparison.Ordinal) && location.AsSpan(0, Math.Max(0, location.AsSpan().IndexOfAny('/', '?', '#')) is var end and > 0 ? end : location.Length).IndexOf(':') < 0;

    /// <summary>A relative reference against the Service's own path: in the request form the caller's URL says nothing about it.</summary>
    private static string Resolve(string location, string pathAndQuery)
    {
        var path = pathAndQuery.Split('?')[0];
        return location.StartsWith('?') ? path + location : path[..(path.LastIndexOf('/') + 1)] + location;
    }

    private static string ToRequestForm(string path, ReadOnlySpan<char> doorPrefix) => string.Concat(doorPrefix, "?request=", Uri.EscapeDataString(path));
}
