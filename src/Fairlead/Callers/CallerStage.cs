using System.Text;
using Fairlead.Doors;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;

namespace Fairlead.Callers;

/// <summary>Who calls, and the cluster token that they bring of their own, if any.</summary>
/// <param name="Caller">The caller.</param>
/// <param name="OwnAuthorization">
/// The upstream <c>Authorization</c> of the caller's own cluster token, scheme included; null when they bring none. A provider's
/// header is not looked at here: which one counts depends on the cluster.
/// </param>
internal sealed record Identified(Caller Caller, Secret? OwnAuthorization);

/// <summary>Finds out who is calling (contract F6, F14, F35; decisions 8, 9, 12).</summary>
internal static class CallerStage
{
    /// <summary>Identifies the caller of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="directory">The known callers.</param>
    /// <param name="sessions">Who is signed in on Services' own host names.</param>
    /// <param name="refusal">The refusal, when the result is null.</param>
    public static Identified? Identify(InboundRequest request, CallerDirectory directory, ServiceSessions sessions, out Refusal? refusal)
    {
        refusal = CheckShape(request);
        if (refusal is not null)
        {
            return null;
        }

        return request.Route.Door switch
        {
            Door.Cluster => AtClusterDoor(request, directory, out refusal),
            Door.Service => AtServiceDoor(request, directory, sessions, out refusal),
            _ => AtBackstageDoor(request, directory, out refusal),
        };
    }

    private static Refusal? CheckShape(InboundRequest request) =>
        request.Authorization.Count > 1 ? Invalid("Authorization was sent more than once")
        : request.ClusterAuthorization.Count > 1 ? Invalid("Backstage-Kubernetes-Authorization was sent more than once")
        : request.ClusterAuthorization.Count == 1 && request.ClusterAuthorization[0]!.Length == 0
            ? Invalid("Backstage-Kubernetes-Authorization is empty; leave it out, or send the whole Authorization value for the cluster")
        : request.WebSocketProtocols.Problem is { } problem ? Invalid(problem)
        : request.ClusterAuthorization.Count > 0 && request.WebSocketProtocols.BearerToken is not null
            ? Invalid("Two cluster tokens were sent, in Backstage-Kubernetes-Authorization and in Sec-WebSocket-Protocol")
        : null;

    private static Identified? AtBackstageDoor(InboundRequest request, CallerDirectory directory, out Refusal? refusal)
    {
        refusal = null;
        Caller? caller = Caller.ClusterTokenHolder.Instance;
        if (directory.KnowsPortalCallers)
        {
            if (request.Authorization.Count == 0)
            {
                refusal = MissingCredentials();
                return null;
            }

            caller = directory.Find(BearerCredential.Of(request.Authorization[0]));
            if (caller is null)
            {
                refusal = new Refusal(RefusalReason.IllegalToken, "Illegal token");
                return null;
            }
        }

        return WithOwn(request, directory, caller, out refusal);
    }

    private static Identified? AtClusterDoor(InboundRequest request, CallerDirectory directory, out Refusal? refusal)
    {
        refusal = null;
        if (request.Authorization.Count == 0)
        {
            // A browser's WebSocket cannot send Authorization: its bearer sub-protocol stands for it (contract F35 c).
            if (request.WebSocketProtocols.BearerToken is { } token)
            {
                return directory.Find(token) is { } known ? new Identified(known, null) : Holder("Bearer " + token, directory, out refusal);
            }

            refusal = MissingCredentials();
            return null;
        }

        var value = request.Authorization[0]!;
        var bearer = BearerCredential.Of(value);
        if (bearer.IsEmpty)
        {
            refusal = new Refusal(RefusalReason.IllegalToken, "Authorization has to be one bearer token: 'Bearer <token>'");
            return null;
        }

        if (directory.Find(bearer) is { } caller)
        {
            // Only the Backstage door has two places for two identities (decision 12).
            if (request.WebSocketProtocols.BearerToken is not null)
            {
                refusal = Invalid("Two identities were sent: Authorization says who calls, and the bearer sub-protocol is a second one");
                return null;
            }

            return WithOwn(request, directory, caller, out refusal);
        }

        if (request.ClusterAuthorization.Count > 0 || request.WebSocketProtocols.BearerToken is not null)
        {
            refusal = Invalid("Two different cluster identities were sent: Authorization is a cluster token here, and so is the other");
            return null;
        }

        return Holder(value, directory, out refusal);
    }

