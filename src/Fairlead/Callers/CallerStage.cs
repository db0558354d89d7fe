using Fairlead.Callers.Tokens;
using Fairlead.Clusters;
using Fairlead.Doors;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;

namespace Fairlead.Callers;

/// <summary>
/// Finds out who is calling (contract F6, F7, F14, F35; <c>headlamp.md</c> F17, F18; decisions 8, 9, 12). What a client says explicitly counts
/// alone: a token in <c>Authorization</c>, a ticket, a bearer sub-protocol. Only without one are cookies looked at, and only when the
/// page that sent them may.
/// </summary>
internal sealed class CallerStage(ServiceSessions serviceSessions, BrowserSessions sessions, Tickets tickets, HeadlampCookie headlamp)
{
    /// <summary>Identifies the caller of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="snapshot">What is in force.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<CallerResult> IdentifyAsync(InboundRequest request, GatewaySnapshot snapshot, CancellationToken cancellationToken) =>
        IdentifyAsync(request, snapshot, isUse: true, cancellationToken);

    private ValueTask<CallerResult> IdentifyAsync(InboundRequest request, GatewaySnapshot snapshot, bool isUse, CancellationToken cancellationToken)
    {
        if (CheckShape(request) is { } refusal)
        {
            return new(refusal);
        }

        var protocols = request.WebSocketProtocols;
        if (request.Authorization.Count > 0 && (request.Route.Door is not Door.Backstage || snapshot.Directory.KnowsPortalCallers))
        {
            // The cluster gets the words that its own client has chosen.
            var sent = request.Route.Door is Door.Cluster ? request.Authorization[0] : null;
            var token = TokenIn(request, out refusal);
            return refusal is null ? ByTokenAsync(token, sent, request, snapshot, cancellationToken) : new(refusal);
        }

        if (protocols.Ticket is { } ticket)
        {
            return ByTicketAsync(ticket, request, snapshot, cancellationToken);
        }

        if (request.Cookies.Count > 0)
        {
            return ByCookieAsync(request, snapshot, isUse, cancellationToken);
        }

        return WithoutCookie(request, snapshot, cancellationToken);
    }

