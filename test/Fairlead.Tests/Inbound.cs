using System.Buffers.Text;
using System.Text;
using Fairlead.Doors;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Tests;

/// <summary>Captured requests for tests of single stages.</summary>
internal static class Inbound
{
    /// <summary>A request at the Backstage door.</summary>
    public static InboundRequest AtBackstage(
        StringValues authorization = default,
        StringValues clusterAuthorization = default,
        StringValues cluster = default,
        IReadOnlyList<ProviderToken>? providers = null,
        WebSocketProtocols? protocols = null,
        RequestedImpersonation? impersonation = null) =>
        Of(new DoorRoute.Proxy(Door.Backstage, "/api/kubernetes/proxy".Length, null), "/api/kubernetes/proxy/api/v1/pods",
            authorization, clusterAuthorization, cluster, providers, protocols, impersonation);

    /// <summary>A request at the cluster door.</summary>
    public static InboundRequest AtCluster(
        StringValues authorization = default,
        StringValues clusterAuthorization = default,
        IReadOnlyList<ProviderToken>? providers = null,
        WebSocketProtocols? protocols = null,
        RequestedImpersonation? impersonation = null) =>
        Of(new DoorRoute.Proxy(Door.Cluster, "/clusters/kind".Length, "kind"), "/clusters/kind/api/v1/pods",
            authorization, clusterAuthorization, default, providers, protocols, impersonation);

    /// <summary>What a client offers that has <paramref name="token"/> for the bearer sub-protocol.</summary>
    public static WebSocketProtocols Offering(string token) =>
        WebSocketProtocols.Parse($"base64url.bearer.authorization.k8s.io.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(token))}, v5.channel.k8s.io");

    /// <summary>A target that has to be good.</summary>
    public static RequestTarget Target(string raw) =>
        RequestTarget.Parse(raw, 24 * 1024, out var refusal) ?? throw new ArgumentException($"{raw}: {refusal!.Message}", nameof(raw));

    private static InboundRequest Of(
        DoorRoute.Proxy route, string target, StringValues authorization, StringValues clusterAuthorization, StringValues cluster,
        IReadOnlyList<ProviderToken>? providers, WebSocketProtocols? protocols, RequestedImpersonation? impersonation) => new()
        {
            Target = Target(target),
            Route = route,
            Method = "GET",
            Own = new OriginParts("http", "fairlead.test"),
            Upgrade = protocols is null ? UpgradeKind.None : UpgradeKind.WebSocket,
            Authorization = authorization,
            ClusterHeader = cluster,
            ClusterAuthorization = clusterAuthorization,
            ProviderTokens = providers ?? [],
            WebSocketProtocols = protocols ?? WebSocketProtocols.Untouched,
            Connection = default,
            Impersonation = impersonation,
            RemoteAddress = null,
        };
}