    private static Identified? AtServiceDoor(InboundRequest request, CallerDirectory directory, ServiceSessions sessions, out Refusal? refusal)
    {
        var protocolToken = request.WebSocketProtocols.BearerToken;
        if (request.Authorization.Count == 0 && protocolToken is null && request.Route is DoorRoute.Service { OwnHost: { } host }
            && ServiceCookie.KeyIn(request.Cookies, request.IsHttps) is { } key)
        {
            return BySession(request, directory, sessions, host, key, out refusal);
        }

        if (request.Authorization.Count == 0 && protocolToken is null)
        {
            refusal = MissingCredentials();
            return null;
        }

        if (request.Authorization.Count > 0 && protocolToken is not null)
        {
            refusal = Invalid("Two identities were sent: Authorization says who calls, and the bearer sub-protocol is a second one");
            return null;
        }

        refusal = null;
        var token = protocolToken ?? ServiceDoorToken.Of(request.Authorization[0]!, out refusal);
        return token is null ? null
            : directory.Find(token) is { } caller ? new Identified(caller, null) : Holder("Bearer " + token, directory, out refusal);
    }

    private static Identified? BySession(InboundRequest request, CallerDirectory directory, ServiceSessions sessions, string host, string key, out Refusal? refusal)
    {
        var found = sessions.Find(host, key);
        // A portal caller is who the configuration says now: a token that was taken back opens nothing.
        var identified = found is not var (opened, owner) ? null
            : opened.Caller is not Caller.Portal ? opened
            : directory.Find(owner) is { } now ? opened with { Caller = now } : null;
        refusal = identified is null ? new Refusal(RefusalReason.IllegalToken, "The session has ended; sign in again")
            : OriginRule.Allows(request, request.Authority, mayNavigate: true) ? null
            : new Refusal(RefusalReason.ForeignOrigin, "A page of another origin cannot use this session");
        return refusal is null ? identified : null;
    }

    private static Identified? Holder(string authorization, CallerDirectory directory, out Refusal? refusal)
    {
        refusal = CheckNotPortalToken(authorization, directory);
        return refusal is null ? new Identified(Caller.ClusterTokenHolder.Instance, new Secret(authorization)) : null;
    }

    private static Identified? WithOwn(InboundRequest request, CallerDirectory directory, Caller caller, out Refusal? refusal)
    {
        refusal = null;
        var own = request.ClusterAuthorization.Count == 1 ? request.ClusterAuthorization[0]
            : request.WebSocketProtocols.BearerToken is { } token ? "Bearer " + token
            : null;
        if (own is null)
        {
            return new Identified(caller, null);
        }

        refusal = CheckNotPortalToken(own, directory);
        return refusal is null ? new Identified(caller, new Secret(own)) : null;
    }

    /// <summary>A token that identifies somebody to the gateway never reaches a cluster (contract F14).</summary>
    public static Refusal? CheckNotPortalToken(ReadOnlySpan<char> value, CallerDirectory directory)
    {
        return Holds(value, directory)
            ? Invalid("A token of the gateway's own was sent as a cluster token; send one that the cluster has issued")
            : null;
    }

    /// <summary>Whether such a token stands anywhere in the value: with or without a scheme, as a parameter, as the password of Basic.</summary>
    private static bool Holds(ReadOnlySpan<char> value, CallerDirectory directory)
    {
        if (directory.Find(value) is not null)
        {
            return true;
        }

        var isBasic = value.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase);
        foreach (var range in value.SplitAny(" \t,;\""))
        {
            var word = value[range];
            if (directory.Find(word) is not null
                || directory.Find(word[(word.IndexOf('=') + 1)..]) is not null
                || (isBasic && directory.Find(BasicPassword(word)) is not null))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<char> BasicPassword(ReadOnlySpan<char> word)
    {
        var bytes = new byte[word.Length];
        if (!Convert.TryFromBase64Chars(word, bytes, out var length))
        {
            return default;
        }

        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        return pair.AsSpan(pair.IndexOf(':', StringComparison.Ordinal) + 1);
    }

    private static Refusal Invalid(string message) => new(RefusalReason.InvalidRequest, message);

    private static Refusal MissingCredentials() => new(RefusalReason.MissingCredentials, "Missing credentials");
}
