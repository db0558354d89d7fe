using Fairlead.Access;
using Fairlead.Configuration;
using Fairlead.Doors.Auth;

namespace Fairlead.Doors;

/// <summary>The host name that belongs to one Service (decision 21): every path of it is the Service's, but for the gateway's own below <see cref="OwnPath"/>.</summary>
internal static class ServiceOrigin
{
    /// <summary>What the gateway's own paths on such a host begin with.</summary>
    public const string OwnPath = "/.fairlead/";

    /// <summary>Where a code is exchanged for the cookie.</summary>
    public const string SignInPath = OwnPath + "signin";

    /// <summary>Where the session ends.</summary>
    public const string SignOutPath = OwnPath + "signout";

    /// <summary>The route of a target on a Service's host name.</summary>
    public static DoorRoute Find(RequestTarget target, ServiceOptions service)
    {
        if (!IsOwn(target.Path))
        {
            return new DoorRoute.Service(0, service.Cluster, new ServiceTarget(service.Namespace, service.Name, null, null, target.Raw, IsRequestForm: false)) { OwnHost = service.Host };
        }

        return target.Path switch
        {
            SignInPath when ActionQuery.First(target.Query, "code") is { Length: > 0 } code => new DoorRoute.ServiceSignIn(service.Host!, code),
            SignOutPath => new DoorRoute.ServiceSignIn(service.Host!, ""),
            _ => new DoorRoute.Refused(Door.Service, new Refusal(RefusalReason.UnknownRoute, "No route here; paths below /.fairlead/ are the gateway's own")),
        };
    }

    /// <summary>
    /// Sends a browser that is not known here to the gateway, for a login and a code. The only answer of the doors that leads to a login, and to navigations
    /// only (decision 10): what a script fetches gets its 401.
    /// </summary>
    /// <returns>Whether it did.</returns>
    public static bool SendToLogin(HttpContext http, InboundRequest request, GatewaySnapshot snapshot, Refusal refusal)
    {
        if (request is not { Route: DoorRoute.Service { OwnHost: { } host }, Method: "GET", IsNavigation: true, Authorization.Count: 0 } || !snapshot.Oidc.Any
            || snapshot.Options.PublicUrl is not { } publicUrl || refusal.Reason is not (RefusalReason.MissingCredentials or RefusalReason.IllegalToken))
        {
            return false;
        }

        OwnAnswer.Redirect(http, HandoverRoute.AddressFor(publicUrl, snapshot.Options.BaseUrl, host, request.Target.Raw));
        return true;
    }

    /// <summary>Also in a spelling that only decodes to it: such a path is nobody's.</summary>
    private static bool IsOwn(ReadOnlySpan<char> path) =>
        path.StartsWith(OwnPath, StringComparison.OrdinalIgnoreCase)
        || (path.Contains('%') && PercentByte.DecodeBytes(path).StartsWith(OwnPath, StringComparison.OrdinalIgnoreCase));
}
