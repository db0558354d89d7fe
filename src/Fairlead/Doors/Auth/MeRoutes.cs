using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Sessions;

namespace Fairlead.Doors.Auth;

/// <summary>Who is calling, for pages that show it.</summary>
internal sealed class MeRoutes(CallerStage callers, BrowserSessions sessions)
{
    /// <summary><c>GET /auth/me</c>.</summary>
    public async Task<Refusal?> AnswerAsync(HttpContext http, InboundRequest request, GatewaySnapshot snapshot, AuditRecord record)
    {
        var (identified, refusal) = await callers.IdentifyAsync(request, snapshot, http.RequestAborted);
        if (identified is null)
        {
            return refusal;
        }

        record.Caller = identified.Caller;
        var session = await SessionOf(identified, http.RequestAborted);
        await OwnAnswer.WriteAsync(
            http,
            new MeAnswer(
                identified.Caller.Name, (identified.Caller as Caller.Portal)?.Groups ?? [], LoginName(identified.Login), session?.Email, session?.Provider, session?.EndsAt ?? identified.ExpiresAt),
            AuthJson.Relaxed.MeAnswer);
        return null;
    }

    /// <summary><c>GET /clusters/{c}/me</c> (contract <c>headlamp.md</c> F42): from verified claims, and for a cluster's own token from the cluster itself.</summary>
    public async Task<Refusal?> AnswerForClusterAsync(HttpContext http, InboundRequest request, string name, GatewaySnapshot snapshot, AuditRecord record)
    {
        var (identified, refusal) = await callers.IdentifyAsync(request, snapshot, http.RequestAborted);
        if (identified is null || ClusterStage.Choose(name, Door.Cluster, identified, snapshot.Catalog, snapshot.Policy, out refusal) is not { } cluster)
        {
            return refusal;
        }

        record.Caller = identified.Caller;
        record.Cluster = cluster.QualifiedName;
        if (identified.Caller is Caller.ClusterTokenHolder)
        {
            if (CredentialPlan.For(request, identified, cluster, snapshot, out refusal) is null)
            {
                return refusal;
            }

            (identified, refusal) = await cluster.TokenOwners.IdentifyBySelfAsync(identified, request.RemoteAddress, http.RequestAborted);
            if (identified is null)
            {
                return refusal;
            }

            record.Caller = identified.Caller;
        }

        var me = snapshot.Options.Me;
        var session = await SessionOf(identified, http.RequestAborted);
        var claims = session?.IdToken is { } token ? new ClaimPaths(token) : null;
        var groups = identified.Caller switch
        {
            Caller.Portal portal => claims?.Texts(me.GroupsPath) ?? portal.Groups,
            Caller.ClusterTokenHolder { User: { } user } => user.Groups,
            _ => [],
        };
        await OwnAnswer.WriteAsync(
            http,
            new ClusterMeAnswer(
                claims?.Text(me.UsernamePath) ?? identified.Caller.Name, claims?.Text(me.EmailPath) ?? session?.Email ?? "", groups, me.UserInfoUrl),
            AuthJson.Relaxed.ClusterMeAnswer);
        return null;
    }

    private static string LoginName(LoginKind kind) => kind switch
    {
        LoginKind.Static => "static",
        LoginKind.Jwt => "jwt",
        LoginKind.Backstage or LoginKind.BackstageService => "backstage",
        LoginKind.Session => "session",
        _ => "clusterToken",
    };

    private async ValueTask<BrowserSession?> SessionOf(Identified identified, CancellationToken cancellationToken) =>
        identified.Session is { } key ? await sessions.LookAsync(key, cancellationToken) : null;
}