    /// <summary>Identifies the caller of a request once more, as long as its stream lives: who has signed out since then, or expired, is nobody.</summary>
    /// <param name="earlier">Who it was.</param>
    /// <param name="request">The request.</param>
    /// <param name="snapshot">What is in force.</param>
    /// <param name="isUse">Whether the caller has done something since.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<CallerResult> IdentifyAgainAsync(
        Identified earlier, InboundRequest request, GatewaySnapshot snapshot, bool isUse, CancellationToken cancellationToken)
    {
        // A ticket cannot be shown twice; what it stood for still has to hold.
        return earlier.TicketCluster is null ? await IdentifyAsync(request, snapshot, isUse, cancellationToken)
            : earlier.Login is LoginKind.Static && !snapshot.Directory.Holds(earlier.Caller) ? new Refusal(RefusalReason.IllegalToken, "The token that the ticket stood for is no longer accepted")
            : earlier.Session is not { } session ? earlier
            : await sessions.FindAsync(session, snapshot.Oidc, isUse, cancellationToken) switch
            {
                SessionLookup.Found => earlier,
                SessionLookup.Unavailable unavailable => new Refusal(RefusalReason.LoginUnavailable, unavailable.Message),
                _ => SessionEnded(),
            };
    }

    private static Refusal? CheckShape(InboundRequest request)
    {
        var protocols = request.WebSocketProtocols;
        return request.Authorization.Count > 1 ? Invalid("Authorization was sent more than once")
            : request.ClusterAuthorization.Count > 1 ? Invalid("Backstage-Kubernetes-Authorization was sent more than once")
            : request.ClusterAuthorization is [""]
                ? Invalid("Backstage-Kubernetes-Authorization is empty; leave it out, or send the whole Authorization value for the cluster")
            : request.ClusterAuthorization is [{ } own] && BearerCredential.BindsConnection(own)
                ? Invalid("Backstage-Kubernetes-Authorization is of a scheme that authenticates connections (Negotiate, NTLM), which the gateway shares among callers; send a token")
            : protocols.Problem is { } problem ? Invalid(problem)
            : request.ClusterAuthorization.Count > 0 && protocols.BearerToken is not null
                ? Invalid("Two cluster tokens were sent, in Backstage-Kubernetes-Authorization and in Sec-WebSocket-Protocol")
            : protocols.Ticket is not null && (request.Authorization.Count > 0 || request.ClusterAuthorization.Count > 0 || protocols.BearerToken is not null)
                ? Invalid("A ticket stands for the caller and the cluster's credential; send nothing else beside it")
            : request.Route.Door is not Door.Backstage && request.Authorization.Count > 0 && protocols.BearerToken is not null
                // Only the Backstage door has two places for two identities (decision 12).
                ? Invalid("Two identities were sent: Authorization says who calls, and the bearer sub-protocol is a second one")
            : null;
    }

    /// <summary>The token in <c>Authorization</c>, as the door reads it.</summary>
    private static ReadOnlyMemory<char> TokenIn(InboundRequest request, out Refusal? refusal)
    {
        var value = request.Authorization[0]!;
        if (request.Route.Door is Door.Service)
        {
            return ServiceDoorToken.Of(value, out refusal).AsMemory();
        }

        var token = BearerCredential.Of(value);
        refusal = token.IsEmpty
            ? new Refusal(RefusalReason.IllegalToken, request.Route.Door is Door.Backstage ? "Illegal token" : "Authorization has to be one bearer token: 'Bearer <token>'")
            : null;
        return refusal is null ? value.AsMemory(value.Length - token.Length) : default;
    }

    private static ValueTask<CallerResult> WithoutCookie(InboundRequest request, GatewaySnapshot snapshot, CancellationToken cancellationToken)
    {
        // A browser's WebSocket cannot send Authorization: its bearer sub-protocol stands for it (contract F35 c).
        return request.Route.Door is not Door.Backstage && request.WebSocketProtocols.BearerToken is { } token ? ByTokenAsync(token.AsMemory(), null, request, snapshot, cancellationToken)
            : request.Route.Door is Door.Backstage && !snapshot.Directory.KnowsPortalCallers ? new(WithOwn(request, snapshot, new Identified(Caller.ClusterTokenHolder.Instance, null)))
            : new(new Refusal(RefusalReason.MissingCredentials, "Missing credentials"));
    }

    private static async ValueTask<CallerResult> ByTokenAsync(ReadOnlyMemory<char> token, string? sent, InboundRequest request, GatewaySnapshot snapshot, CancellationToken cancellationToken)
    {
        var door = request.Route.Door;
        var hash = TokenHash.Of(token.Span);
        if (snapshot.Directory.Find(hash) is { } machine)
        {
            return WithOwn(request, snapshot, machine);
        }

        var verdict = await snapshot.Tokens.VerifyAsync(token, hash, cancellationToken);
        switch (verdict)
        {
            case TokenVerdict.Known known:
                return WithOwn(request, snapshot, new Identified(known.Caller, null)
                {
                    Login = known.Principal is PortalPrincipal.Service ? LoginKind.BackstageService : known.IsBackstage ? LoginKind.Backstage : LoginKind.Jwt,
                    PortalToken = known.Principal is PortalPrincipal.User && snapshot.Permissions is not null ? new Secret(token.ToString()) : null,
                    Proof = hash,
                    ExpiresAt = known.ExpiresAt,
                    // At the Backstage door Authorization only says who calls (contract F6).
                    Issued = known.IsBackstage || door is Door.Backstage ? null : new IssuedToken(known.Issuer!.Name, known.Issuer.Issuer, new Secret(sent ?? token.ToString())),
                });

            // What a cluster that trusts the issuer makes of it is that cluster's business: it may be meant for the cluster alone (decision 8).
            case TokenVerdict.Refused or TokenVerdict.Unavailable when IsForCluster(request.Route, verdict.Issuer, snapshot):
                break;

            case TokenVerdict.Refused refused:
                return new Refusal(RefusalReason.IllegalToken, door is Door.Backstage ? "Illegal token" : refused.Message);

            case TokenVerdict.Unavailable unavailable:
                return new Refusal(RefusalReason.LoginUnavailable, unavailable.Message);
        }

        if (door is Door.Backstage)
        {
            return new Refusal(RefusalReason.IllegalToken, "Illegal token");
        }

        if (door is Door.Cluster && request.ClusterAuthorization.Count > 0)
        {
            return Invalid("Two different cluster identities were sent: Authorization is a cluster token here, and so is the other");
        }

        // The token itself is nobody's here; one of the gateway's own may still stand in it, as a parameter.
        return token.Span.ContainsAny("=;") && PortalTokens.RefuseIn(token.Span, snapshot) is { } refusal ? refusal
            : new Identified(Caller.ClusterTokenHolder.Instance, new Secret(sent ?? $"Bearer {token}")) { Proof = hash };
    }

    private async ValueTask<CallerResult> ByTicketAsync(string ticket, InboundRequest request, GatewaySnapshot snapshot, CancellationToken cancellationToken)
    {
        if (!OriginRule.Allows(request, snapshot.Options.CorsOrigins, mayNavigate: false))
        {
            return ForeignOrigin();
        }

        if (!OpaqueKey.TryRead(ticket, out var key))
        {
            return new Refusal(RefusalReason.IllegalToken, "The ticket is none");
        }

        var answer = await tickets.RedeemAsync(key, cancellationToken);
        if (answer.Status is StoreStatus.Unavailable)
        {
            return StoreIsDown();
        }

        if (!answer.TryGet(out var found) || request.Route is not DoorRoute.Proxy route || !found.IsFor(request.Target.Below(route.PrefixLength)))
        {
            return new Refusal(RefusalReason.IllegalToken, "The ticket is unknown, used, too old, or for another path; get another one");
        }

        OpaqueKey? session = null;
        if (found.Session is { } text && (!OpaqueKey.TryRead(text, out session) || !await sessions.LivesAsync(session, cancellationToken)))
        {
            return SessionEnded();
        }

        return new Identified(found.Caller, found.Authorization is { } own ? new Secret(own) : null)
        {
            Login = found.Login, Session = session, ExpiresAt = found.ExpiresAt, TicketCluster = found.Cluster, Proof = key.Hash,
            PortalToken = found.PortalToken is { } portal ? new Secret(portal) : null,
        };
    }

    private async ValueTask<CallerResult> ByCookieAsync(InboundRequest request, GatewaySnapshot snapshot, bool isUse, CancellationToken cancellationToken)
    {
        if (request.Route is DoorRoute.Service { OwnHost: { } host })
        {
            return GatewayCookie.Service.Find(request.Cookies, request.IsSecure) is { } own && request.WebSocketProtocols.BearerToken is null
                ? await ByServiceSessionAsync(request, snapshot, host, own, isUse, cancellationToken)
                : await WithoutCookie(request, snapshot, cancellationToken);
        }

        var key = GatewayCookie.Session.Find(request.Cookies, request.IsSecure) is { } value && OpaqueKey.TryRead(value, out var read) ? read : null;
        var ticket = request.Upgrade is UpgradeKind.None || request.ClusterHeader.Count > 0 ? null : GatewayCookie.Ticket.Find(request.Cookies, request.IsSecure);
        var cluster = request.Route.Door is Door.Backstage ? null : NameOf(request.Route, snapshot);
        var bearer = request.Route.Door is Door.Backstage ? null : request.WebSocketProtocols.BearerToken;
        var token = cluster is null || bearer is not null ? null : headlamp.Find(request.Cookies, cluster);
        if (key is null && ticket is null && token is null)
        {
            return await WithoutCookie(request, snapshot, cancellationToken);
        }

        // Before anything is looked up: a foreign page learns nothing, not even whether somebody is signed in.
        if (!OriginRule.Allows(request, snapshot.Options.CorsOrigins, mayNavigate: false))
        {
            return ForeignOrigin();
        }

        if (ticket is not null)
        {
            return await ByTicketAsync(ticket, request, snapshot, cancellationToken);
        }

        var lookup = key is null ? null : await sessions.FindAsync(key, snapshot.Oidc, isUse, cancellationToken);
        switch (lookup)
        {
            // Whoever is signed in would become somebody else meanwhile.
            case SessionLookup.Unavailable unavailable:
                return new Refusal(RefusalReason.LoginUnavailable, unavailable.Message);

            case SessionLookup.Found when bearer is not null:
                return Invalid("Two identities were sent: a session's cookie, and a token in Sec-WebSocket-Protocol");

            case SessionLookup.Found found:
                return WithOwn(request, snapshot, BrowserSessions.Identify(key!, found, snapshot.Oidc));
        }

        return token is not null ? await ByTokenAsync(token.AsMemory(), null, request, snapshot, cancellationToken)
            : bearer is not null || !snapshot.Directory.KnowsPortalCallers ? await WithoutCookie(request, snapshot, cancellationToken)
            : SessionEnded();
    }

    private async ValueTask<CallerResult> ByServiceSessionAsync(InboundRequest request, GatewaySnapshot snapshot, string host, string key, bool isUse, CancellationToken cancellationToken)
    {
        if (serviceSessions.Find(host, key) is not { } opened)
        {
            return SessionEnded();
        }

        if (!OriginRule.Allows(request, [], mayNavigate: true))
        {
            return ForeignOrigin();
        }

        // They are who the gateway says now: a token that was taken back and a session that has ended open nothing.
        if (opened.Session is { } session)
        {
            return await sessions.FindAsync(session, snapshot.Oidc, isUse, cancellationToken) switch
            {
                SessionLookup.Found found => BrowserSessions.Identify(session, found, snapshot.Oidc),
                SessionLookup.Unavailable unavailable => new Refusal(RefusalReason.LoginUnavailable, unavailable.Message),
                _ => SessionEnded(),
            };
        }

        return opened.Login is not LoginKind.Static ? opened
            : snapshot.Directory.Find(opened.Proof) is { } now ? opened with { Caller = now.Caller }
            : SessionEnded();
    }

    private static bool IsForCluster(DoorRoute route, Configuration.JwtOptions? issuer, GatewaySnapshot snapshot) =>
        issuer is not null && route.Door is not Door.Backstage
        && snapshot.Catalog.Find(NameOf(route, snapshot)) is ClusterLookup.Found { Cluster.Definition.Credential: CredentialDefinition.ClientSide { Provider: "oidc", TakesIssuedTokens: true } trusting }
        && IssuedToken.IsFrom(issuer.Name, issuer.Issuer, trusting.OidcTokenProvider);

    /// <summary>The cluster's name as the request gives it: what a token cookie is bound to.</summary>
    private static string? NameOf(DoorRoute route, GatewaySnapshot snapshot) => route switch
    {
        DoorRoute.Forwarded { ClusterName: { } name } => name,
        DoorRoute.Auth { Cluster: { } name } => name,
        DoorRoute.Service => snapshot.Options.ServiceProxy.DefaultCluster ?? snapshot.Catalog.OwnCluster,
        _ => null,
    };

    /// <summary>Adds the cluster token that somebody known to the gateway brings beside their own identity.</summary>
    private static CallerResult WithOwn(InboundRequest request, GatewaySnapshot snapshot, Identified identified)
    {
        var own = request.Route.Door is Door.Service ? null
            : request.ClusterAuthorization.Count == 1 ? request.ClusterAuthorization[0]
            : request.Route.Door is Door.Backstage && request.WebSocketProtocols.BearerToken is { } token ? "Bearer " + token
            : null;
        return own is null ? identified
            : PortalTokens.RefuseIn(own, snapshot) is { } refusal ? refusal
            : identified with { OwnAuthorization = new Secret(own) };
    }

    private static Refusal Invalid(string message) => new(RefusalReason.InvalidRequest, message);

    private static Refusal ForeignOrigin() => new(
        RefusalReason.ForeignOrigin, "A page of another origin cannot use the cookies of this gateway (Sec-Fetch-Site, Origin); list its origin in cors.origins if it should");

    private static Refusal SessionEnded() => new(RefusalReason.IllegalToken, "The session has ended; sign in again");

    private static Refusal StoreIsDown() => new(RefusalReason.LoginUnavailable, "The store of sessions cannot be reached; try again later");
}
