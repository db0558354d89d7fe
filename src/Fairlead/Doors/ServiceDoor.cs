using System.Buffers;
using System.Text;

namespace Fairlead.Doors;

/// <summary>
/// The service door: <c>/serviceproxy/{namespace}/{service}/{path}</c>, the same below <c>/clusters/{c}</c>, and the form with
/// <c>?request=</c> that Headlamp's plugins send (contract <c>headlamp.md</c>, section 4).
/// </summary>
internal static class ServiceDoor
{
    /// <summary>The segment that both shapes share.</summary>
    public const string Segment = "serviceproxy";

    private const int LongestLabel = 63;
    private static readonly SearchValues<char> _labelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>The route of a target whose path continues with the namespace after <paramref name="length"/> characters.</summary>
    /// <param name="target">The checked target.</param>
    /// <param name="length">The length of everything up to and including <see cref="Segment"/>.</param>
    /// <param name="clusterName">The cluster that the path names; null for none.</param>
    public static DoorRoute Find(RequestTarget target, int length, string? clusterName)
    {
        var path = target.Path;
        if (path.Length <= length + 1)
        {
            return Refuse(RefusalReason.UnknownRoute, "Name a Service: /serviceproxy/{namespace}/{service}/{path}");
        }

        var namespaceAt = length + 1;
        var slash = path[namespaceAt..].IndexOf('/');
        if (slash == 0)
        {
            return Refuse(RefusalReason.InvalidTarget, "The namespace is empty; write /serviceproxy/{namespace}/{service}/{path}");
        }

        if (slash < 0)
        {
            return Refuse(RefusalReason.UnknownRoute, "Name a Service behind the namespace: /serviceproxy/{namespace}/{service}/{path}");
        }

        var serviceAt = namespaceAt + slash + 1;
        var end = path[serviceAt..].IndexOf('/');
        end = end < 0 ? path.Length : serviceAt + end;
        if (end == serviceAt)
        {
            return Refuse(RefusalReason.InvalidTarget, "The Service's name is empty; write /serviceproxy/{namespace}/{service}/{path}");
        }

        var @namespace = PercentByte.Decode(path[namespaceAt..(serviceAt - 1)]);
        var service = PercentByte.Decode(path[serviceAt..end]);
        if (@namespace is null || !IsLabel(@namespace) || service is null)
        {
            return NoSuchName();
        }

        return Read(target, end, clusterName, @namespace, service, out var refusal) is { } found
            ? new DoorRoute.Service(end, clusterName, found)
            : new DoorRoute.Refused(Door.Service, refusal!);
    }

    private static ServiceTarget? Read(RequestTarget target, int end, string? clusterName, string @namespace, string segment, out Refusal? refusal)
    {
        var parts = segment.Split(':');
        var name = parts.Length == 3 ? parts[1] : parts[0];
        if (parts.Length > 3 || !IsLabel(name))
        {
            refusal = NoSuchName().Refusal;
            return null;
        }

        var scheme = parts.Length == 3 ? parts[0] : null;
        var port = parts.Length > 1 ? parts[^1] : null;
        if (scheme is not (null or "http" or "https") || port is "")
        {
            refusal = new Refusal(RefusalReason.InvalidTarget, "Write the Service as {service}, {service}:{port} or {scheme}:{service}:{port}, with http or https as scheme");
            return null;
        }

        if (!ServiceQuery.TryRead(target.Query, ownsPort: port is null, out var query, out refusal))
        {
            return null;
        }

        var isRequestForm = end == target.PathLength && query.Request is not null;
        var pathAndQuery = isRequestForm
            ? RequestValue.Read(query.Request, out refusal)
            : string.Concat(end == target.PathLength ? "/" : target.Path[end..], query.Rest);
        if (isRequestForm && query.HasSeveralRequests)
        {
            refusal = new Refusal(RefusalReason.InvalidTarget, "The query holds request more than once");
        }

        return refusal is null && pathAndQuery is not null ? new ServiceTarget(@namespace, name, scheme, port ?? query.Port, pathAndQuery, isRequestForm) { PortInQuery = query.Port } : null;
    }

    /// <summary>A DNS label (RFC 1123 2.1): what can be the name of a namespace or a Service, and nothing else (contract F11).</summary>
    internal static bool IsLabel(string text) =>
        text.Length is > 0 and <= LongestLabel && text[0] != '-' && text[^1] != '-' && !text.AsSpan().ContainsAnyExcept(_labelCharacters);

    private static DoorRoute.Refused NoSuchName() =>
        Refuse(RefusalReason.ServiceNotFound, "The namespace or the Service's name is no DNS label (a-z, 0-9 and '-', at most 63): no Service has that name");

    private static DoorRoute.Refused Refuse(RefusalReason reason, string message) => new(Door.Service, new Refusal(reason, message));
}

/// <summary>The query of a target of the service door, with what of it is the gateway's.</summary>
/// <param name="Port">The value of <c>port</c>; null where there is none.</param>
/// <param name="Request">The raw value of the first <c>request</c>; null where there is none.</param>
/// <param name="HasSeveralRequests">Whether <c>request</c> came more than once.</param>
/// <param name="Rest">The query without <c>port</c>, byte for byte, with its question mark; empty for none.</param>
internal readonly record struct ServiceQuery(string? Port, string? Request, bool HasSeveralRequests, string Rest)
{
    /// <summary>Reads <paramref name="query"/>.</summary>
    /// <param name="query">With its question mark, or empty.</param>
    /// <param name="ownsPort">Whether a <c>port</c> in it is the gateway's (contract F12).</param>
    /// <param name="result">What was read.</param>
    /// <param name="refusal">What is wrong with the query.</param>
    public static bool TryRead(ReadOnlySpan<char> query, bool ownsPort, out ServiceQuery result, out Refusal? refusal)
    {
        refusal = null;
        result = new ServiceQuery(null, null, false, query.ToString());
        if (query.Length <= 1 || !MayHoldOurs(query))
        {
            return true;
        }

        var rest = new StringBuilder(query.Length);
        string? port = null, request = null;
        var several = false;
        foreach (var range in query[1..].Split('&'))
        {
            var pair = query[1..][range];
            var equals = pair.IndexOf('=');
            var key = PercentByte.DecodeQuery(equals < 0 ? pair : pair[..equals]);
            var value = equals < 0 ? default : pair[(equals + 1)..];
            if (ownsPort && string.Equals(key, "port", StringComparison.Ordinal))
            {
                if (port is not null || value.IsEmpty || PercentByte.Decode(value, plusIsBlank: true) is not { } decoded)
                {
                    refusal = new Refusal(RefusalReason.InvalidTarget, "port has to stand once in the query and to be a port's name or number");
                    return false;
                }

                port = decoded;
                continue;
            }

            if (string.Equals(key, "request", StringComparison.Ordinal))
            {
                several = request is not null;
                request ??= value.ToString();
            }

            rest.Append(rest.Length == 0 ? '?' : '&').Append(pair);
        }

        // Without a port the query stays as it came, also where it is an empty one.
        result = new ServiceQuery(port, request, several, port is null ? query.ToString() : rest.ToString());
        return true;
    }

    private static bool MayHoldOurs(ReadOnlySpan<char> query) =>
        query.Contains('%') || query.Contains("port", StringComparison.Ordinal) || query.Contains("request", StringComparison.Ordinal);
}
