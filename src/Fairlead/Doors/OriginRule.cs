namespace Fairlead.Doors;

/// <summary>
/// Whether a request that a browser has put a cookie on was meant by the page that it seems to come from (contract <c>headlamp.md</c> F18,
/// decision 10): <c>Sec-Fetch-Site</c>, else <c>Origin</c>.
/// </summary>
internal static class OriginRule
{
    /// <summary>Whether the cookie counts.</summary>
    /// <param name="request">The request.</param>
    /// <param name="origin">The origin that the cookie is for.</param>
    /// <param name="mayNavigate">Whether a link on a foreign page may lead here: a plain GET of a whole page, which the foreign page cannot read.</param>
    public static bool Allows(InboundRequest request, string origin, bool mayNavigate)
    {
        var isSafe = request.Upgrade is UpgradeKind.None && request.Method is "GET" or "HEAD";
        return request.FetchSite switch
        {
            "same-origin" => true,
            "none" => isSafe,
            null when request.Origin is { } named => string.Equals(named, origin, StringComparison.OrdinalIgnoreCase),
            null => isSafe,
            _ => mayNavigate && isSafe && request.IsNavigation,
        };
    }
}
