using Fairlead.Doors;
using Fairlead.Services;

namespace Fairlead.Forwarding;

/// <summary>What becomes of a Service's redirect (contract <c>headlamp.md</c> F32).</summary>
internal static class ServiceLocation
{
    /// <summary>The redirect as the caller has to ask for it: on the Service's own origin it moves to the door, any other stays as it is.</summary>
    /// <param name="location">The <c>Location</c>.</param>
    /// <param name="destination">The Service.</param>
    /// <param name="doorPrefix">What the Service's paths begin with at the door (<see cref="UpstreamRequest.DoorPrefix"/>).</param>
    public static string Rewrite(string location, ServiceDestination destination, string doorPrefix)
    {
        var path = PathOf(location, destination) ?? (IsRelative(location) ? Resolve(location, destination.Target.PathAndQuery) : null);
        if (path is null)
        {
            return location;
        }

        // A Service that knows X-Forwarded-Prefix has written it already.
        return IsAtOrBelow(path, doorPrefix) ? path
            : destination.Target.IsRequestForm ? ToRequestForm(path, destination.Target.PortInQuery, doorPrefix)
            : string.Concat(doorPrefix, path);
    }

    /// <summary>Where to go on by itself: from http to https of the same host, and nowhere else.</summary>
    public static (int Port, string PathAndQuery)? FollowsTo(string location, ServiceDestination destination) =>
        destination.Scheme is "http" && location.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        && Uri.TryCreate(location, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var url)
        && url.UserInfo.Length == 0 && string.Equals(url.Host, destination.Host, StringComparison.OrdinalIgnoreCase)
        && RequestTarget.Parse(WithSlash(url.PathAndQuery), int.MaxValue, out _) is { } target
            ? (url.Port, target.Raw)
            : null;

    /// <summary>The path of a location on the Service's own origin, or on its API server's proxy path; null for any other.</summary>
    private static string? PathOf(string location, ServiceDestination destination)
    {
        if (!destination.IsDirect)
        {
            var rest = location.StartsWith(destination.Cluster.Upstream.Authority, StringComparison.OrdinalIgnoreCase) ? location[destination.Cluster.Upstream.Authority.Length..] : location;
            var proxy = destination.Cluster.Upstream.BasePath + destination.ProxyPath;
            if (IsAtOrBelow(rest, proxy))
            {
                return WithSlash(rest[proxy.Length..]);
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
                return WithSlash(location[origin.Length..]);
            }
        }

        return null;
    }

    private static string[] Origins(ServiceDestination destination)
    {
        var own = destination.Origin;
        return
        [
            own,
            own[(own.IndexOf(':', StringComparison.Ordinal) + 1)..],
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{destination.Scheme}://{destination.Host}:{destination.Port.Port}"),
        ];
    }

    private static string WithSlash(string path) => path.StartsWith('/') ? path : "/" + path;

    private static bool IsAtOrBelow(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] is '/' or '?' or '#');

    private static bool IsRelative(string location)
    {
        var end = location.AsSpan().IndexOfAny('/', '?', '#');
        return location.Length > 0 && !location.StartsWith('/') && !(end < 0 ? location : location.AsSpan(0, end)).Contains(':');
    }

    /// <summary>
    /// A relative reference against the Service's own path (RFC 3986 5.2). The caller's URL does not say it: in the request form it is in the query,
    /// and without a slash behind the Service's name a browser would take that name for the last segment.
    /// </summary>
    private static string Resolve(string reference, string pathAndQuery)
    {
        var path = pathAndQuery.Split('?')[0];
        if (reference[0] is '#')
        {
            return pathAndQuery + reference;
        }

        if (reference[0] is '?')
        {
            return path + reference;
        }

        var end = reference.AsSpan().IndexOfAny('?', '#');
        var merged = path[..(path.LastIndexOf('/') + 1)] + (end < 0 ? reference : reference[..end]);
        return WithoutDots(merged) + (end < 0 ? "" : reference[end..]);
    }

    /// <summary>RFC 3986 5.2.4.</summary>
    private static string WithoutDots(string path)
    {
        var kept = new List<string>();
        var segments = path[1..].Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i] is ".." && kept.Count > 0)
            {
                kept.RemoveAt(kept.Count - 1);
            }

            if (segments[i] is not ("." or ".."))
            {
                kept.Add(segments[i]);
            }
            else if (i == segments.Length - 1)
            {
                kept.Add("");
            }
        }

        return "/" + string.Join('/', kept);
    }

    /// <summary>The path and query go into the value, a fragment stays the browser's, and so does the port that was asked for.</summary>
    private static string ToRequestForm(string path, string? port, string doorPrefix)
    {
        var end = path.IndexOf('#', StringComparison.Ordinal);
        var (value, fragment) = end < 0 ? (path, "") : (path[..end], path[end..]);
        return string.Concat(doorPrefix, "?request=", Uri.EscapeDataString(value), port is null ? "" : "&port=" + Uri.EscapeDataString(port)) + fragment;
    }
}
