using Fairlead.Audit;
using Fairlead.Management.Metrics;

namespace Fairlead.Doors.Auth;

/// <summary>The session door.</summary>
internal sealed class AuthRoutes(
    LoginRoutes login, LogoutRoutes logout, MeRoutes me, TicketRoute ticket, HandoverRoute handover, SetTokenRoute setToken, Router router, RequestMetrics metrics)
{
    /// <summary>Answers a request, or refuses it.</summary>
    public async Task<Refusal?> AnswerAsync(HttpContext http, InboundRequest request, DoorRoute.Auth route, GatewaySnapshot snapshot, AuditRecord record)
    {
        switch (route.Kind)
        {
            case AuthRoute.Ticket:
                return await ticket.AnswerAsync(http, request, snapshot, router.BackstageBase + BackstageDoor.ProxySegment, record);

            case AuthRoute.Handover:
                return await handover.AnswerAsync(http, request, snapshot, record);

            case AuthRoute.SetToken:
                return await setToken.AnswerAsync(http, request, route.Cluster!, snapshot);

            case AuthRoute.Logout:
                return await logout.SignOutAsync(http, request, snapshot, record);

            case AuthRoute.BackchannelLogout:
                return await logout.ByProviderAsync(http, request, snapshot);
        }

        // What a login does is not to be had without its answer.
        if (request.Method is not "GET" && !(request.Method is "HEAD" && route.Kind is AuthRoute.Me or AuthRoute.ClusterMe))
        {
            return OwnAnswer.WrongMethod(http, route.Kind is AuthRoute.Me or AuthRoute.ClusterMe ? "GET, HEAD" : "GET");
        }

        return route.Kind switch
        {
            AuthRoute.Login => await login.BeginAsync(http, request, snapshot),
            AuthRoute.Callback => await SignInAsync(http, request, snapshot, record),
            AuthRoute.Me => await me.AnswerAsync(http, request, snapshot, record),
            _ => await me.AnswerForClusterAsync(http, request, route.Cluster!, snapshot, record),
        };
    }

    private async Task<Refusal?> SignInAsync(HttpContext http, InboundRequest request, GatewaySnapshot snapshot, AuditRecord record)
    {
        var refusal = await login.EndAsync(http, request, snapshot, record);
        metrics.LoggedIn(refusal);
        return refusal;
    }
}
