using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Forwarding;

/// <summary>Which of a client's headers go upstream (contract F22 to F24).</summary>
internal static class RequestHeaderRules
{
    private static readonly FrozenSet<string> _dropped = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        // Hop by hop (RFC 9110 7.6.1) and framing, which the next hop writes itself.
        "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Alt-Svc", "ALPN", "Close",
        // A CGI program takes it for the variable HTTP_PROXY, and asks whomever it names (CVE-2016-5385).
        "Proxy",
        // Set by the gateway.
        "Host", "Authorization", "X-Real-IP", "Forwarded", "Via",
        // The portal's.
        "Cookie", "Cookie2", "X-Kubernetes-Cluster");

    private static readonly string[] _droppedPrefixes =
        // X-Fairlead-: the gateway's own word to Services, which the way over services/proxy would carry as well (row T03).
        ["Backstage-", "Impersonate", "Proxy-", "X-Forwarded-", "X-Remote-", "X-Auth-Request-", "X-Original-", "X-Fairlead-"];

    /// <summary>Whether <paramref name="name"/> proves something to the portal's own pages (row T09): a Service has pages only on a host name of its own.</summary>
    public static bool BelongsToPages(string name) =>
        name.Equals("X-CSRF-Token", StringComparison.OrdinalIgnoreCase) || name.Equals("X-XSRF-Token", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether <paramref name="name"/> stays behind. Where a client may impersonate (decision 5), what it asks for is written anew.</summary>
    public static bool Drops(string name)
    {
        // Some servers take _ for - (CGI, WSGI).
        var plain = name.Contains('_', StringComparison.Ordinal) ? name.Replace('_', '-') : name;
        if (name[0] == ':' || _dropped.Contains(plain))
        {
            return true;
        }

        foreach (var prefix in _droppedPrefixes)
        {
            if (plain.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The headers that <c>Connection</c> nominates; null when it names none besides those that are dropped anyway. Taken off
    /// before the gateway adds its own, so that a client cannot nominate one of those (RFC 9110 7.6.1).
    /// </summary>
    public static HashSet<string>? Nominated(StringValues connection)
    {
        HashSet<string>? names = null;
        foreach (var line in connection)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var name = line.AsSpan()[range].Trim();
                if (!name.IsEmpty && !name.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
                    && !name.Equals("close", StringComparison.OrdinalIgnoreCase) && !name.Equals("upgrade", StringComparison.OrdinalIgnoreCase))
                {
                    (names ??= new HashSet<string>(StringComparer.OrdinalIgnoreCase)).Add(name.ToString());
                }
            }
        }

        return names;
    }
}
