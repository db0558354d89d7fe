using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Sessions;

namespace Fairlead.Doors.Auth;

/// <summary>
/// <c>POST /auth/ticket</c> (contract F35 b): a page asks with the headers that it can set on a fetch, and opens its WebSocket, on which it can set
/// none, with what it gets. The cluster and the cluster's credential are settled here; whether the caller may is decided when it is used.
/// </summary>
internal sealed class TicketRoute(CallerStage callers, Tickets tickets)
{
    private const int LargestBody = 64 * 1024;

    /// <summary>Answers.</summary>
    public async Task<Refusal?> AnswerAsync(HttpContext http, InboundRequest request, GatewaySnapshot snapshot, string proxyBase, AuditRecord record)
    {
        if (request.Method is not "POST")
        {
            return OwnAnswer.WrongMethod(http, "POST");
        }

        var (identified, refusal) = await callers.IdentifyAsync(request, snapshot, http.RequestAborted);
        if (identified is null)
        {
            return refusal;
        }

        record.CalledBy(identified);
        if (await OwnAnswer.ReadAsync(http, LargestBody, AuthJson.Relaxed.TicketRequest) is not { Path: { } path } asked
            || RequestTarget.Parse(path, snapshot.Options.Limits.RequestLine, out _) is not { } target)
        {
            return OwnAnswer.Invalid("""The body has to be JSON: {"cluster": "kind", "path": "/api/v1/namespaces/default/pods/web/exec"}, with the path as it will stand in the WebSocket's address""");
        }

        var name = asked.Cluster ?? (request.ClusterHeader.Count == 1 ? request.ClusterHeader[0] : null);
        if (ClusterStage.Choose(name, Door.Backstage, identified, snapshot.Catalog, snapshot.Policy, out refusal) is not { } cluster
            || CredentialPlan.For(request, identified, cluster, snapshot, out refusal) is not { } plan)
        {
            return refusal;
        }

        record.Cluster = cluster.Definition.QualifiedName;
        if ((plan as CredentialPlan.Own)?.Authorization.Reveal().Length > Tickets.LongestToken)
        {
            return OwnAnswer.Invalid("The cluster's token is longer than 16 KiB, which no ticket carries");
        }

        if (!tickets.MayIssue(identified.Proof))
        {
            return new Refusal(RefusalReason.TooManySessions, "Too many tickets for one caller; try again in a moment");
        }

        var portal = identified.Caller as Caller.Portal;
        var answer = await tickets.IssueAsync(
            new Ticket
            {
                Cluster = cluster.Definition.QualifiedName,
                Path = path,
                Subject = portal?.Subject,
                Groups = [.. portal?.Groups ?? []],
                Uid = portal?.Uid,
                Claims = portal?.Claims.ToDictionary(static claim => claim.Key, static claim => claim.Value.ToArray(), StringComparer.Ordinal) ?? [],
                Login = identified.Login,
                Authorization = (plan as CredentialPlan.Own)?.Authorization.Reveal(),
                PortalToken = identified.PortalToken?.Reveal(),
                Session = identified.Session?.Reveal(),
                ExpiresAt = identified.ExpiresAt,
            },
            http.RequestAborted);
        if (!answer.TryGet(out var key))
        {
            return new Refusal(RefusalReason.LoginUnavailable, "The store of tickets cannot be reached; try again later");
        }

        var ticket = key.Reveal();
        http.Response.Headers.Append("Set-Cookie", GatewayCookie.Ticket.Set(ticket, request.IsSecure, CookiePath(proxyBase, target.Path), Tickets.Lifetime));
        await OwnAnswer.WriteAsync(http, new TicketAnswer(ticket, (int)Tickets.Lifetime.TotalSeconds), AuthJson.Relaxed.TicketAnswer);
        return null;
    }

    /// <summary>The WebSocket's own path, unless a character in it would end the attribute.</summary>
    private static string CookiePath(string proxyBase, ReadOnlySpan<char> path) => path.ContainsAny(';', ',', '"') ? proxyBase : string.Concat(proxyBase, path);
}
