using System.Net;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Upstreams;

namespace Fairlead.Tests.Clusters.Sources;

/// <summary>Sources over the network, asked for real on loopback.</summary>
internal static class Remote
{
    /// <summary>A reader that resolves nothing and has no Google account.</summary>
    public static RemoteSourceReader Reader { get; } = new(
        new ClusterFinder(), static (_, _) => Task.FromResult(new[] { IPAddress.Parse("93.184.215.14") }), static (_, _) => Task.FromResult(new Secret("google")));

    /// <summary>Sources that nobody has asked.</summary>
    public static RemoteSources Nobody() => new(Reader, TimeProvider.System);

    /// <summary>A portal whose catalog has these clusters.</summary>
    public static RawUpstream Portal(params (string Scope, string Name)[] clusters) => PortalWith("google", clusters);

    /// <summary>A portal whose catalog has these clusters, all of them with one provider.</summary>
    public static RawUpstream PortalWith(string provider, params (string Scope, string Name)[] clusters)
    {
        var portal = new RawUpstream();
        var entities = clusters.Select(one => $$"""
            { "metadata": { "name": "{{one.Name}}", "namespace": "{{one.Scope}}", "annotations": { "kubernetes.io/api-server": "https://api.example", "kubernetes.io/auth-provider": "{{provider}}" } } }
            """);
        portal.Respond(RawAnswer.Json(200, $$"""{ "items": [{{string.Join(',', entities)}}], "pageInfo": {} }"""));
        return portal;
    }
}
