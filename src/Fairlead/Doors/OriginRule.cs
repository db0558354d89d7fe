namespace Fairlead.Doors;

/// <summary>
/// Whether a request that a browser has put a cookie on was meant by the page that it seems to come from (contract <c>backstage.md</c> F7,
/// <c>headlamp.md</c> F18; decision 10): <c>Sec-Fetch-Site</c>, else <c>Origin</c>. Pages of configured origins count as the gateway's own.
/// </summary>
internal static class OriginRule
{
    /// <summary>Whether the cookie counts.</summary>
    /// <param name="request">The request.</param>
    /// <param name="origins">Other origins whose pages may use the cookie.</param>
    /// <param name="mayNavigate">Whether a link on a foreign page may lead here: a plain GET of a whole page, which the foreign page cannot read.</param>
    public static bool Allows(InboundRequest request, IReadOnlyList<string> origins, bool mayNavigate)
    {
        var isSafe = request.Upgrade is UpgradeKind.None && request.Method is "GET" or "HEAD";
        return request.FetchSite switch
        {
            "same-origin" => true,
            "none" => isSafe,
            null when request.Origin is { } named => IsOneOf(named, request.OwnOrigin, origins),
            null => isSafe,
            _ when request.Origin is { } named && IsOneOf(named, null, origins) => true,
            _ => mayNavigate && isSafe && request.IsNavigation,
        };
    }

    private static bool IsOneOf(string origin, string? own, IReadOnlyList<string> origins) =>
        string.Equals(origin, own, StringComparison.OrdinalIgnoreCase) || origins.Contains(origin, StringComparer.OrdinalIgnoreCase);
}
