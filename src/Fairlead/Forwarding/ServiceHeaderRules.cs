using System.Collections.Frozen;
using Fairlead.Doors;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Forwarding;

/// <summary>What is different about headers when the other side is a Service, which nobody vouches for (contract <c>headlamp.md</c> F27 to F31).</summary>
internal static class ServiceHeaderRules
{
    private static readonly FrozenSet<string> _requestDropped = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        // They speak of the gateway's own pages, and were read before.
        "Origin", "Referer",
        // Headlamp's.
        "KUBECONFIG",
        // They would have the Service do something else than what was judged.
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override");

    // The gateway's own word, and what commands a proxy or a cache in front of the gateway.
    private static readonly FrozenSet<string> _neverForServices = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "Fairlead-Transport", "X-Sendfile", "X-LIGHTTPD-send-file", "Surrogate-Control");

    private static readonly FrozenSet<string> _responseDropped = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Content-Security-Policy", "Content-Security-Policy-Report-Only", "X-Reload");

    /// <summary>Whether a caller's header does not reach a Service, beside those that reach nobody.</summary>
    public static bool DropsRequest(string name)
    {
        // Some servers take _ for - (CGI, WSGI).
        var plain = name.Contains('_', StringComparison.Ordinal) ? name.Replace('_', '-') : name;
        return _requestDropped.Contains(plain) || plain.StartsWith("X-HEADLAMP", StringComparison.OrdinalIgnoreCase) || plain.StartsWith("X-BACKSTAGE-", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a Service's header does not reach the caller, beside those that never do.</summary>
    /// <param name="name">The header.</param>
    /// <param name="hasOwnOrigin">Whether the Service's pages run on an origin of their own: then they may say what holds there.</param>
    public static bool DropsResponse(string name, bool hasOwnOrigin) => _neverForServices.Contains(name) || name.StartsWith("X-Accel-", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("CDN-Cache-Control", StringComparison.OrdinalIgnoreCase) || (!hasOwnOrigin && (
        _responseDropped.Contains(name)
        || (name.StartsWith("Cross-Origin-", StringComparison.OrdinalIgnoreCase) && name.EndsWith("-Policy", StringComparison.OrdinalIgnoreCase))));

    /// <summary>Puts the gateway's own word in place of what was dropped: its pages run on the gateway's origin and are locked up there.</summary>
    /// <param name="headers">The answer's headers.</param>
    /// <param name="isRequestForm">Whether it was asked for as <c>?request=</c>.</param>
    /// <param name="transport">The way that was gone.</param>
    /// <param name="hasOwnOrigin">Whether the pages run on an origin of their own, where nothing has to be locked up.</param>
    public static void Protect(IHeaderDictionary headers, bool isRequestForm, string transport, bool hasOwnOrigin)
    {
        headers.XContentTypeOptions = "nosniff";
        headers["Fairlead-Transport"] = transport;
        if (!hasOwnOrigin)
        {
            headers.ContentSecurityPolicy = "sandbox";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
        }

        if (headers.WWWAuthenticate.Count > 0)
        {
            headers.WWWAuthenticate = new StringValues([.. headers.WWWAuthenticate.Where(static line => IsBearer(line!))]);
        }

        if (isRequestForm)
        {
            CacheHeaders.Forbid(headers);
        }
        else
        {
            CacheHeaders.Confine(headers);
        }
    }

    /// <summary>Any other challenge makes a browser ask the user for a password, on the gateway's behalf.</summary>
    private static bool IsBearer(string challenge) =>
        challenge.StartsWith("Bearer", StringComparison.OrdinalIgnoreCase)
        && !challenge.Contains("Basic", StringComparison.OrdinalIgnoreCase) && !challenge.Contains("Digest", StringComparison.OrdinalIgnoreCase)
        && !challenge.Contains("NTLM", StringComparison.OrdinalIgnoreCase) && !challenge.Contains("Negotiate", StringComparison.OrdinalIgnoreCase);
}
