using System.Collections.Frozen;

namespace Fairlead.Forwarding;

/// <summary>Which of an upstream's headers reach the client (contract F31).</summary>
internal static class ResponseHeaderRules
{
    private static readonly FrozenSet<string> _dropped = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        // Hop by hop (RFC 9110 7.6.1).
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "TE",
        "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "ALPN", "Close", "HTTP2-Settings",
        // It says that the connection is somebody's.
        "Persistent-Auth",
        // With it a cluster could pass its own errors off as the gateway's (contract F42).
        "Proxy-Status",
        // They would speak for the gateway's origin.
        "Set-Cookie", "Set-Cookie2", "Clear-Site-Data", "Strict-Transport-Security", "Alt-Svc", "Service-Worker-Allowed",
        "Report-To", "Reporting-Endpoints", "NEL", "Refresh");

    /// <summary>Whether <paramref name="name"/> stays behind.</summary>
    public static bool Drops(string name) =>
        _dropped.Contains(name) || name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase);
}
