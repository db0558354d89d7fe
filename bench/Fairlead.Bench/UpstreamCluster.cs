using System.Globalization;
using Fairlead.Demo;

namespace Fairlead.Bench;

/// <summary>A cluster with one Service, <c>default/web</c>.</summary>
internal static class UpstreamCluster
{
    /// <summary>The token of an account that may do everything in it.</summary>
    public const string Token = "bench-account";

    /// <summary>Starts it, with <paramref name="service"/> behind the Service.</summary>
    public static async Task<DemoCluster> StartAsync(Uri service)
    {
        var cluster = await DemoCluster.StartAsync(new DemoClusterOptions { Empty = true }, CancellationToken.None);
        cluster.LetIn(Token, "gateway", "system:masters");
        cluster.Put("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default"},"spec":{"clusterIP":"None","ports":[{"name":"http","port":80}]} }""");
        cluster.Put(string.Create(CultureInfo.InvariantCulture, $$"""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4","metadata":{"name":"web-1","namespace":"default","labels":{"kubernetes.io/service-name":"web"} },
             "ports":[{"name":"http","port":{{service.Port}}}],"endpoints":[{"addresses":["127.0.0.1"],"conditions":{"ready":true} }]}
            """));
        return cluster;
    }
}
