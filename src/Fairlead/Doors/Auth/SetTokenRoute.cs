using Fairlead.Callers;

namespace Fairlead.Doors.Auth;

/// <summary>
/// <c>POST /clusters/{c}/set-token</c> (contract <c>headlamp.md</c> F41): a Headlamp front end hands over a token that its cookie shall hold from now on.
/// Anybody may fill a cookie of their own, so nobody is asked who they are; whether a cluster exists is not told either.
/// </summary>
internal sealed class SetTokenRoute(HeadlampCookie cookie)
{
    private const int LargestBody = 64 * 1024;

    /// <summary>Answers.</summary>
    public async Task<Refusal?> AnswerAsync(HttpContext http, InboundRequest request, string cluster, GatewaySnapshot snapshot)
    {
        if (request.Method is not "POST")
        {
            return OwnAnswer.WrongMethod(http, "POST");
        }

        // A foreign page that could do this would sign somebody in as somebody else.
        if (!OriginRule.Allows(request, snapshot.Options.CorsOrigins, mayNavigate: false))
        {
            return new Refusal(RefusalReason.ForeignOrigin, "A page of another origin cannot set the token (Sec-Fetch-Site, Origin)");
        }

        if (await OwnAnswer.ReadAsync(http, LargestBody, AuthJson.Relaxed.SetTokenRequest) is not { } asked)
        {
            return OwnAnswer.Invalid("""The body has to be JSON: {"token": "..."}, or {"token": null} to take it away""");
        }

        var token = asked.Token is { Length: > 0 } text ? text : null;
        if (token is not null && (token.Length > HeadlampCookie.LongestToken || token.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            return OwnAnswer.Invalid("token holds blanks or characters that no token has, or is longer than 32 KiB");
        }

        var options = snapshot.Options;
        var own = $"{options.BaseUrl}/clusters/{Uri.EscapeDataString(cluster)}";
        var isDefault = string.Equals(options.ServiceProxy.DefaultCluster ?? snapshot.Catalog.OwnCluster, cluster, StringComparison.Ordinal);
        string[] paths = isDefault ? [own, $"{options.BaseUrl}/{ServiceDoor.Segment}"] : [own];
        http.Response.Headers.SetCookie = cookie.Lines(request, cluster, token, options.Sessions.Absolute, paths);
        CacheHeaders.Forbid(http.Response.Headers);
        http.Response.ContentLength = 0;
        return null;
    }
}
