using System.Text;
using System.Text.Json;
using Fairlead.Access;
using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Credentials;
using Fairlead.Doors.Auth;
using Fairlead.Sessions;

namespace Fairlead.Doors;

/// <summary>The routes that Fairlead answers itself (contract F45, F47).</summary>
internal sealed class OwnRoutes(AuthRoutes auth, PortalQueries portal, CallerStage callers, IdentityTokens identities, ServiceSessions sessions)
{
    private static readonly byte[] _permissions = Encoding.UTF8.GetBytes(
        """
        {"permissions":[{"type":"basic","name":"kubernetes.proxy","attributes":{}},{"type":"basic","name":"kubernetes.resources.read","attributes":{"action":"read"}},{"type":"basic","name":"kubernetes.clusters.read","attributes":{"action":"read"}}],"rules":[]}
        """);

    /// <summary>Answers <paramref name="request"/>, or refuses it.</summary>
    public async Task<Refusal?> AnswerAsync(HttpContext http, InboundRequest request, GatewaySnapshot snapshot, AuditRecord record)
    {
        if (request.Route is DoorRoute.Refused refused)
        {
            return refused.Refusal;
        }

        if (request.Route is DoorRoute.Auth route)
        {
            return await auth.AnswerAsync(http, request, route, snapshot, record);
        }

        if (request.Route is DoorRoute.PortalQuery query)
        {
            return await portal.AnswerAsync(http, request, query, snapshot, record);
        }

        if (request.Method is not ("GET" or "HEAD"))
        {
            http.Response.Headers.Allow = "GET, HEAD";
            return new Refusal(RefusalReason.MethodNotAllowed, "The method is not served here; use one of GET, HEAD");
        }

        if (request.Route is DoorRoute.Landing)
        {
            await LandingPage.WriteAsync(http, snapshot.Options.BaseUrl, snapshot.Oidc.Any);
            return null;
        }

        if (request.Route is DoorRoute.PermissionMetadata)
        {
            await WriteAsync(http, _permissions);
            return null;
        }

        if (request.Route is DoorRoute.ServiceSignIn signIn)
        {
            return HandoverRoute.SignIn(http, request, signIn, sessions);
        }

        if (request.Route is DoorRoute.IdentityKeys)
        {
            await WriteAsync(http, identities.Keys);
            return null;
        }

        var (identified, refusal) = await callers.IdentifyAsync(request, snapshot, http.RequestAborted);
        if (identified is null)
        {
            return refusal;
        }

        record.CalledBy(identified);
        if (snapshot.Permissions is { } permissions && await permissions.RefuseAsync(identified, PortalPermissions.ReadClusters, http.RequestAborted) is { } denied)
        {
            return denied;
        }

        var catalog = snapshot.Catalog;
        var visible = catalog.Clusters.Where(cluster => ClusterStage.MayKnow(identified.Caller, cluster, snapshot.Policy)).ToArray();
        if (visible.Length == 0 && catalog.Clusters.Count > 0 && identified.Caller is Caller.Portal)
        {
            return new Refusal(RefusalReason.NotAllowed, $"Unauthorized to list clusters: no access rule names any cluster for '{identified.Caller.Name}'");
        }

        var list = new ClusterList([.. visible.Select(cluster => Describe(cluster, catalog))]);
        await WriteAsync(http, JsonSerializer.SerializeToUtf8Bytes(list, DoorJson.Relaxed.ClusterList));
        return null;
    }

    private static ClusterItem Describe(Cluster cluster, ClusterCatalog catalog)
    {
        var definition = cluster.Definition;
        var name = catalog.AddressableName(cluster);
        return new ClusterItem(
            name,
            definition.Title ?? (string.Equals(name, definition.Name, StringComparison.Ordinal) ? null : definition.Name),
            definition.DashboardUrl,
            definition.Credential.ReportedProvider,
            (definition.Credential as CredentialDefinition.ClientSide)?.OidcTokenProvider);
    }

    private static Task WriteAsync(HttpContext http, byte[] body)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentLength = body.Length;
        return HeadRequest.Is(http) ? Task.CompletedTask : http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }
}
